"""The kinds of plug that a printer has: a pseudo-terminal, a USB printer port, a TCP socket on loopback."""

import os
import select
import shutil
import socket
import tempfile
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")


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
