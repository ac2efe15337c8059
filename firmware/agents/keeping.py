"""Keeping facts: records them, knows in words when it could not, and counts what was passed over."""

import logging

from contract.events import Fact
from contract.values import Text
from firmware.station import OutboxFull, Station

log = logging.getLogger(__name__)

TOUCH = Text(zh="请技术人员检查存储卡是否已满或损坏", en="Have a technician check whether the memory card is full or damaged")


class Keeping:
    """Records one agent's facts in the node's outbox."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._said: set[str] = set()
        self.failed = False
        """Whether the last fact could not be kept."""

    async def keep(self, fact: Fact) -> bool:
        """Whether the fact is safe on the disk; one that is not was counted."""
        try:
            await self._station.record(fact)
        except OutboxFull:
            self.missed()
        else:
            self.failed = False
            self._said.clear()
        return not self.failed

    def missed(self) -> None:
        """Something could not be kept for another reason than a full outbox."""
        self._station.count("unkept-event")
        self.failed = True

    def pass_over(self, word: str) -> None:
        """Count something that became no fact; the first of its kind since the last fact is logged."""
        self._station.count(word)
        if word not in self._said:
            self._said.add(word)
            log.info("%s: %s; further ones are only counted", self._station.device, word)
