"""What a text board shall be told next: whatever has changed, a new call first, and then all of it again on schedule."""

from collections.abc import Iterator, Sequence
from math import ceil, inf
from typing import NamedTuple

from devices.text_board import Look
from firmware.agents.board_turns import Face
from firmware.config import StripConfig

REPEAT = 1.0
"""Seconds after which something new is sent once more: if its frame was lost, nobody stays without it until the refresh."""


class Order(NamedTuple):
    """One row's look, or its brightness."""

    row: int
    what: Look | int

    @property
    def place(self) -> tuple[int, bool]:
        """What a later order of the same place replaces."""
        return self.row, isinstance(self.what, int)

    @property
    def is_new_call(self) -> bool:
        """Whether people wait for it."""
        return isinstance(self.what, Look) and self.what.fresh


class Memory:
    """What the board was told last and when, in monotonic seconds. The board may have forgotten it."""

    def __init__(self, refresh: float) -> None:
        """Tell everything again after `refresh` seconds."""
        self._refresh = refresh
        self._told: dict[tuple[int, bool], tuple[Order, float]] = {}

    def forget(self) -> None:
        """Nothing is known to be on the board."""
        self._told.clear()

    def stands(self, order: Order) -> bool:
        """Whether this is what was told last."""
        told = self._told.get(order.place)
        return told is not None and told[0] == order

    def next(self, wanted: Sequence[Order], now: float) -> Order | None:
        """What to tell now: a change, a new call's before others, else what is due again."""
        changes = [order for order in wanted if not self.stands(order)]
        if changes:
            return next((order for order in changes if order.is_new_call), changes[0])
        due = [(self._told[order.place][1], order) for order in wanted if self._told[order.place][1] <= now]
        return min(due, key=lambda each: each[0])[1] if due else None

    def sent(self, order: Order, now: float) -> None:
        """It was told."""
        again = REPEAT if not self.stands(order) else self._refresh
        self._told[order.place] = order, now + min(again, self._refresh)

    def rest(self, now: float) -> float:
        """Seconds until something is due again."""
        return min((at for _, at in self._told.values()), default=inf) - now


def orders(face: Face, config: StripConfig, level: int | None) -> list[Order]:
    """Everything that the board shall be told while `face` and the brightness `level` stand."""
    looks = [Order(row, look) for row, look in enumerate(_looks(face, config))]
    return looks if level is None else [Order(row, level) for row in range(config.rows)] + looks


def readable(face: Face, wanted: Sequence[Order], memory: Memory) -> Face:
    """The part of `face` that the board was told: its other calls cannot be read there yet."""
    told = {order.row for order in wanted if isinstance(order.what, Look) and memory.stands(order)}
    return face._replace(calls=tuple(call for row, call in enumerate(face.calls) if row in told))


def _looks(face: Face, config: StripConfig) -> Iterator[Look]:
    blinks = ceil(config.blink) if config.speaks.blinks else 0
    for row in range(config.rows):
        text = face.rows[row].text if row < len(face.rows) else ""
        fresh = row < len(face.calls) and face.calls[row] in face.fresh
        yield Look(text, blinks if fresh else 0, config.fresh_colour if fresh else config.colour, fresh)
