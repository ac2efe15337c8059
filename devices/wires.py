"""Wires: what devices hang on. Real ones are opened here; simulated ones have the same shape and nothing above can tell."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from devices.serial_bus import LineSettings, SerialBus


class SpiDevice(Protocol):
    """As much of a `spidev.SpiDev` as luma.core asks for; one `writebytes` is one CS-low period."""

    max_speed_hz: int
    mode: int
    cshigh: bool

    def open(self, port: int, device: int) -> None:
        """Open `/dev/spidev{port}.{device}`."""
        ...

    def writebytes(self, data: list[int] | bytes | bytearray) -> None:
        """Send bytes while CS is low."""
        ...

    def close(self) -> None:
        """Release the bus. Safe to call twice."""
        ...


class Wires(Protocol):
    """Opens wires by the names that stand in node.toml."""

    def spi(self, wire: str) -> SpiDevice:
        """An SPI bus such as `/dev/spidev0.0`, not opened yet."""
        ...

    def pins(self) -> Any:
        """The gpiozero pin factory of this machine."""
        ...

    def address(self, wire: str) -> str:
        """Where a serial, printer or network wire really is: the same on a Pi, a pseudo-terminal or local port when simulated."""
        ...

    def bus(self, wire: str, settings: LineSettings) -> AbstractAsyncContextManager[SerialBus]:
        """A serial line that several devices share while they are inside. Raises `DeviceError` when it is entered."""
        ...

    def sound(self, program: str, wire: str) -> tuple[str, ...]:
        """The command line that begins `program` (`aplay`, `amixer`) where it finds the ALSA device `wire`."""
        ...

    def input(self, wire: str) -> Any:
        """An open `evdev.InputDevice`, grabbed. Raises `DeviceMissing`, `DeviceRefused`."""
        ...
