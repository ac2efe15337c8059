"""A WAV file as it comes down a wire: its form, its title, then samples as far as they come."""

import socket
import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Opened:
    """What a file says of itself."""

    rate: int
    text: str


class WavStream:
    """Reads RIFF chunks off a socket. Only 16 bits of one channel are played."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._left = 0

    def open(self) -> Opened | None:
        """Read up to the samples; None when this is no file that can be played."""
        head = self._take(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        rate, text = 0, ""
        while len(chunk := self._take(8)) == 8:
            name, size = chunk[:4], int.from_bytes(chunk[4:], "little")
            if name == b"data":
                self._left = size
                return Opened(rate, text) if rate else None
            inside = self._take(size + size % 2)
            if name == b"fmt " and inside[:4] == b"\x01\x00\x01\x00" and inside[14:16] == b"\x10\x00":
                (rate,) = struct.unpack_from("<I", inside, 4)
            elif name == b"LIST" and inside[:8] == b"INFOINAM":
                text = inside[12 : 12 + int.from_bytes(inside[8:12], "little")].rstrip(b"\0").decode(errors="replace")
        return None

    def read(self, size: int) -> bytes:
        """Up to `size` bytes of samples; none at the end."""
        data = self._take(min(size, self._left))
        self._left -= len(data)
        return data

    def _take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size and (more := self._line.recv(size - len(taken))):
            taken += more
        return taken
