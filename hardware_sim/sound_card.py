"""A sound card with a loudspeaker: plays the samples that a player sends in their own time, and keeps what was heard.

Its wire is a Unix socket at which `hardware_sim.alsa` stands where `aplay` and `amixer` would. One player at a time, as a
hardware device has it. Everything that can happen to a card is a hand; hands may be moved from any thread.
"""

import math
import select
import socket
import sys
import tempfile
import threading
import time
from array import array
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hardware_sim import alsa
from hardware_sim.errors import CannotDo
from hardware_sim.wav_stream import Opened, WavStream

KEPT = 20
"""Recordings kept."""
SLICE = 0.05
"""Seconds played at once."""
GONE, BUSY = "No such device", "Device or resource busy"


@dataclass(frozen=True)
class Recording:
    """What the loudspeaker said from `began` to `ended`, in monotonic seconds: `seconds` of sound at `level`, 0 to 1."""

    number: int
    began: float
    ended: float
    seconds: float
    level: float
    text: str
    pcm: bytes
    rate: int
    whole: bool
    """Whether it was played to its end."""


class SoundCard:
    """One card. `speed` is how many seconds of sound pass in one: more than 1 for those who cannot wait."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self.plugged, self.held, self.blocked, self.muted = True, False, False, False
        self.recordings: deque[Recording] = deque(maxlen=KEPT)
        self.overlaps = 0
        """How often a second player wanted the card while one was playing; it was refused."""
        self.level = 0.0
        self.text = ""
        self.speed = speed
        self._playing, self._number = False, 0
        self._changed = threading.Condition()
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._server: socket.socket | None = None

    @property
    def address(self) -> str:
        """The card's socket."""
        if self._folder is None:
            raise CannotDo("the sound card is not open")
        return str(Path(self._folder.name) / "card")

    def command(self, program: str) -> tuple[str, ...]:
        """What begins `aplay` or `amixer` so that it finds this card."""
        return (sys.executable, "-I", "-S", alsa.__file__, self.address, program)

    def open(self) -> None:
        """Appear."""
        self._folder = tempfile.TemporaryDirectory(prefix="hallware-sound-")
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.address)
        self._server.listen()
        threading.Thread(target=self._accept, args=(self._server,), name="sim-sound", daemon=True).start()

    def close(self) -> None:
        """Vanish. Safe to call twice."""
        self.unplug()
        if self._server is not None and self._folder is not None:
            with suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._folder.cleanup()
            self._server = self._folder = None

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, from any thread; the answer stops it."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return stop

    def turn(self, **states: bool) -> None:
        """Change what is so: `plugged`, `held` by another program, `blocked`, `muted`."""
        with self._changed:
            for name, state in states.items():
                setattr(self, name, state)
            self._changed.notify_all()
        self._tell()

    def unplug(self) -> None:
        """Pull the card out."""
        self.turn(plugged=False)

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), name="sim-sound-line", daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            program, _, _ = _first_line(line).partition(" ")
            if program == "amixer":
                line.sendall(b"open\n0 off\n" if self.muted else b"open\n80 on\n" if self.plugged else f"{GONE}\n".encode())
            elif refusal := self._claim():
                line.sendall(f"{refusal}\n".encode())
            else:
                try:
                    line.sendall(b"open\n")
                    line.sendall(f"{self._play(line)}\n".encode())
                finally:
                    self._playing = False
                    self._show(0.0, "")

    def _claim(self) -> str:
        with self._changed:
            if not self.plugged:
                return GONE
            self.overlaps += self._playing
            if self._playing or self.held:
                return BUSY
            self._playing = True
            return ""

    def _play(self, line: socket.socket) -> str:
        """Play what comes until it ends, and say what a player is told then."""
        stream, began, heard = WavStream(line), time.monotonic(), bytearray()
        opened = stream.open()
        if opened is None:
            return "ok"
        self._show(0.0, opened.text)
        answer = "ok"
        while data := stream.read(int(opened.rate * SLICE) * 2):
            until = time.monotonic() + len(data) / 2 / opened.rate / self.speed
            if not self._passes(until, line):
                answer = GONE
                break
            heard += bytes(len(data)) if self.muted else data
            self._show(loudness(bytes(heard[-len(data) :])), opened.text)
        self._keep(opened, bytes(heard), began, whole=answer == "ok")
        return answer

    def _passes(self, until: float, line: socket.socket) -> bool:
        """Let the time of a slice pass, and longer while the card is blocked; False when card or player are gone meanwhile."""
        with self._changed:
            while self.plugged and not _hung_up(line) and (self.blocked or time.monotonic() < until):
                self._changed.wait(SLICE if self.blocked else min(SLICE, max(0.0, until - time.monotonic())))
            return self.plugged and not _hung_up(line)

    def _keep(self, opened: Opened, pcm: bytes, began: float, *, whole: bool) -> None:
        self._number += 1
        seconds = len(pcm) / 2 / opened.rate
        if seconds > SLICE:
            self.recordings.append(
                Recording(self._number, began, time.monotonic(), seconds, loudness(pcm), opened.text, pcm, opened.rate, whole)
            )

    def _show(self, level: float, text: str) -> None:
        if (level, text) != (self.level, self.text):
            self.level, self.text = level, text
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _hung_up(line: socket.socket) -> bool:
    """Whether the player is gone: what it has not played is dropped, as a sound card does."""
    poll = select.poll()
    poll.register(line, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def _first_line(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\n") and (byte := line.recv(1)):
        said += byte
    return said.decode(errors="replace").strip()


def loudness(pcm: bytes) -> float:
    """Root mean square of signed 16-bit samples, from 0 to 1."""
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768 if samples else 0.0
