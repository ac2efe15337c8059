"""The pulse: a message to oneself through the broker, which proves that the link carries both ways."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contract.topics import Topic
from link.hearing import Heard


@dataclass
class Pulse:
    """Beats that must come back: a connection that leaves `patience` beats in a row unanswered is cut and made anew.

    Counted in beats and not in seconds, since a process that was stopped for a while has missed seconds and no beats.
    """

    topic: Topic[Any]
    levels: Mapping[str, str]
    make: Callable[[int], msgspec.Struct]
    """The message of one beat; no two are equal."""
    every: float = 2.0
    patience: int = 3
    _beat: int = 0
    _sent: list[msgspec.Struct] = field(default_factory=list)

    def next(self) -> msgspec.Struct:
        """The next beat."""
        self._beat += 1
        message = self.make(self._beat)
        self._sent.append(message)
        return message

    @property
    def dead(self) -> bool:
        """Whether the connection has left too many beats unanswered."""
        return len(self._sent) >= self.patience

    def returned(self, heard: Heard[Any]) -> bool:
        """Whether this is one of the unanswered beats; it and all before it are answered then."""
        if heard.message not in self._sent:
            return False
        del self._sent[: self._sent.index(heard.message) + 1]
        return True

    def begin(self) -> None:
        """A new connection owes nothing for the last one."""
        self._sent.clear()
