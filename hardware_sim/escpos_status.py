"""What an ESC/POS printer says of itself: its condition as the status bytes of Epson's command reference."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Paper = Literal["ok", "near-end", "out"]


class Trouble(Enum):
    """Errors that stop the printer, with their bit in DLE EOT 3 and in the second byte of automatic status."""

    JAM = 0x04
    CUTTER = 0x08
    UNRECOVERABLE = 0x20
    HOT = 0x40


@dataclass(frozen=True)
class Condition:
    """How the printer is."""

    paper: Paper = "ok"
    cover_open: bool = False
    troubles: frozenset[Trouble] = frozenset()
    paused: bool = False
    """Taken offline with its own key."""

    @property
    def online(self) -> bool:
        """Whether it prints what it is sent."""
        return self.paper != "out" and not self.cover_open and not self.troubles and not self.paused


_NEAR_OR_OUT_REALTIME = {"ok": 0x00, "near-end": 0x0C, "out": 0x6C}
_NEAR_OR_OUT = {"ok": 0x00, "near-end": 0x03, "out": 0x0F}


def realtime(condition: Condition, which: int) -> bytes:
    """The answer to DLE EOT 1 to 4: one byte with bits 1 and 4 set, bits 0 and 7 clear."""
    causes = {
        1: 0x08 * (not condition.online),
        2: 0x04 * condition.cover_open | 0x20 * (condition.paper == "out") | 0x40 * bool(condition.troubles),
        3: _errors(condition),
        4: _NEAR_OR_OUT_REALTIME[condition.paper],
    }
    return bytes((0x12 | causes[which],))


def transmitted(condition: Condition, which: int) -> bytes:
    """The answer to GS r: 1 paper, 2 drawer, 4 ink; nothing to any other."""
    if which in (1, 49):
        return bytes((_NEAR_OR_OUT[condition.paper],))
    return b"\x00" if which in (2, 50, 4, 52) else b""


def automatic(condition: Condition) -> bytes:
    """Automatic status (GS a): four bytes, of which only the first has bit 4 set."""
    first = 0x10 | 0x08 * (not condition.online) | 0x20 * condition.cover_open
    return bytes((first, _errors(condition), _NEAR_OR_OUT[condition.paper], 0x0F))


def changed(before: Condition, after: Condition) -> int:
    """What changed, as the bits by which GS a chooses: 2 on/offline, 4 error, 8 paper."""
    return (
        0x02 * (before.online != after.online or before.cover_open != after.cover_open)
        | 0x04 * (before.troubles != after.troubles)
        | 0x08 * (before.paper != after.paper)
    )


def _errors(condition: Condition) -> int:
    return sum(trouble.value for trouble in condition.troubles)
