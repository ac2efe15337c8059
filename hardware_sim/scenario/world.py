"""The world a scenario plays in, as it needs it: a hall to look at, hands, a dispatcher's voice, a grip on processes, a store."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from contract.dispatch import DispatchReply
from hardware_sim.hall import Hall


class World(Protocol):
    """A running hall."""

    @property
    def hall(self) -> Hall:
        """The newest of everything that can be seen and heard of it."""
        ...

    async def move(self, device: str, hand: str, how: Mapping[str, Any]) -> None:
        """Move a hand and come back when it has moved. Raises `CannotDo`."""
        ...

    async def ask(self, action: Mapping[str, Any]) -> DispatchReply:
        """Ask the controller as a dispatcher. Raises `CannotDo` when it is no action, or no answer comes."""
        ...

    async def process(self, who: str, act: str) -> None:
        """Kill, stop, start, restart, freeze or thaw a process. Raises `CannotDo` when it is not this world's to touch."""
        ...

    async def stored(self, table: str, where: Mapping[str, Any], since: datetime) -> int:
        """Count rows of the controller's store that came since a moment. Raises `CannotDo`."""
        ...
