"""The printed paper: a roll with lines of marks on it, and the pages that were cut or torn off it.

All distances are dots of a 203 dpi thermal head, 8 to a millimetre. What a page looks like is worked out when somebody
looks at it.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from typing import Literal

from PIL import Image

from hardware_sim.escpos_marks import Line, Mark, QrSymbol
from hardware_sim.escpos_render import draw

HEAD_TO_CUTTER = 96
"""The cutter and the tear bar sit 12 mm behind the head: that much of every page is blank at its top."""
LONGEST_PAGE = 16_000
"""After two metres without a cut the paper falls off by itself."""
PAGES_KEPT = 5

Ending = Literal["open", "cut", "torn"]


@dataclass(frozen=True)
class Page:
    """A piece of paper with what is printed on it; `height` and the lines' tops count from its top edge."""

    id: str
    width: int
    height: int
    lines: tuple[Line, ...]
    ending: Ending

    @property
    def text(self) -> str:
        """The lines as a person reads them; blank ones are left out."""
        whole = (line for line in self.lines if 0 <= 2 * line.top + line.height < 2 * self.height)
        return "\n".join(text for line in whole if (text := line.text))

    @property
    def qr(self) -> tuple[str, ...]:
        """What the QR codes say, from the top."""
        marks = (mark for line in self.lines for _, mark in line.marks)
        return tuple(mark.data.decode("utf-8", "replace") for mark in marks if isinstance(mark, QrSymbol))

    @cached_property
    def image(self) -> Image.Image:
        """The page as a PIL image of mode `1`: paper white, dots black."""
        return draw(self.lines, self.width, self.height)

    @cached_property
    def png(self) -> bytes:
        """The page as a PNG file."""
        file = BytesIO()
        self.image.save(file, "PNG")
        return file.getvalue()


class Roll:
    """Paper under the head; what has passed the cutter can be cut or torn off."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.pages: deque[Page] = deque(maxlen=PAGES_KEPT)
        self.position = 0
        """Where the head stands, in dots since the roll was put in."""
        self._lines: list[Line] = []
        self._edge = -HEAD_TO_CUTTER
        self._made = 0

    def put(self, height: int, marks: Iterable[tuple[int, Mark]]) -> None:
        """Print marks whose tallest is `height` where the head stands; the paper is not moved."""
        if marks := tuple(marks):
            self._lines.append(Line(self.position, height, marks))

    def feed(self, dots: int) -> None:
        """Move the paper forward."""
        self.position += dots
        if self.position - self._edge > LONGEST_PAGE:
            self.part("torn")

    def part(self, ending: Ending, at: int | None = None) -> Page | None:
        """Cut or tear at the cutter, or at another place; the page, or None when nothing is printed on the piece."""
        at = self.position - HEAD_TO_CUTTER if at is None else at
        if at <= self._edge:
            return None
        page = self._piece(ending, at)
        self._lines = [line for line in self._lines if line.top + line.height > at]
        self._edge = at
        if not page.lines:
            return None
        self._made += 1
        self.pages.append(page)
        return page

    def replace(self) -> Page | None:
        """Pull the old paper out, with all that is printed on it, and put a new roll in."""
        page = self.part("torn", self.position)
        self._lines.clear()
        self._edge = self.position - HEAD_TO_CUTTER
        return page

    def hanging(self) -> Page | None:
        """What hangs from the printer now, up to the head; None when nothing is printed on it."""
        page = self._piece("open", self.position)
        return page if page.lines else None

    def _piece(self, ending: Ending, end: int) -> Page:
        """A line that the edge goes through is seen on both pieces, and read where most of it is."""
        lines = tuple(_moved(line, self._edge) for line in self._between(self._edge, end))
        return Page(str(self._made + 1), self.width, end - self._edge, lines, ending)

    def _between(self, start: int, end: int) -> Iterator[Line]:
        return (line for line in self._lines if line.top < end and line.top + line.height > start)


def _moved(line: Line, edge: int) -> Line:
    return replace(line, top=line.top - edge)
