"""A serial line with its far ends: a pseudo-terminal served by a thread, and everything that can happen to a cable.

Several far ends may hang on one line, as on an RS-485 bus: each hears every byte that the node sends, and what two of them
say at the same time comes out one after the other. A real collision is garbage; `noise` makes that.
"""

import os
import select
import termios
import threading
import time
from random import Random
from typing import Protocol

from hardware_sim.escpos_plugs import Terminal
from hardware_sim.watched import Watched

MOST_UNSENT = 4096
CHUNK = 4096
BURST = 0.05
"""Seconds' worth of bytes that a slow line takes at once."""


class FarEnd(Protocol):
    """What hangs on a line. Everything is called with the line's lock held, from its thread."""

    def hear(self, data: bytes, now: float) -> bytes:
        """Bytes from the node, cut anyhow; what is answered at once."""
        ...

    def work(self, now: float) -> tuple[bytes, float | None]:
        """What it says by itself now, and the monotonic time at which it wants to be asked again, if at all."""
        ...


class SerialLine(Watched):
    """One line. Its hands may be moved from any thread."""

    def __init__(self, *far_ends: FarEnd, seed: int = 1) -> None:
        super().__init__()
        self.lock = threading.RLock()
        """Held while a far end hears or works; hold it to change one from outside."""
        self.plugged = True
        self.heard = 0
        """Bytes that came from the node."""
        self._far_ends = list(far_ends)
        self._terminal = Terminal()
        self._chance = Random(seed)
        self._unsent = b""
        self._silent = self._blocked = False
        self._pace: float | None = None
        self._truncated = self._corrupted = self._garbled = 0
        self._may_take, self._took_at = 0.0, 0.0
        self._thread: threading.Thread | None = None
        self._closing = False
        self._wake = -1

    @property
    def address(self) -> str | None:
        """The pseudo-terminal's name; None while the cable is pulled."""
        return self._terminal.address if self.plugged else None

    @property
    def faults(self) -> list[str]:
        """What is wrong with the line now, by the names of the hands."""
        present = {
            "unplug": not self.plugged, "silence": self._silent, "block": self._blocked, "slow": self._pace is not None,
            "truncate": self._truncated > 0, "corrupt": self._corrupted > 0, "garble": self._garbled > 0,
        }  # fmt: skip
        return [name for name, there in present.items() if there]

    def join(self, far_end: FarEnd) -> None:
        """Hang one more far end on the line."""
        with self.lock:
            self._far_ends.append(far_end)

    def open(self) -> None:
        """Appear and start serving."""
        self._closing = False
        if self.plugged:
            self._terminal.open()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._serve, name="sim-serial", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and vanish. Safe to call twice."""
        if self._thread is not None:
            self._closing = True
            self.rouse()
            self._thread.join()
            self._thread = None
            os.close(self._wake)
            self._terminal.close()

    def play(self, data: bytes, now: float) -> None:
        """The far ends hear bytes that a node once sent; what they answer goes nowhere."""
        with self.lock:
            for far_end in self._far_ends:
                far_end.hear(data, now)
        self.changed()

    def say(self, data: bytes) -> None:
        """A far end speaks by itself: a key was pressed."""
        with self.lock:
            self._send(data)
        self.rouse()

    def rouse(self) -> None:
        """Ask the far ends at once whether they have something to do."""
        if self._thread is not None and threading.current_thread() is not self._thread:
            os.eventfd_write(self._wake, 1)

    # What can happen to a cable.

    def unplug(self) -> None:
        """Pull the cable: the node's end gets an error."""
        with self.lock:
            self.plugged = False
            self._unsent = b""
            self._terminal.close()
        self._touched()

    def plug(self) -> None:
        """Put it back; the terminal has a new name then, as a serial adapter has a new device node."""
        with self.lock:
            self.plugged = True
            if self._thread is not None:
                self._terminal.open()
                self._hold_back()
        self._touched()

    def noise(self, count: int = 64) -> None:
        """Send so many random bytes to the node."""
        with self.lock:
            self._unsent += self._chance.randbytes(count)
        self._touched()

    def silence(self) -> None:
        """Nothing reaches the node any more."""
        self._set("_silent", True)

    def answer(self) -> None:
        """Answers reach the node again."""
        self._set("_silent", False)

    def truncate(self, frames: int = 1) -> None:
        """The next frames to the node end in their middle."""
        self._set("_truncated", frames)

    def corrupt(self, frames: int = 1) -> None:
        """One bit of each of the next frames to the node is wrong."""
        self._set("_corrupted", frames)

    def garble(self, frames: int = 1) -> None:
        """One bit of each of the next chunks from the node is wrong."""
        self._set("_garbled", frames)

    def slow(self, bytes_per_second: float = 100) -> None:
        """Take only so many bytes a second from the node."""
        self._set("_pace", bytes_per_second)

    def full_speed(self) -> None:
        """Take bytes as they come."""
        self._set("_pace", None)

    def block(self) -> None:
        """Take nothing more: the node's writes stand still."""
        self._set("_blocked", True)

    def unblock(self) -> None:
        """Take again what the node sends."""
        self._set("_blocked", False)

    # Inside.

    def _set(self, what: str, value: object) -> None:
        with self.lock:
            setattr(self, what, value)
            self._hold_back()
        self._touched()

    def _touched(self) -> None:
        self.rouse()
        self.changed()

    def _hold_back(self) -> None:
        """Stop or start the output of the node's end, as flow control would."""
        if (there := self._terminal.there) is not None:
            termios.tcflow(there, termios.TCOOFF if self._blocked else termios.TCOON)

    def _serve(self) -> None:
        until: float | None = None
        while not self._closing:
            self._sleep(until)
            with self.lock:
                now = time.monotonic()
                if data := self._take(now):
                    self._hear(data, now)
                until = self._work(now)
                if self._unsent:
                    self._unsent = self._unsent[self._terminal.write(self._unsent) :][-MOST_UNSENT:]
            if data:
                self.changed()

    def _sleep(self, until: float | None) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        with self.lock:
            for descriptor, events in self._terminal.wants(0 if self._pace else CHUNK, bool(self._unsent)).items():
                poll.register(descriptor, events)
        if self._pace:
            until = min(until or time.monotonic() + 1, time.monotonic() + max(0.01, 1 / self._pace))
        wait = None if until is None else max(0.0, until - time.monotonic())
        if any(descriptor == self._wake for descriptor, _ in poll.poll(None if wait is None else 1000 * wait)):
            os.eventfd_read(self._wake)

    def _take(self, now: float) -> bytes:
        if self._pace is None:
            return self._terminal.read(CHUNK)
        self._may_take = min(max(1.0, self._pace * BURST), self._may_take + (now - self._took_at) * self._pace)
        self._took_at = now
        data = self._terminal.read(int(self._may_take)) if self._may_take >= 1 else b""
        self._may_take -= len(data)
        return data

    def _hear(self, data: bytes, now: float) -> None:
        self.heard += len(data)
        if self._garbled:
            self._garbled -= 1
            data = self._with_a_wrong_bit(data)
        for far_end in self._far_ends:
            self._send(far_end.hear(data, now))

    def _work(self, now: float) -> float | None:
        nexts = []
        for far_end in self._far_ends:
            said, again = far_end.work(now)
            self._send(said)
            nexts.append(again)
        return min((again for again in nexts if again is not None), default=None)

    def _send(self, data: bytes) -> None:
        if not data or self._silent or not self.plugged:
            return
        if self._truncated:
            self._truncated -= 1
            data = data[: len(data) // 2]
        if self._corrupted:
            self._corrupted -= 1
            data = self._with_a_wrong_bit(data)
        self._unsent += data

    def _with_a_wrong_bit(self, data: bytes) -> bytes:
        if not data:
            return data
        at = self._chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << self._chance.randrange(8)]) + data[at + 1 :]
