"""The printer's plug: a pseudo-terminal, a USB printer port or a TCP socket, served by a thread that mostly sleeps."""

import os
import select
import shutil
import socket
import tempfile
import termios
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from hardware_sim.escpos_printer import Printer

T = TypeVar("T")
_MOST_UNSENT = 4096
_PATIENCE = 5.0


class Line(Protocol):
    """One kind of plug; nothing in it blocks."""

    needs_power: bool
    """Whether it is there only while the printer has power."""

    @property
    def address(self) -> str:
        """Where a client finds it."""
        ...

    def open(self) -> None:
        """Appear."""
        ...

    def close(self) -> None:
        """Vanish. Safe to call twice."""
        ...

    def wants(self, room: int, unsent: bool) -> dict[int, int]:
        """What to wait for: poll events by file descriptor."""
        ...

    def read(self, size: int) -> bytes:
        """What has come in; empty when nothing has."""
        ...

    def write(self, data: bytes) -> int:
        """Send what can be sent now; how many bytes were taken."""
        ...

    def hold(self, back: bool) -> None:
        """Whether flow control holds the client back, where the plug has it."""
        ...


class Terminal:
    """A raw pseudo-terminal. A client opens `address` as it would a serial port; a full receive buffer holds it back."""

    needs_power = False

    def __init__(self) -> None:
        self._ends: tuple[int, int] | None = None
        self.address = ""

    @property
    def there(self) -> int | None:
        """The client's end, which stays open here too; None while it has vanished."""
        return None if self._ends is None else self._ends[1]

    def open(self) -> None:
        """Appear under a new name."""
        if self._ends is None:
            here, there = os.openpty()
            tty.setraw(there)
            os.set_blocking(here, False)
            # The far end stays open here too: without it reading would fail whenever no client is there.
            self._ends, self.address = (here, there), os.ttyname(there)

    def close(self) -> None:
        """Hang up: a client that has it open gets an error."""
        if self._ends is not None:
            for end in self._ends:
                os.close(end)
            self._ends = None

    def wants(self, room: int, unsent: bool) -> dict[int, int]:
        """Reading while there is room, writing while there is something unsent."""
        if self._ends is None:
            return {}
        return {self._ends[0]: (select.POLLIN if room else 0) | (select.POLLOUT if unsent else 0)}

    def read(self, size: int) -> bytes:
        """What has come in."""
        return b"" if self._ends is None else _tried(os.read, self._ends[0], size) or b""

    def write(self, data: bytes) -> int:
        """Send what the terminal takes; to nobody it is all gone."""
        return len(data) if self._ends is None else _tried(os.write, self._ends[0], data) or 0

    def hold(self, back: bool) -> None:
        """Stop the client's side as XOFF does: the kernel takes no more bytes from it."""
        if self._ends is not None:
            termios.tcflow(self._ends[1], termios.TCOOFF if back else termios.TCOON)


class UsbPort(Terminal):
    """A USB printer port: a pseudo-terminal under a name like the kernel's, `lp0`; it is there only while the printer has power.

    Each time it appears under the next number, as a real one may; the kernel's `usblp` has no line settings, so it shows none.
    """

    needs_power = True

    def __init__(self) -> None:
        super().__init__()
        self._folder: Path | None = None
        self._number = 0

    def open(self) -> None:
        """Appear under the next name."""
        if self._ends is None:
            super().open()
            self._folder = self._folder or Path(tempfile.mkdtemp(prefix="sim-usb-"))
            link = self._folder / f"lp{self._number}"
            link.symlink_to(self.address)
            self.address, self._number = str(link), self._number + 1

    def close(self) -> None:
        """Vanish."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        super().close()


class Network:
    """A network printer: one client at a time, the next one waits; without power nothing listens."""

    needs_power = True

    def __init__(self) -> None:
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """`tcp://127.0.0.1:port`; the port stays over closing and opening."""
        return f"tcp://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listen."""
        if self._listener is None:
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # A small window, so that a printer that does not read holds its client back as a real one does.
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self._listener.bind(("127.0.0.1", self._port))
            self._listener.listen(4)
            self._listener.setblocking(False)
            self._port = self._listener.getsockname()[1]

    def close(self) -> None:
        """Cut the connection and stop listening."""
        self._drop()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def wants(self, room: int, unsent: bool) -> dict[int, int]:
        """A client while there is none; then what it says."""
        if self._client is not None:
            return {self._client.fileno(): (select.POLLIN if room else 0) | (select.POLLOUT if unsent else 0)}
        return {} if self._listener is None else {self._listener.fileno(): select.POLLIN}

    def read(self, size: int) -> bytes:
        """What has come in; takes a waiting client in when there is none."""
        if self._client is None:
            self._accept()
            return b""
        try:
            data = _tried(self._client.recv, size)
        except ConnectionError:
            data = b""
        if data == b"":
            self._drop()
        return data or b""

    def write(self, data: bytes) -> int:
        """Send what the client takes; without one it is all gone."""
        if self._client is None:
            return len(data)
        try:
            return _tried(self._client.send, data, socket.MSG_NOSIGNAL) or 0
        except ConnectionError:
            self._drop()
            return len(data)

    def hold(self, back: bool) -> None:
        """The window does it: what is not read fills it up."""

    def _accept(self) -> None:
        if self._listener is not None and (accepted := _tried(self._listener.accept)):
            self._client = accepted[0]
            self._client.setblocking(False)
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _tried(call: Callable[..., T], *arguments: object) -> T | None:
    """The call's answer, or None when it would block."""
    try:
        return call(*arguments)
    except BlockingIOError:
        return None


class Port:
    """Carries bytes between a printer and its plug, in a thread of its own. Hands: `unplug`, `plug`, `block`, `unblock`."""

    def __init__(self, printer: Printer, line: Line) -> None:
        self.printer = printer
        self.plugged = True
        self.blocked = False
        self._line = line
        self._lock = threading.Lock()
        self._unsent = b""
        self._closing = False
        self._thread: threading.Thread | None = None
        self._wake = -1
        self._vanished = threading.Event()
        self._vanished.set()
        self._stop_listening: Callable[[], None] = lambda: None

    @property
    def address(self) -> str | None:
        """Where the printer is found; None while the cable is pulled."""
        return self._line.address if self.plugged else None

    def open(self) -> None:
        """Appear and start serving."""
        self._closing = False
        if self._present:
            self._appear()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._serve, name="sim-printer", daemon=True)
        self._stop_listening = self.printer.listen(self._rouse)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and vanish. Safe to call twice."""
        if self._thread is not None:
            self._closing = True
            self._rouse()
            self._thread.join()
            self._thread = None
            self._stop_listening()
            os.close(self._wake)
            self._vanish()

    def unplug(self) -> None:
        """Pull the data cable: clients get errors, and nothing answers."""
        self.plugged = False
        self.printer.tell()

    def plug(self) -> None:
        """Put the cable back; a terminal has a new name then, as a serial adapter has a new device node."""
        self.plugged = True
        self.printer.tell()

    def block(self) -> None:
        """The printer takes no more bytes off its wire; whoever writes has to wait."""
        with self._lock:
            self.blocked = True
            self._line.hold(True)
        self.printer.tell()

    def unblock(self) -> None:
        """It reads on."""
        with self._lock:
            self.blocked = False
            self._line.hold(False)
        self.printer.tell()

    @property
    def _room(self) -> int:
        return 0 if self.blocked else self.printer.room

    @property
    def _present(self) -> bool:
        return self.plugged and (self.printer.powered or not self._line.needs_power)

    def _appear(self) -> None:
        with self._lock:
            self._vanished.clear()
            self._line.open()
            self._line.hold(self.blocked)

    def _vanish(self) -> None:
        with self._lock:
            self._line.close()
            self._unsent = b""
            self._vanished.set()

    def _rouse(self) -> None:
        """Something changed. A hand that makes the plug vanish comes back when it has vanished."""
        if threading.current_thread() is self._thread:
            return
        if self._present:
            self._appear()
        os.eventfd_write(self._wake, 1)
        if not self._present:
            self._vanished.wait(_PATIENCE)

    def _serve(self) -> None:
        wait: float | None = None
        while not self._closing:
            self._sleep(wait)
            if not self._present:
                # Here and in no other thread: the kernel keeps what is being polled alive.
                self._vanish()
            with self._lock:
                data = self._line.read(room) if (room := self._room) else b""
            if data:
                self.printer.receive(data)
            wait = self.printer.work(time.monotonic())
            self._send(self.printer.take_replies())

    def _sleep(self, wait: float | None) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        with self._lock:
            for descriptor, events in self._line.wants(self._room > 0, bool(self._unsent)).items():
                poll.register(descriptor, events)
        if any(descriptor == self._wake for descriptor, _ in poll.poll(None if wait is None else 1000 * wait)):
            os.eventfd_read(self._wake)

    def _send(self, replies: bytes) -> None:
        with self._lock:
            self._unsent = (self._unsent + replies)[-_MOST_UNSENT:]
            if self._unsent:
                self._unsent = self._unsent[self._line.write(self._unsent) :]
