"""Keeping facts: records them, and knows in words when it could not."""

from contract.events import Fact
from contract.values import Text
from firmware.station import OutboxFull, Station

TOUCH = Text(zh="请技术人员检查存储卡是否已满或损坏", en="Have a technician check whether the memory card is full or damaged")


class Keeping:
    """Records one agent's facts in the node's outbox."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.failed = False
        """Whether the last fact could not be kept."""

    async def keep(self, fact: Fact) -> bool:
        """Whether the fact is safe on the disk; one that is not was counted."""
        try:
            await self._station.record(fact)
        except OutboxFull:
            self._station.count("unkept-event")
            self.failed = True
        else:
            self.failed = False
        return not self.failed
