"""What the commands have in common that run until somebody ends them."""

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine
from typing import Any


def log_on(level: str = "info") -> None:
    """Say on standard error what happens, with the time where nobody else adds it."""
    journal = "JOURNAL_STREAM" in os.environ  # the journal knows the time itself
    form = "%(levelname)s %(name)s: %(message)s" if journal else "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level.upper(), format=form)


def asked_to_stop() -> asyncio.Event:
    """Set by SIGTERM and Ctrl-C, which end nothing by themselves from now on."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def until(stop: asyncio.Event, ended: Coroutine[Any, Any, None]) -> None:
    """Return when asked to stop. What broke the hall is raised here, while the link is up, so that its will speaks."""
    waits: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait()), asyncio.create_task(ended)]
    over, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    for wait in over:
        wait.result()
