"""Drills of a board: the self-test that lights every pixel, and the sign by which a board is recognised."""

from collections.abc import Iterable

import msgspec

from contract.values import Id, Token
from devices.lettering import CELL, Row
from firmware.agents.board_turns import Face

Step = tuple[Face, float]
"""What stands, and for how many seconds."""


class Drill(msgspec.Struct, frozen=True):
    """Steps that began at `since` (monotonic seconds); `command` wants to know how they ended."""

    command: Token | None
    steps: tuple[Step, ...]
    since: float

    def face(self, tick: float) -> tuple[Face, float] | None:
        """What stands, and for how many seconds from now; None when the drill is over."""
        left = tick - self.since
        for face, lasts in self.steps:
            if left < lasts - 1e-6:
                return face, lasts - left
            left -= lasts
        return None


class DrillEnd(msgspec.Struct, frozen=True):
    """A drill is over; not `completed` when something more important came between."""

    command: Token
    completed: bool


def name_plate(board: Id, width: int) -> str:
    """As much of the board's id as fits into `width` pixels."""
    cells = width // CELL
    return board if len(board) <= cells else f"{board[: cells - 2]}…"


def self_test(name: str) -> Iterable[Step]:
    """Every pixel, then every other one, then the rest, then the board's `name`."""
    yield Face(pattern="lit"), 1.0
    yield Face(pattern="even"), 0.75
    yield Face(pattern="odd"), 0.75
    yield Face((Row(name),)), 1.0


def identify(name: str, seconds: int) -> Iterable[Step]:
    """The board's `name` and all its light in turn."""
    for _ in range(seconds):
        yield Face(pattern="lit"), 0.4
        yield Face((Row(name),)), 0.6
