"""Rolling up: days that are over are counted, then what is too old is deleted, a day at a time while the hall goes on."""

import asyncio
import logging
from itertools import count

from controller.service import HallService
from controller.store.errors import StoreError

log = logging.getLogger("hallware.controller")

AGAIN = 60.0
"""Seconds after which it is looked for days that are over."""
RARELY = 60
"""So many times it is looked for them until it is looked for what is too old."""


async def keep_rolled(hall: HallService) -> None:
    """Until cancelled. One day is one turn of the store, so that calls come in between."""
    fails = False
    for turn in count():
        try:
            while await hall.roll_up() is not None:
                pass
            while turn % RARELY == 0 and await hall.forget() is not None:
                pass
            fails = False
        except StoreError as error:
            if not fails:
                log.warning("days that are over are not counted until the store works again: %s", error)
            fails = True
        await asyncio.sleep(AGAIN)
