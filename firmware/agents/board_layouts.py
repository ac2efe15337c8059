"""Layouts as data: what kinds of things share a board, and how; node.toml chooses one by its name."""

from typing import Literal

import msgspec


class Layout(msgspec.Struct, frozen=True):
    """One way to fill a board."""

    calls: Literal["window", "recent", "none"]
    """`window`: only those of one window; `recent`: those of its zones or of the hall; `none`: notices alone."""
    together: bool = False
    """As many rows stand one under another as the board has; else one stands alone, as large as it can be."""
    older: bool = False
    """Calls that find no row take turns with those that do."""
    ticker: bool = False
    """On a board of three rows or more the lowest is for notices, or else for the idle text."""
    notices: Literal["in turn", "when idle"] = "in turn"
    """Whether notices stand between the calls or only when there are none."""
    captions: bool = False
    """What loudspeakers say stands while it is said, instead of notices."""
    wraps: bool = False
    """A long text is broken into lines and pages instead of moving through one row."""


LAYOUTS: dict[str, Layout] = {
    # The strip over one window: its number stays where people look for it.
    "window": Layout("window", notices="when idle"),
    # The board of a zone: every recent call has its turn.
    "calls": Layout("recent", together=True, older=True),
    # The main board of several rows: the newest calls with the newest on top, below them the notices.
    "main": Layout("recent", together=True, ticker=True),
    # The notice board: pages of notices and nothing else, but what is urgent pushes all else off.
    "notices": Layout("none", together=True, wraps=True),
    # The board for whoever cannot hear: the text of what is spoken, and notices while nothing is.
    "spoken": Layout("none", together=True, captions=True, wraps=True),
}
