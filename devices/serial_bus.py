"""A serial line that several devices of one node share: frames go out one after the other, every device hears what comes in.

The line is opened by the first device that joins and closed when the last one has left. When it breaks, every device that
waits on it is told; they leave and join again, and the first to do so opens it anew. All of it runs in the event loop: a
frame is at most some hundred bytes, which the kernel takes at once, and a line that takes nothing runs into its deadline.
"""

import asyncio
import fcntl
import os
import struct
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import msgspec
import serial

from devices.errors import DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.refusals import explain
from devices.tapping import tap_of

BITS = 10
"""On the wire a byte of 8N1 is ten bits long."""
MOST_UNREAD = 256
"""Chunks kept for a device that does not read; then the oldest go, as they would from a hardware buffer."""
LOOK = 0.005
"""Seconds between two looks at how much the kernel still holds."""


class LineSettings(msgspec.Struct, frozen=True):
    """How a line speaks, always 8N1: `baud` bits a second, `gap` seconds of silence after each frame."""

    baud: int = 9600
    gap: float = 0.0


class SerialBus:
    """An open line. `sent` and `heard` count its bytes."""

    def __init__(self, wire: str, port: serial.Serial, settings: LineSettings) -> None:
        """Use `Buses.join`."""
        self.wire, self.baud, self.gap = wire, settings.baud, settings.gap
        self.sent = self.heard = 0
        self.broken: DeviceError | None = None
        self._port, self._descriptor = port, port.fileno()
        self._tap = tap_of(wire)
        self._turn = asyncio.Lock()
        self._free_at = 0.0
        self._readers: list[asyncio.Queue[bytes | None]] = []
        os.set_blocking(self._descriptor, False)
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)

    def seconds(self, size: int) -> float:
        """How long so many bytes take on the wire."""
        return size * BITS / self.baud

    async def send(self, frame: bytes, within: float = 1.0) -> None:
        """Send a frame in turn with the other devices; it has left when this returns, and the gap has begun.

        `within` seconds beyond its own time on the wire, not counting the wait for its turn. Raises `DeviceTimeout` when the
        line takes no more, `DeviceMissing` when it is gone.
        """
        async with self._turn:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(max(0.0, self._free_at - loop.time()))
            until = loop.time() + within + self.seconds(len(frame))
            try:
                async with asyncio.timeout_at(until):
                    await self._write(frame)
                    await asyncio.sleep(self.seconds(len(frame)))
                    await self._left()
            except TimeoutError as error:
                with suppress(OSError, termios.error):
                    termios.tcflush(self._descriptor, termios.TCOFLUSH)
                raise DeviceTimeout(f"{self.wire}: the line did not take {len(frame)} bytes in {within:g} s") from error
            self._free_at = loop.time() + self.gap

    def received(self) -> AsyncIterator[bytes]:
        """Whatever comes in from this call on, in chunks of any size. Raises `DeviceMissing` when the line goes away."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_UNREAD)
        self._readers.append(queue)
        if self.broken is not None:
            queue.put_nowait(None)
        return self._chunks(queue)

    def close(self) -> None:
        """Let the line go. Safe to call twice."""
        self._fail(DeviceMissing(f"{self.wire}: is closed"))
        with suppress(OSError):
            self._port.close()

    async def _chunks(self, queue: "asyncio.Queue[bytes | None]") -> AsyncIterator[bytes]:
        try:
            while (chunk := await queue.get()) is not None:
                yield chunk
        finally:
            self._readers.remove(queue)
        self._refuse_broken()

    async def _write(self, frame: bytes) -> None:
        rest = memoryview(frame)
        while rest:
            self._refuse_broken()
            try:
                taken = os.write(self._descriptor, rest)
            except BlockingIOError:
                await asyncio.sleep(LOOK)
            except OSError as error:
                raise self._break(error) from error
            else:
                self.sent += taken
                if self._tap is not None:
                    self._tap("out", bytes(rest[:taken]))
                rest = rest[taken:]

    async def _left(self) -> None:
        """Wait until the kernel holds nothing back, where it can tell."""
        while self._queued():  # noqa: ASYNC110  the kernel gives no sign when it is empty
            await asyncio.sleep(LOOK)

    def _queued(self) -> int:
        self._refuse_broken()
        try:
            answer: bytes = fcntl.ioctl(self._descriptor, termios.TIOCOUTQ, bytes(4))
        except OSError as error:
            raise self._break(error) from error
        return int(struct.unpack("i", answer)[0])

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, 4096)
        except BlockingIOError:
            return
        except OSError as error:
            self._break(error)
            return
        if not chunk:
            self._break(None)
            return
        self.heard += len(chunk)
        if self._tap is not None:
            self._tap("in", chunk)
        for queue in self._readers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(chunk)

    def _fail(self, error: DeviceError) -> None:
        """The line is gone: whoever reads or writes is told so."""
        if self.broken is None:
            self.broken = error
            asyncio.get_running_loop().remove_reader(self._descriptor)
            for queue in self._readers:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(None)

    def _refuse_broken(self) -> None:
        if self.broken is not None:
            raise type(self.broken)(str(self.broken))

    def _break(self, error: OSError | None) -> DeviceMissing:
        why = f" ({error.strerror})" if error is not None else ""
        gone = DeviceMissing(f"{self.wire}: the line was unplugged{why}; check the adapter and its USB plug")
        self._fail(gone)
        return gone


class Buses:
    """The serial lines of one node by their names in node.toml."""

    def __init__(self, address: Callable[[str], str]) -> None:
        """`address` says where a wire really is, and raises `DeviceMissing` when it is not there."""
        self._address = address
        self._open: dict[str, SerialBus] = {}
        self._members: dict[SerialBus, int] = {}

    @asynccontextmanager
    async def join(self, wire: str, settings: LineSettings) -> AsyncIterator[SerialBus]:
        """Be one of the devices on `wire`. Of several gaps the longest holds.

        Raises `DeviceMissing`, `DeviceBroken`, or `DeviceRefused`: no permission, another program, another speed.
        """
        bus = self._of(wire, settings)
        self._members[bus] = self._members.get(bus, 0) + 1
        try:
            yield bus
        finally:
            self._leave(bus)

    def _of(self, wire: str, settings: LineSettings) -> SerialBus:
        bus = self._open.get(wire)
        if bus is None or bus.broken is not None:
            self._open[wire] = bus = _open(wire, self._address(wire), settings)
        if bus.baud != settings.baud:
            raise DeviceRefused(
                f"{wire}: another device uses this line with {bus.baud} baud, not {settings.baud}; give them the same speed"
            )
        bus.gap = max(bus.gap, settings.gap)
        return bus

    def _leave(self, bus: SerialBus) -> None:
        self._members[bus] -= 1
        if not self._members[bus]:
            del self._members[bus]
            if self._open.get(bus.wire) is bus:
                del self._open[bus.wire]
            bus.close()


def _open(wire: str, address: str, settings: LineSettings) -> SerialBus:
    try:
        port = serial.Serial(address, settings.baud, exclusive=True)
    except OSError as error:  # serial.SerialException is one
        raise explain(error, wire, "dialout") from error
    return SerialBus(wire, port, settings)
