"""Tapping: whoever records what wires carry is told of it where the bytes pass; usually nobody does, and it costs nothing.

A driver asks for its wire's tap when it opens the wire. The taps belong to the node that runs in this context and to all
tasks that it starts, so that no driver has to be handed anything.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Literal

Way = Literal["out", "in"]
"""Out of the node, or into it."""
Tap = Callable[[Way, bytes | bytearray], None]
"""Told of bytes after they have passed; it must be quick, and may be called from any thread."""
Taps = Callable[[str], Tap | None]
"""Finds the tap of a wire by its name."""

_taps: ContextVar[Taps] = ContextVar("taps", default=lambda wire: None)


def tap_with(taps: Taps) -> None:
    """From here on, in this task and all that it starts, wires have these taps."""
    _taps.set(taps)


def tap_of(wire: str) -> Tap | None:
    """The tap of a wire; None when nobody listens."""
    return _taps.get()(wire)


def gpio_wire(number: int) -> str:
    """A GPIO line as a wire's name."""
    return f"gpio:{number}"
