"""A network card that takes datagrams and answers nothing: the same shape as a serial line, for one device."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devices.errors import DeviceBroken, DeviceMissing, DeviceTimeout
from devices.tapping import tap_of

UDP_WIRE = re.compile(r"udp://(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):(\d{1,5})")
FIND = 5.0
"""Seconds that looking a name up may take."""


class UdpLine:
    """An open way to one card. `sent` counts its bytes."""

    def __init__(self, wire: str, way: socket.socket, gap: float) -> None:
        """Use `open_udp`."""
        self.wire, self.gap = wire, gap
        self.sent = 0
        self._way = way
        self._tap = tap_of(wire)

    async def send(self, frame: bytes, within: float = 1.0) -> None:
        """Send one datagram and keep the gap. Raises `DeviceMissing` when the network says that nobody is there."""
        try:
            async with asyncio.timeout(within):
                await asyncio.get_running_loop().sock_sendall(self._way, frame)
        except TimeoutError as error:
            raise DeviceTimeout(f"{self.wire}: the network took no datagram in {within:g} s") from error
        except OSError as error:
            raise _unreachable(self.wire, error.strerror) from error
        self.sent += len(frame)
        if self._tap is not None:
            self._tap("out", frame)
        await asyncio.sleep(self.gap)

    async def received(self) -> AsyncIterator[bytes]:
        """What comes back, which is nothing, until the network says that nobody is there: `DeviceMissing`."""
        while True:
            try:
                yield await asyncio.get_running_loop().sock_recv(self._way, 2048)
            except OSError as error:
                raise _unreachable(self.wire, error.strerror) from error


@asynccontextmanager
async def open_udp(wire: str, address: str, gap: float) -> AsyncIterator[UdpLine]:
    """The card at `address` (`udp://host:8453`). Raises `DeviceMissing`, `DeviceBroken`."""
    found = UDP_WIRE.fullmatch(address)
    if not found:
        raise DeviceBroken(f"{wire}: is no text card; they are called udp://host:8453")
    way = await _connected(wire, found[1].strip("[]"), int(found[2]))
    try:
        yield UdpLine(wire, way, gap)
    finally:
        way.close()


async def _connected(wire: str, host: str, port: int) -> socket.socket:
    try:
        async with asyncio.timeout(FIND):
            places = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, OverflowError, TimeoutError) as error:
        raise DeviceMissing(f"{wire}: there is no host `{host}`; check the name or the network cable of the node") from error
    family, kind, protocol, _, address = places[0]
    way = socket.socket(family, kind, protocol)
    try:
        way.setblocking(False)
        way.connect(address)
    except OSError as error:
        way.close()
        raise _unreachable(wire, error.strerror) from error
    return way


def _unreachable(wire: str, why: str | None) -> DeviceMissing:
    return DeviceMissing(f"{wire}: nobody takes the text there ({why}); is the card on, and its network cable plugged in?")
