"""Committing: the store as the owner of the queue uses it. A store that fails is weather: said once, and once when it heals."""

import logging
from collections.abc import Iterable

from controller.metrics import COMMITS
from controller.slip_values import KnownSlip
from controller.store.errors import StoreError
from controller.store.store import Store
from controller.store.thread import StoreThread
from controller.store.writes import Batch

log = logging.getLogger("hallware.controller")


class Commits:
    """Batches into the store, one after the other, in its thread."""

    def __init__(self, store: Store, thread: StoreThread) -> None:
        self._store, self._thread = store, thread
        self.failing = False
        """Whether the last batch could not be stored."""

    async def stored(self, batch: Batch) -> bool:
        """Commit. A batch that cannot be stored has not happened: nobody hears of it, and nodes send their events again."""
        try:
            with COMMITS.time():
                await self._thread.do(self._store.commit, batch)
        except StoreError as error:
            if not self.failing:
                log.error("the store fails, nothing is done until it works again: %s", error)
            self.failing = True
            return False
        if self.failing:
            log.info("the store works again")
        self.failing = False
        return True

    async def slips(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], KnownSlip]:
        """The slips of these templates and numbers, as far as there are such and the store works."""
        try:
            found = [(key, await self._thread.do(self._store.slip, *key)) for key in wanted]
        except StoreError as error:
            log.error("slips cannot be looked up: %s", error)
            return {}
        return {key: slip for key, slip in found if slip is not None}
