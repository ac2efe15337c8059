"""The printer's wire: bytes out and in with a deadline on every call, over a serial port, a USB printer port or TCP."""

import errno
import fcntl
import os
import select
import socket
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import serial

from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.tapping import Tap

_GONE = {errno.EIO, errno.ENODEV, errno.ENXIO, errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.ESHUTDOWN, errno.ETIMEDOUT}
_ABSENT = {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH}
_CLOSED_TO_US = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN}
Flow = Literal["none", "rts-cts", "xon-xoff"]
"""How a serial printer holds its writer back."""
_LOST = select.POLLERR | select.POLLHUP | select.POLLNVAL


class WireBlocked(DeviceTimeout):
    """The wire takes no data: flow control holds it, or the printer has stopped reading."""


class WrongWire(DeviceBroken):
    """What bears the name is no printer's wire."""


class PrinterTransport:
    """An open wire to a printer. Times are in seconds from the call; only one thread may use it.

    Every call raises `DeviceMissing` when the wire is cut, unplugged or closed from the other side.
    """

    def __init__(self, wire: str, descriptor: int, release: Callable[[], None], *, empty_means_gone: bool = True) -> None:
        """Use `open_transport`. `empty_means_gone`: reading nothing means that the other side has left."""
        self.wire = wire
        self.sent = 0
        """Bytes that the wire has taken since it was opened."""
        self._descriptor = descriptor
        self._release = release
        self._empty_means_gone = empty_means_gone
        self._hung_up = False
        self.tap: Tap | None = None
        """Whoever records what this wire carries."""
        self._closed = False
        os.set_blocking(descriptor, False)

    def send(self, data: bytes, within: float) -> None:
        """Hand over all of `data`, in as many pieces as the wire wants. Raises `DeviceTimeout` when it does not take it.

        Whatever it raises, `sent` says how much went out.
        """
        until = time.monotonic() + within
        rest = memoryview(data)
        while rest:
            if not self._ready(select.POLLOUT, until):
                raise WireBlocked(f"{self.wire}: took {len(data) - len(rest)} of {len(data)} bytes in {within:g} s")
            taken = self._write(rest)
            self.sent += taken
            rest = rest[taken:]
            if not taken:
                time.sleep(0.005)  # a USB printer port may say that it is ready and take nothing

    def drain(self, within: float) -> None:
        """Wait until what was sent has left this machine, where the wire can tell. Raises `DeviceTimeout`."""
        until = time.monotonic() + within
        while self._queued():
            if time.monotonic() >= until:
                raise WireBlocked(f"{self.wire}: did not let go of what it took in {within:g} s")
            time.sleep(0.005)

    def receive(self, within: float) -> bytes:
        """What comes first within this time; nothing when nothing comes."""
        until = time.monotonic() + within
        while self._ready(select.POLLIN, until):
            data = self._read()
            if data:
                return data
            if data == b"" and (self._empty_means_gone or self._hung_up):
                raise DeviceMissing(f"{self.wire}: the printer has closed the connection or was unplugged")
            time.sleep(min(0.01, max(0.0, until - time.monotonic())))  # a USB printer's empty packet means "nothing yet"
            if time.monotonic() >= until:
                break
        return b""

    def close(self) -> None:
        """Let the wire go. Safe to call twice."""
        if not self._closed:
            self._closed = True
            with suppress(OSError):
                self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready(self, what: int, until: float) -> bool:
        """Whether the wire can do `what` before `until`; looks at least once."""
        if self._closed:
            raise DeviceMissing(f"{self.wire}: is closed")
        poll = select.poll()
        poll.register(self._descriptor, what)
        ready = poll.poll(max(0.0, until - time.monotonic()) * 1000)
        self._hung_up = bool(ready and ready[0][1] & _LOST)
        if self._hung_up and not ready[0][1] & what:
            raise DeviceMissing(f"{self.wire}: the printer was unplugged or switched off")
        return bool(ready)

    def _write(self, data: memoryview) -> int:
        with self._translating(), suppress(BlockingIOError):
            taken = os.write(self._descriptor, data)
            if self.tap is not None:
                self.tap("out", bytes(data[:taken]))
            return taken
        return 0

    def _read(self) -> bytes | None:
        with self._translating(), suppress(BlockingIOError):
            came = os.read(self._descriptor, 4096)
            if self.tap is not None and came:
                self.tap("in", came)
            return came
        return None

    def _queued(self) -> int:
        try:
            answer: bytes = fcntl.ioctl(self._descriptor, termios.TIOCOUTQ, bytes(4))
        except OSError as error:
            if error.errno in _GONE:
                raise DeviceMissing(f"{self.wire}: {error.strerror}") from error
            return 0  # this kind of wire cannot tell
        return int(struct.unpack("i", answer)[0])

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            kind = DeviceMissing if error.errno in _GONE else DeviceError
            raise kind(f"{self.wire}: {error.strerror}") from error


def open_transport(wire: str, baud: int = 115200, *, flow: Flow = "none", within: float = 2.0) -> PrinterTransport:
    """Open `tcp://host:port`, `/dev/usb/lp…`, or else a serial port, which alone has a baud rate and flow control.

    Raises `DeviceMissing`, `DeviceRefused` (permissions, or another program holds it), `WrongWire` (no such kind of wire).
    """
    try:
        if wire.startswith("tcp://"):
            return _open_socket(wire, within)
        if any(path.name.startswith("lp") for path in (Path(wire), Path(wire).resolve())):
            return _open_port(wire)
        return _open_serial(wire, baud, flow)
    except OSError as error:  # serial.SerialException is one
        raise _explain(wire, error) from error


def _open_socket(wire: str, within: float) -> PrinterTransport:
    parts = urlsplit(wire)
    connection = socket.create_connection((parts.hostname or "", parts.port or 9100), timeout=within)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A printer that lost its power says nothing: after about 8 s without an answer the connection counts as lost.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 3)):
        connection.setsockopt(socket.IPPROTO_TCP, option, value)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 8000)
    return PrinterTransport(wire, connection.fileno(), connection.close)


def _open_port(wire: str) -> PrinterTransport:
    descriptor = os.open(wire, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    return PrinterTransport(wire, descriptor, lambda: os.close(descriptor), empty_means_gone=False)


def _open_serial(wire: str, baud: int, flow: Flow) -> PrinterTransport:
    port = serial.Serial(wire, baud, exclusive=True, rtscts=flow == "rts-cts", xonxoff=flow == "xon-xoff")
    return PrinterTransport(wire, port.fileno(), port.close)


def _explain(wire: str, error: OSError) -> DeviceError:
    if isinstance(error, TimeoutError):
        return DeviceTimeout(f"{wire}: nobody answers; is the printer switched on and in this network?")
    if error.errno in _ABSENT or isinstance(error, socket.gaierror):
        return DeviceMissing(f"{wire}: there is no printer; check its cable, its power and the name")
    if error.errno in _CLOSED_TO_US:
        return DeviceRefused(f"{wire}: may not be opened; another program holds it, or the user is not in its group")
    return WrongWire(f"{wire}: cannot be used as a printer's wire: {error.strerror or error}")
