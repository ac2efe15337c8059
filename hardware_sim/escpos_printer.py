"""A thermal ticket printer: receive buffer, real-time status, mechanism, and the hands that feed and break it."""

import random
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from hardware_sim.errors import CannotDo
from hardware_sim.escpos_interpreter import Interpreter
from hardware_sim.escpos_page import Page, Roll
from hardware_sim.escpos_parser import Item, Parser
from hardware_sim.escpos_status import Condition, Trouble, automatic, changed, realtime
from hardware_sim.escpos_text import Encoding

RECEIVE_BUFFER = 4096
_MOST_REPLIES = 4096
Spoils = Literal["nothing", "bits", "ends"]
_PIECE = 256
_DOTS = {58: 384, 80: 576}
# DLE EOT n, DLE ENQ n, and DLE DC4 8 (clear the buffers) are done when they arrive, whatever else is going on.
_REALTIME = re.compile(rb"\x10(?:\x04([\x01-\x04])|\x05([\x01\x02])|\x14(\x08\x01\x03\x14\x01\x06\x02\x08))", re.DOTALL)
_LONGEST_REALTIME = 10


class Printer:
    """The printer behind its plug. A port feeds it bytes and takes its replies; hands act on it. Safe from any thread."""

    def __init__(
        self,
        *,
        paper: Literal[58, 80] = 80,
        cutter: bool = True,
        chinese: bool = False,
        encoding: Encoding = "gbk",
        bytes_per_second: float | None = None,
        seed: int = 203,
    ) -> None:
        self.roll = Roll(_DOTS[paper])
        self.condition = Condition()
        self.powered = True
        self.mute = False
        """A printer that prints and never answers."""
        self.spoils: Spoils = "nothing"
        """What becomes of its replies on their way."""
        self.received = 0
        """Bytes since the beginning."""
        self._cutter, self._chinese, self._rate = cutter, chinese, bytes_per_second
        self._encoding: Encoding = encoding
        self._chance = random.Random(seed)
        self._lock = threading.RLock()
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._paper_ends: int | None = None
        self._switch_on()

    def _switch_on(self) -> None:
        self._buffer = bytearray()
        self._items: deque[Item] = deque()
        self._parser = Parser()
        self._tail = b""
        self._replies = bytearray()
        self._watched = 0
        self._allowance: float = 0
        self._worked_at: float | None = None
        self.interpreter = Interpreter(
            self.roll,
            cutter=self._cutter,
            chinese=self._chinese,
            encoding=self._encoding,
            condition=lambda: self.condition,
            answer=self._answer,
            watch=self._watch,
            cut=self._cut,
        )

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, in the thread that caused it; the answer stops it."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return stop

    def tell(self) -> None:
        """Let everybody who listens look again."""
        for listener in self._listeners:
            listener()

    # What the port does.

    @property
    def room(self) -> int:
        """Bytes that the receive buffer still takes."""
        return max(0, RECEIVE_BUFFER - len(self._buffer) - len(self._items)) if self.powered else RECEIVE_BUFFER

    def receive(self, data: bytes) -> None:
        """Take bytes off the wire, `room` of them at most; real-time requests are answered at once."""
        with self._lock:
            if not self.powered:
                return
            self.received += len(data)
            self._buffer += data
            seen = self._tail + data
            end = 0
            for request in _REALTIME.finditer(seen):
                end = request.end()
                self._do_now(request, seen[end:])
            self._tail = seen[max(end, len(seen) - _LONGEST_REALTIME + 1) :]

    def work(self, now: float) -> float | None:
        """Print what can be printed by `now` (monotonic seconds); seconds until there is more to do, None for never."""
        with self._lock:
            moved = False
            self._earn(now)
            while self.powered and self.condition.online and self._next_piece():
                self.interpreter.take(self._items.popleft())
                self._look_at_paper()
                moved = True
            wait = self._wait()
        if moved:
            self.tell()
        return wait

    def take_replies(self) -> bytes:
        """What the printer wants to send."""
        with self._lock:
            replies = bytes(self._replies)
            self._replies.clear()
            return replies

    # What a person sees.

    @property
    def busy(self) -> bool:
        """Whether data is waiting in it."""
        return bool(self._buffer or self._items)

    def pages(self) -> list[Page]:
        """The last pages, oldest first, and what hangs from the printer now."""
        with self._lock:
            hanging = self.roll.hanging()
            return [*self.roll.pages, *([hanging] if hanging else [])]

    # Hands.

    def tear(self) -> Page:
        """Tear off what sticks out. Raises `CannotDo` when nothing is printed on it."""
        with self._lock:
            page = self.roll.part("torn")
        if page is None:
            raise CannotDo("nothing printed sticks out of the printer")
        self.tell()
        return page

    def near_end(self) -> None:
        """The roll is thin: the near-end sensor sees it."""
        self._become(paper="near-end")

    def run_out(self, after: float = 0) -> None:
        """The paper ends, now or after so many millimetres more."""
        with self._lock:
            self._paper_ends = self.roll.position + round(8 * after)
            ended = self.roll.position >= self._paper_ends
        if ended:
            self._become(paper="out")

    def load_paper(self) -> None:
        """Put a new roll in; what hung from the printer comes off as a torn page."""
        with self._lock:
            self._paper_ends = None
            self.roll.replace()
        self._become(paper="ok")

    def open_cover(self) -> None:
        """Printing stops until it is closed again."""
        self._become(cover_open=True)

    def close_cover(self) -> None:
        """Printing goes on where it stopped."""
        self._become(cover_open=False)

    def break_down(self, trouble: Trouble) -> None:
        """Paper jams, the cutter jams, the head is too hot, or something worse."""
        self._become(troubles=self.condition.troubles | {trouble})

    def mend(self, *troubles: Trouble) -> None:
        """Clear these troubles, or all of them."""
        self._become(troubles=self.condition.troubles - set(troubles or Trouble))

    def take_offline(self) -> None:
        """Press the pause key: it prints no more and only says that it is offline."""
        self._become(paused=True)

    def put_online(self) -> None:
        """Press the pause key again."""
        self._become(paused=False)

    def power_off(self) -> None:
        """Everything not yet on paper is lost; an error that nothing else clears is over."""
        with self._lock:
            self.powered = False
            lasting = self.condition.troubles - {Trouble.UNRECOVERABLE}
            self.condition = replace(self.condition, paused=False, troubles=lasting)
            self._switch_on()
        self.tell()

    def power_on(self) -> None:
        """As after ESC @, and not a word to the host."""
        with self._lock:
            self.powered = True
        self.tell()

    def slow_down(self, bytes_per_second: float | None) -> None:
        """Print at most so fast; None for as fast as data comes."""
        with self._lock:
            self._rate, self._allowance = bytes_per_second, 0
        self.tell()

    def hush(self, mute: bool) -> None:
        """Stop or start answering."""
        self.mute = mute
        self.tell()

    def spoil(self, how: Spoils) -> None:
        """From now on replies arrive whole, with wrong bits, or without their second half (a single byte not at all)."""
        self.spoils = how
        self.tell()

    def noise(self, count: int = 64) -> None:
        """Send random bytes to the host."""
        with self._lock:
            self._answer(self._chance.randbytes(count))
        self.tell()

    # Inside.

    def _do_now(self, request: re.Match[bytes], behind: bytes) -> None:
        """Clearing drops what came before the request, not what came `behind` it."""
        if request[1]:
            self._answer(realtime(self.condition, request[1][0]))
            return
        if request[3] or request[2] == b"\x02":
            self._buffer[:] = behind
            self._items.clear()
            self._parser = Parser()
        if request[3]:
            self._answer(b"\x37\x25\x00")

    def _next_piece(self) -> bool:
        """Whether there is an item to print, now that as many bytes were read as the speed allows."""
        while not self._items and self._buffer:
            count = _PIECE if self._rate is None else min(_PIECE, int(self._allowance))
            if not count:
                return False
            piece = bytes(self._buffer[:count])
            del self._buffer[:count]
            self._allowance -= len(piece) * (self._rate is not None)
            self._items.extend(self._parser.feed(piece))
        return bool(self._items)

    def _earn(self, now: float) -> None:
        if self._rate is not None and self._worked_at is not None and self._buffer:
            self._allowance = min(self._allowance + (now - self._worked_at) * self._rate, max(1.0, self._rate / 10))
        self._worked_at = now

    def _wait(self) -> float | None:
        if self._rate is None or not self._buffer or not self.powered or not self.condition.online:
            return None
        return max(1 - self._allowance, 0) / self._rate + 0.002

    def _answer(self, data: bytes) -> None:
        if not self.mute and len(self._replies) + len(data) <= _MOST_REPLIES:
            self._replies += self._spoiled(data)

    def _spoiled(self, data: bytes) -> bytes:
        match self.spoils:
            case "nothing":
                return data
            case "bits":
                return bytes(byte ^ self._chance.randrange(1, 256) for byte in data)
            case "ends":
                return data[: len(data) // 2]

    def _watch(self, mask: int) -> None:
        self._watched = mask
        if mask & 0x0F:
            self._answer(automatic(self.condition))

    def _cut(self) -> None:
        self.roll.part("cut")

    def _look_at_paper(self) -> None:
        if self._paper_ends is not None and self.roll.position >= self._paper_ends:
            self._become(paper="out")

    def _become(self, **changes: object) -> None:
        with self._lock:
            before, self.condition = self.condition, replace(self.condition, **changes)  # type: ignore[arg-type]
            if self.powered and changed(before, self.condition) & self._watched:
                self._answer(automatic(self.condition))
        self.tell()
