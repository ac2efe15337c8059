"""The real wires of a Raspberry Pi: each library is loaded when its first wire is opened, each refusal says what to touch."""

import errno
import os
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any

from devices.errors import DeviceMissing, DeviceRefused
from devices.refusals import explain
from devices.serial_bus import Buses, LineSettings, SerialBus
from devices.wires import SpiDevice

GPIO_CHIP = "/dev/gpiochip0"


class RealWires:
    """`Wires` of this machine."""

    def __init__(self) -> None:
        self._pins: Any = None
        self._buses = Buses(self.address)

    def spi(self, wire: str) -> SpiDevice:
        """An SPI bus such as `/dev/spidev0.0`, not opened yet."""
        return _SpiBus(wire)

    def pins(self) -> Any:
        """gpiozero's lgpio pin factory, one for all agents. Raises `DeviceMissing`, `DeviceRefused`."""
        if self._pins is None:
            self._pins = _open_gpio()
        return self._pins

    def address(self, wire: str) -> str:
        """The wire itself: real wires are where their names say."""
        return wire

    def bus(self, wire: str, settings: LineSettings) -> AbstractAsyncContextManager[SerialBus]:
        """A serial line shared by the devices of this node that hang on it. Raises `DeviceError` when it is entered."""
        return self._buses.join(wire, settings)

    def sound(self, program: str, wire: str) -> tuple[str, ...]:
        """The program itself, from alsa-utils."""
        return (program,)

    def input(self, wire: str) -> Any:
        """An open `evdev.InputDevice`, grabbed so that keys do not reach a console."""
        with _needing("evdev", "input", wire):
            from evdev import InputDevice
        with _opening(wire, "input"):
            device = InputDevice(wire)
        try:
            device.grab()
        except OSError as error:
            device.close()
            raise DeviceRefused(f"{wire}: another program holds it; see `fuser {wire}`") from error
        return device


class _SpiBus:
    """A `spidev.SpiDev` whose refusal says what to do."""

    def __init__(self, wire: str) -> None:
        self._wire = wire
        with _needing("spidev", "node", wire):
            from spidev import SpiDev
        self._bus = SpiDev()

    def open(self, port: int, device: int) -> None:
        """Open `/dev/spidev{port}.{device}`. Raises `DeviceMissing`, `DeviceRefused`."""
        with _opening(self._wire, "spi"):
            self._bus.open(port, device)

    @property
    def max_speed_hz(self) -> int:
        """Clock in hertz."""
        return int(self._bus.max_speed_hz)

    @max_speed_hz.setter
    def max_speed_hz(self, hertz: int) -> None:
        self._bus.max_speed_hz = hertz

    @property
    def mode(self) -> int:
        """Clock polarity and phase, 0 to 3."""
        return int(self._bus.mode)

    @mode.setter
    def mode(self, mode: int) -> None:
        self._bus.mode = mode

    @property
    def cshigh(self) -> bool:
        """Whether chip select is active high."""
        return bool(self._bus.cshigh)

    @cshigh.setter
    def cshigh(self, high: bool) -> None:
        self._bus.cshigh = high

    def writebytes(self, data: list[int] | bytes | bytearray) -> None:
        """Send bytes while CS is low."""
        self._bus.writebytes(data)

    def close(self) -> None:
        """Release the bus. Safe to call twice."""
        self._bus.close()


def _open_gpio() -> Any:
    # lgpio keeps named pipes in the working directory, which a service cannot write; its runtime directory it can.
    if runtime := os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]:
        os.environ.setdefault("LG_WD", runtime)
    with _needing("lgpio", "node", "GPIO"):
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory
    from gpiozero.exc import PinUnknownPi

    try:
        return LGPIOFactory()
    except PinUnknownPi as error:
        raise DeviceMissing("GPIO: this machine is no Raspberry Pi; run with --simulate to work without one") from error
    except lgpio.error as error:
        reason = errno.EACCES if Path(GPIO_CHIP).exists() else errno.ENOENT
        raise explain(OSError(reason, str(error)), GPIO_CHIP, "gpio") from error


@contextmanager
def _needing(library: str, extra: str, wire: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise DeviceMissing(f"{wire}: the library {library} is not installed; install hallware[{extra}]") from error


@contextmanager
def _opening(wire: str, group: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise explain(error, wire, group) from error
