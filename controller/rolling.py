"""Rolling up: days that are over are counted, one after the other, while the hall goes on."""

import asyncio
import logging

from controller.service import HallService
from controller.store.errors import StoreError

log = logging.getLogger("hallware.controller")

AGAIN = 60.0
"""Seconds after which it is looked for days that are over."""


async def keep_rolled(hall: HallService) -> None:
    """Until cancelled. One day is one turn of the store, so that calls come in between."""
    fails = False
    while True:
        try:
            day = await hall.roll_up()
        except StoreError as error:
            if not fails:
                log.warning("days that are over are not counted until the store works again: %s", error)
            fails, day = True, None
        else:
            fails = False
        if day is None:
            await asyncio.sleep(AGAIN)
