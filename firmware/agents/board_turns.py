"""Pages of a board in turn: how long each stands, how a fresh call blinks, how a text wider than the board moves."""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Literal, NamedTuple

from contract.values import Token
from devices.lettering import Row
from firmware.agents.board_sheet import Sheet
from firmware.agents.board_words import Measure

REST = 1.0
"""Seconds that a moving text rests at its beginning and at its end."""
MOST_FRAMES = 50.0
"""Frames a second of a moving text."""
_EARLY = 1e-6


class Page(NamedTuple):
    """Rows of text that stand together; `calls` names the call of each row from the top on, as far as they are calls."""

    texts: tuple[str, ...]
    calls: tuple[Token, ...] = ()


class Face(NamedTuple):
    """What a board shows at one moment; `calls` are those that can be read on it."""

    rows: tuple[Row, ...] = ()
    calls: tuple[Token, ...] = ()
    pattern: Literal["text", "lit", "even", "odd"] = "text"
    fresh: frozenset[Token] = frozenset()
    """The calls among them that blink now."""


DARK = Face()


class _Stand(NamedTuple):
    """The page that stands, with what need not be worked out again for every frame of it."""

    page: Page
    since: float
    excess: tuple[int, ...]
    """Pixels by which each row is wider than the board."""
    travel: float
    """Seconds that the widest row moves."""
    scale: int


class Turns:
    """Whose turn it is. Times are monotonic seconds."""

    def __init__(self, sheet: Sheet, measure: Measure) -> None:
        """`measure` gives a text's width in the unit of the sheet's."""
        self._width, self._largest, self._measure = sheet.width, sheet.largest, measure
        self._page, self._blink, self._half = sheet.page, sheet.blink, sheet.half_blink
        self._scroll = sheet.scroll or 1.0
        self._moves = sheet.scroll is not None
        self._frames = min(self._scroll, MOST_FRAMES)
        # Calls that have yet to blink; one whose blinking was cut short by a newer one blinks in its next turn.
        self._fresh: set[Token] = set()
        self._pages: tuple[Page, ...] = ()
        self._stand: _Stand | None = None

    def take(self, pages: Sequence[Page], tick: float) -> None:
        """From now on these pages take turns; the one that stands stays, if it is still among them."""
        self._pages = tuple(pages)
        if self._stand is None or self._stand.page not in self._pages:
            self._put(self._pages[0] if self._pages else None, tick)

    def interrupt(self, page: Page, call: Token, tick: float) -> None:
        """A new call: its page stands now, whoever's turn it was, and blinks. `take` may follow later."""
        self._put(page, tick)
        self._fresh.add(call)

    def freshen(self, call: Token) -> None:
        """A new call that has no page yet: it will blink in its first turn."""
        self._fresh.add(call)

    def forget(self, calls: Iterable[Token]) -> None:
        """These are not new any more."""
        self._fresh.difference_update(calls)

    def face(self, tick: float) -> tuple[Face, float]:
        """What stands at `tick`, and when that changes next (`inf`: not by itself)."""
        if self._stand and tick - self._stand.since >= self._lasts(self._stand) - _EARLY:
            self._put(self._next(self._stand.page), tick)
        if (stand := self._stand) is None:
            return DARK, inf
        elapsed, blinking = tick - stand.since, self._blinking(stand.page)
        if elapsed < blinking - _EARLY:
            half = int((elapsed + _EARLY) / self._half)
            due = min((half + 1) * self._half, blinking)
            return self._laid_out(stand, 0.0, lit=half % 2 == 0, blinks=True), stand.since + due
        moving = elapsed - blinking - REST
        due = min(blinking + REST + self._next_step(stand, moving), self._ends(stand))
        return self._laid_out(stand, max(moving, 0.0), lit=True), stand.since + due

    def _put(self, page: Page | None, tick: float) -> None:
        """The standing page goes; if its fresh calls have blinked, they are not fresh any more."""
        old = self._stand
        if old and tick - old.since >= self._blinking(old.page) - _EARLY:
            self.forget(old.page.calls)
        if page is None:
            self._stand = None
            return
        widths = [self._measure(text) for text in page.texts]
        excess = tuple(max(0, width - self._width) if self._moves else 0 for width in widths)
        # A single row is set as large as the board allows without moving it.
        scale = max(1, min(self._largest, self._width // max(widths[0], 1))) if len(widths) == 1 else 1
        self._stand = _Stand(page, tick, excess, max(excess) / self._scroll, scale)

    def _next(self, page: Page) -> Page | None:
        if not self._pages:
            return None
        turn = self._pages.index(page) + 1 if page in self._pages else 0
        return self._pages[turn % len(self._pages)]

    def _blinking(self, page: Page) -> float:
        return 0.0 if self._fresh.isdisjoint(page.calls) else self._blink

    def _lasts(self, stand: _Stand) -> float:
        standing = max(self._page, stand.travel + 2 * REST) if stand.travel else self._page
        return self._blinking(stand.page) + standing

    def _ends(self, stand: _Stand) -> float:
        """When the page's turn ends; a lone page that neither moves nor blinks stands for ever."""
        return inf if self._pages == (stand.page,) and not stand.travel else self._lasts(stand)

    def _next_step(self, stand: _Stand, moving: float) -> float:
        if not stand.travel or moving >= stand.travel - _EARLY:
            return inf
        return 0.0 if moving < -_EARLY else (int((moving + _EARLY) * self._frames) + 1) / self._frames

    def _laid_out(self, stand: _Stand, moving: float, *, lit: bool, blinks: bool = False) -> Face:
        texts, calls = stand.page
        offset = int(int((moving + _EARLY) * self._frames) * self._scroll / self._frames) if moving else 0
        shining = [lit or call not in self._fresh for call in calls] + [True] * (len(texts) - len(calls))
        lines = zip(texts, stand.excess, shining, strict=True)
        rows = tuple([Row(text, stand.scale, min(offset, excess), shines) for text, excess, shines in lines])
        fresh = self._fresh.intersection(calls) if blinks else ()
        return Face(rows, tuple([call for call, shines in zip(calls, shining, strict=False) if shines]), fresh=frozenset(fresh))
