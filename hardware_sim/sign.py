"""A sign: an LED strip, text card or digit board at the end of its wire, with what it shows and what can happen to it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from hardware_sim.errors import CannotDo
from hardware_sim.sign_frames import READERS, Digits, Dim, Frame, Message, Readdress, Stream, Text

Segment = Literal["a", "b", "c", "d", "e", "f", "g"]
BRIGHTEST = 3


@dataclass(frozen=True, slots=True)
class Place:
    """One row of a sign."""

    text: str = ""
    colour: str = "red"
    blinks: int = 0
    """How often it blinks when the text has come; -1 for ever."""
    effect: str = "still"
    came: float = 0.0


class Sign:
    """`rows` rows of `columns` cells; the rows have the addresses from `address` on. Speaks never, as such boards do."""

    def __init__(self, dialect: str, address: int, *, columns: int, rows: int = 1, stacked: bool = False, seed: int = 8) -> None:
        self.dialect, self.address, self.columns, self.stacked = dialect, address, columns, stacked
        self.places = [Place() for _ in range(rows)]
        self.brightness = BRIGHTEST
        self.counts: Counter[str] = Counter()
        self.on_change: Callable[[], None] = lambda: None
        self._stream = Stream(READERS[dialect])
        self._chance = Random(seed)
        self._lost = self._cut = self._garbled = 0
        self._dead_columns: set[int] = set()
        self._dead_segments: set[str] = set()

    @property
    def digital(self) -> bool:
        """Whether it shows digits of seven segments."""
        return self.dialect.startswith("digits")

    # The wire.

    def hear(self, data: bytes, now: float) -> bytes:
        """Bytes from the node; there is never an answer."""
        for frame in self._stream.feed(self._harmed(data), now):
            self._take(frame, now)
        return b""

    def work(self, now: float) -> tuple[bytes, float | None]:
        """It does nothing by itself."""
        return b"", None

    def _harmed(self, data: bytes) -> bytes:
        """What is left of a burst of bytes after the way."""
        if self._lost:
            self._lost -= 1
            return b""
        if self._cut:
            self._cut -= 1
            data = data[: len(data) // 2]
        if self._garbled:
            self._garbled -= 1
            at = self._chance.randrange(len(data) or 1)
            data = data[:at] + bytes(byte ^ 1 << self._chance.randrange(8) for byte in data[at : at + 1]) + data[at + 1 :]
        return data

    def _take(self, frame: Frame, now: float) -> None:
        if frame.message is None:
            self.counts[f"refused: {frame.why}"] += 1
        elif self._obey(frame.message, now):
            self.counts["taken"] += 1
        self.on_change()

    def _obey(self, message: Message, now: float) -> bool:
        match message:
            case Text(stacked=stacked) if stacked is not None and stacked != self.stacked:
                self.counts["refused: form"] += 1
                return False
            case Text():
                return self._show(message, now)
            case Digits():
                shown = Place(self._number(message.number), message.colour, came=now)
                return self._put(self.address if message.address is None else message.address, shown)
            case Dim():
                return self._dim(message)
            case Readdress():
                return self._readdress(message)

    def _show(self, message: Text, now: float) -> bool:
        row = message.address - self.address
        if not 0 <= row < len(self.places):
            return False
        if len(message.raw) > self.columns:
            self.counts["too long"] += 1
        text = message.raw.decode("gbk", "replace")
        if self.dialect == "queue":
            # Only as many characters from the left are replaced as were sent.
            text += self.places[row].text[len(text) : self.columns]
        return self._put(message.address, Place(text, message.colour, message.blinks, message.effect, now))

    def _put(self, address: int, place: Place) -> bool:
        row = address - self.address
        if 0 <= row < len(self.places):
            self.places[row] = place
            return True
        return False

    def _dim(self, message: Dim) -> bool:
        if 0 <= message.address - self.address < len(self.places):
            self.brightness = message.level
            return True
        return False

    def _readdress(self, message: Readdress) -> bool:
        if message.old in (None, self.address):
            self.address = message.new
            return True
        return False

    def _number(self, number: int) -> str:
        """A number that needs more digits than there are shows as dashes, as panel meters do."""
        return "-" * self.columns if number >= 10**self.columns else f"{number:0{self.columns}d}"

    # What can happen to it.

    def lose(self, frames: int = 1) -> None:
        """The next frames get lost on the way."""
        self._lost = frames
        self.on_change()

    def truncate(self, frames: int = 1) -> None:
        """Of the next frames only the first half comes through."""
        self._cut = frames
        self.on_change()

    def garble(self, frames: int = 1) -> None:
        """One bit of each of the next frames is wrong."""
        self._garbled = frames
        self.on_change()

    def noise(self, count: int, now: float) -> None:
        """So many random bytes come in."""
        for frame in self._stream.feed(self._chance.randbytes(count), now):
            self._take(frame, now)

    def power_cut(self) -> None:
        """The supply is gone for a moment: it comes back dark, at full brightness, and knows nothing."""
        self.places = [Place() for _ in self.places]
        self.brightness = BRIGHTEST
        self._stream = Stream(READERS[self.dialect])
        self.on_change()

    def kill_column(self, x: int) -> None:
        """A cell goes dark in every row."""
        if not 0 <= x < self.columns:
            raise CannotDo(f"there is no cell {x}; they are 0 to {self.columns - 1}")
        self._dead_columns.add(x)
        self.on_change()

    def kill_segment(self, segment: str) -> None:
        """One segment of one digit goes dark: `0a` is the top one of the left digit."""
        digit, name = segment[:-1], segment[-1:]
        if not digit.isdecimal() or int(digit) >= self.columns or name not in "abcdefg":
            raise CannotDo(f"there is no segment `{segment}`; they are 0a to {self.columns - 1}g")
        self._dead_segments.add(segment)
        self.on_change()

    def mend(self) -> None:
        """Put new LEDs in."""
        self._dead_columns.clear()
        self._dead_segments.clear()
        self.on_change()

    # What is seen.

    def texts(self) -> list[str]:
        """The rows as they can be read, without spaces at their ends."""
        return [place.text.rstrip() for place in self.places]

    def seen(self, wire: Sequence[str] = ()) -> dict[str, Any]:
        """All that a person sees, ready for JSON; `wire` says what is wrong with the cable."""
        return {
            "dialect": self.dialect,
            "digital": self.digital,
            "address": self.address,
            "columns": self.columns,
            "text": "\n".join(self.texts()),
            "rows": [self._row(place) for place in self.places],
            "brightness": self.brightness,
            "dead": sorted(self._dead_columns),
            "dead_segments": sorted(self._dead_segments),
            "counts": dict(sorted(self.counts.items())),
            "faults": [*wire, *self.faults()],
        }

    def faults(self) -> list[str]:
        """What is wrong here now, as short words for a technician."""
        present = {"lose": self._lost, "truncate": self._cut, "garble": self._garbled}
        found = [f"{name} {left}" for name, left in present.items() if left]
        found += [f"dead column {x}" for x in sorted(self._dead_columns)]
        return found + [f"dead segment {segment}" for segment in sorted(self._dead_segments)]

    def _row(self, place: Place) -> dict[str, Any]:
        shown = replace(place, text=place.text.rstrip())
        return {"text": shown.text, "colour": shown.colour, "blinks": shown.blinks, "effect": shown.effect}
