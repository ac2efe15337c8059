"""Saying how the hall is now, every few seconds, where others may look: in a PostgreSQL, which several halls share."""

import asyncio
import logging

from controller.service import HallService
from controller.store.errors import StoreError

log = logging.getLogger("hallware.controller")

SOON = 2.0
"""Seconds after which a change is told."""
AT_LEAST = 5.0
"""Seconds after which it is told that nothing has changed."""


async def keep_told(hall: HallService) -> None:
    """Until cancelled. Not for a hall in a file of its own, which has nobody to tell."""
    loop, said, fails, last = asyncio.get_running_loop(), -1, False, 0.0
    while True:
        version = hall.view().version
        if version != said or loop.time() - last >= AT_LEAST:
            try:
                await hall.tell_city()
                said, last, fails = version, loop.time(), False
            except StoreError as error:
                if not fails:
                    log.warning("nobody outside is told how the hall is, until the store works again: %s", error)
                fails = True
        await asyncio.sleep(SOON)
