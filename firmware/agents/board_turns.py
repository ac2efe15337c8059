"""Pages of a board in turn: how long each stands, how a fresh call blinks, how a text wider than the board moves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from contract.values import Token
from devices.lettering import SIZE, Row
from firmware.agents.board_words import Measure

HALF_BLINK = 0.5
"""Seconds lit, and as many dark, while a call blinks."""
REST = 1.0
"""Seconds that a moving text rests at its beginning and at its end."""
MOST_FRAMES = 50.0
"""Frames a second of a moving text."""
_EARLY = 1e-6


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of text that stand together; `calls` names the call of each row, if they are calls."""

    texts: tuple[str, ...]
    calls: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """What a board shows at one moment; `calls` are those that can be read on it."""

    rows: tuple[Row, ...] = ()
    calls: tuple[Token, ...] = ()
    pattern: Literal["text", "lit", "even", "odd"] = "text"


DARK = Face()


@dataclass(slots=True)
class Turns:
    """Whose turn it is. Times are monotonic seconds."""

    width: int
    height: int
    page: float
    blink: float
    scroll: float
    measure: Measure
    fresh: set[Token] = field(default_factory=set)
    """Calls that have yet to blink; a call whose blinking was cut short by a newer one blinks in its next turn."""
    _pages: tuple[Page, ...] = ()
    _turn: int = 0
    _since: float = 0.0

    def take(self, pages: Sequence[Page], tick: float) -> None:
        """From now on these pages take turns; the one that stands stays, if it is still among them."""
        standing = self._standing
        if tuple(pages) == self._pages:
            return
        if standing not in pages:
            self._finish(tick)
        self._pages = tuple(pages)
        if standing in self._pages:
            self._turn = self._pages.index(standing)
        else:
            self._turn, self._since = 0, tick

    def jump(self, call: Token, tick: float) -> None:
        """A new call: it blinks now, whoever's turn it was; when it has no page now, in its first turn."""
        turn = next((turn for turn, page in enumerate(self._pages) if call in page.calls), None)
        if turn is not None:
            self._finish(tick)
            self._turn, self._since = turn, tick
        self.fresh.add(call)

    def forget(self, calls: Iterable[Token]) -> None:
        """These are not new any more."""
        self.fresh.difference_update(calls)

    def face(self, tick: float) -> tuple[Face, float]:
        """What stands at `tick`, and when that changes next (`inf`: not by itself)."""
        if (page := self._standing) is None:
            return DARK, inf
        if tick - self._since >= self._lasts(page) - _EARLY:
            self._finish(tick)
            self._turn, self._since = (self._turn + 1) % len(self._pages), tick
            page = self._pages[self._turn]
        elapsed = tick - self._since
        blinking = self._blinking(page)
        if elapsed < blinking - _EARLY:
            half = int((elapsed + _EARLY) / HALF_BLINK)
            due = min((half + 1) * HALF_BLINK, blinking)
            return self._laid_out(page, 0.0, lit=half % 2 == 0), self._since + due
        moving = elapsed - blinking - REST
        due = blinking + REST + self._next_step(page, moving)
        return self._laid_out(page, max(moving, 0.0), lit=True), self._since + min(due, self._ends(page))

    @property
    def _standing(self) -> Page | None:
        return self._pages[self._turn] if self._pages else None

    def _finish(self, tick: float) -> None:
        """The standing page goes; if its fresh calls have blinked, they are not fresh any more."""
        if (page := self._standing) and tick - self._since >= self._blinking(page) - _EARLY:
            self.forget(page.calls)

    def _blinking(self, page: Page) -> float:
        return self.blink if self.fresh.intersection(page.calls) else 0.0

    def _excess(self, text: str) -> int:
        return max(0, self.measure(text) - self.width)

    def _travel(self, page: Page) -> float:
        """Seconds that the widest row moves."""
        return max(map(self._excess, page.texts), default=0) / self.scroll

    def _lasts(self, page: Page) -> float:
        travel = self._travel(page)
        return self._blinking(page) + max(self.page, travel + 2 * REST if travel else 0.0)

    def _ends(self, page: Page) -> float:
        """When the page's turn ends; a lone page that neither moves nor blinks stands for ever."""
        alone = len(self._pages) == 1 and not self._travel(page)
        return inf if alone else self._lasts(page)

    @property
    def _frames(self) -> float:
        return min(self.scroll, MOST_FRAMES)

    def _next_step(self, page: Page, moving: float) -> float:
        if moving < -_EARLY:
            return 0.0 if self._travel(page) else inf
        if moving >= self._travel(page) - _EARLY:
            return inf
        return (int((moving + _EARLY) * self._frames) + 1) / self._frames

    def _laid_out(self, page: Page, moving: float, *, lit: bool) -> Face:
        offset = int(int((moving + _EARLY) * self._frames) * self.scroll / self._frames)
        scale = self._scale(page)
        shining = [lit or call not in self.fresh for call in page.calls] or [True] * len(page.texts)
        rows = tuple(
            Row(text, scale, min(offset, self._excess(text)), shines) for text, shines in zip(page.texts, shining, strict=True)
        )
        return Face(rows, tuple(call for call, shines in zip(page.calls, shining, strict=False) if shines))

    def _scale(self, page: Page) -> int:
        """A single row is set as large as the board allows without moving it."""
        if len(page.texts) != 1:
            return 1
        return max(1, min(self.height // SIZE, self.width // max(self.measure(page.texts[0]), 1)))
