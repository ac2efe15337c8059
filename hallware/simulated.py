"""Simulated wires for a whole node: every device of node.toml gets its far end, and the wires lead there."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

from devices.errors import DeviceMissing
from devices.serial_bus import Buses, LineSettings, SerialBus
from devices.wires import SpiDevice, Wires
from firmware.config import (
    BoardConfig,
    CallerConfig,
    HelpConfig,
    KioskConfig,
    NodeConfig,
    RaterConfig,
    RoomConfig,
    ScannerConfig,
    StripConfig,
)
from firmware.config_sound import AnnouncerConfig
from hallware.simulated_keys import caller, hang, rater
from hardware_sim.bench import Bench, Peripheral
from hardware_sim.bench_lines import SimulatedHelp
from hardware_sim.bench_room import Cubicle, SimulatedRoom
from hardware_sim.gpio import Lines

# A far end is imported by the row that needs it: a node with five keys and a lamp carries no fonts and no images.
if TYPE_CHECKING:
    from hardware_sim.escpos_port import Port
    from hardware_sim.keypad import Keypad
    from hardware_sim.max7219 import Cascade
    from hardware_sim.serial_line import SerialLine
    from hardware_sim.sound_card import SoundCard
    from hardware_sim.udp_port import UdpPort


class SimulatedWires:
    """The wires of one simulated machine by their names in node.toml. Implements `devices.wires.Wires`."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.cascades: dict[str, Cascade] = {}
        self.ports: dict[str, Port] = {}
        self.keypads: dict[str, Keypad] = {}
        self.speakers: dict[str, SoundCard] = {}
        self.serials: dict[str, SerialLine] = {}
        self.cards: dict[str, UdpPort] = {}
        self._buses = Buses(self.address)

    def spi(self, wire: str) -> SpiDevice:
        """A spidev-like object with a cascade on its far end. Raises `DeviceMissing`."""
        from hardware_sim.max7219 import SpiPort

        return SpiPort(_on(self.cascades, wire))

    def pins(self) -> Any:
        """A gpiozero mock pin factory with hands behind it."""
        return self.lines.pins

    def address(self, wire: str) -> str:
        """A pseudo-terminal, a path such as `…/lp0`, `tcp://…`, `udp://…`. Raises `DeviceMissing` while the cable is pulled."""
        there: dict[str, Port | SerialLine | UdpPort] = {**self.ports, **self.serials, **self.cards}
        address: str | None = _on(there, wire).address
        if address is None:
            raise DeviceMissing(f"{wire}: nothing is there; is the cable plugged in?")
        return address

    def bus(self, wire: str, settings: LineSettings) -> AbstractAsyncContextManager[SerialBus]:
        """A serial line that leads to its far ends. Raises `DeviceError` when it is entered."""
        return self._buses.join(wire, settings)

    def line(self, wire: str) -> "SerialLine":
        """The line of this name; the first device that hangs on it makes it, the others share it."""
        from hardware_sim.serial_line import SerialLine

        return self.serials.setdefault(wire, SerialLine())

    def card(self, wire: str) -> "UdpPort":
        """The network card of this name, shared by the zones on it."""
        from hardware_sim.udp_port import UdpPort

        return self.cards.setdefault(wire, UdpPort())

    def sound(self, program: str, wire: str) -> tuple[str, ...]:
        """What stands in for `program` where the simulated sound card is. Raises `DeviceMissing`."""
        command: tuple[str, ...] = _on(self.speakers, wire).command(program)
        return command

    def input(self, wire: str) -> Any:
        """An open and grabbed `evdev.InputDevice`. Raises `DeviceMissing` while it is unplugged."""
        try:
            device = _on(self.keypads, wire).open(wire)
        except FileNotFoundError as error:
            raise DeviceMissing(f"{wire}: nothing is there; is the keypad plugged in?") from error
        device.grab()
        return device


class Simulation:
    """The simulated peripherals of a node; they live while it is entered."""

    def __init__(self, config: NodeConfig) -> None:
        self.lines = Lines()
        self._wires = SimulatedWires(self.lines)
        self._opened = ExitStack()
        far_ends = {device.id: _FAR_ENDS[type(device)](self._wires, device) for device in config.device}
        self.bench = Bench(config.node.id, far_ends)

    @property
    def wires(self) -> Wires:
        """The node's wires."""
        return self._wires

    @property
    def bench_wires(self) -> SimulatedWires:
        """The same wires with their far ends."""
        return self._wires

    async def __aenter__(self) -> "Simulation":
        with ExitStack() as opened:
            self.lines.open()
            opened.callback(self.lines.close)
            ports, lines, cards = self._wires.ports, self._wires.serials, self._wires.cards
            plugs: list[Port | SerialLine | UdpPort] = [*ports.values(), *lines.values(), *cards.values()]
            for port in plugs:
                port.open()
                opened.callback(port.close)
            for keypad in self._wires.keypads.values():
                opened.callback(keypad.close)
            for speaker in self._wires.speakers.values():
                speaker.open()
                opened.callback(speaker.close)
            self._opened = opened.pop_all()
        for far_end in self.bench.peripherals.values():
            if isinstance(far_end, SimulatedRoom | SimulatedHelp):
                await asyncio.gather(*map(asyncio.wrap_future, far_end.rest()))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._opened.close()


def _board(wires: SimulatedWires, config: BoardConfig) -> Peripheral:
    from hardware_sim.bench_board import SimulatedBoard
    from hardware_sim.max7219 import Cascade

    cascade = Cascade(config.width, config.height, config.orientation)
    hang(wires.cascades, config.wire, cascade, config.id)
    return SimulatedBoard(cascade)


def _strip(wires: SimulatedWires, config: StripConfig) -> Peripheral:
    from hardware_sim.bench_sign import SimulatedStrip
    from hardware_sim.sign import Sign

    sign = Sign(config.dialect, config.first, columns=config.cells, rows=config.rows, stacked=config.stacked)
    wire = wires.line(config.wire) if config.speaks.bauds else wires.card(config.wire)
    wire.join(sign)
    return SimulatedStrip(sign, wire, window=config.window)


def _kiosk(wires: SimulatedWires, config: KioskConfig) -> Peripheral:
    from hardware_sim.bench_kiosk import KioskKey, SimulatedKiosk
    from hardware_sim.escpos_plugs import Network, Terminal, UsbPort
    from hardware_sim.escpos_port import Port
    from hardware_sim.escpos_printer import Printer

    wire = config.printer.wire
    printer = Printer(paper=config.printer.paper, cutter=config.printer.cutter, encoding=config.printer.encoding)
    printer.hush(not config.printer.answers)
    usb = wire.rpartition("/")[2].startswith("lp")
    port = Port(printer, Network() if wire.startswith("tcp://") else UsbPort() if usb else Terminal())
    hang(wires.ports, wire, port, config.id)
    keys = tuple(KioskKey(key.service, key.priority, key.line) for key in config.keys)
    return SimulatedKiosk(wires.lines, keys, port)


def _room(wires: SimulatedWires, config: RoomConfig) -> Peripheral:
    cubicles = tuple(Cubicle(each.id, each.door, each.motion, each.lamp, each.help, each.help_lamp) for each in config.cubicles)
    return SimulatedRoom(wires.lines, config.room, cubicles, config.check)


def _help(wires: SimulatedWires, config: HelpConfig) -> Peripheral:
    opens = config.contact == "opens"
    return SimulatedHelp(wires.lines, config.place, config.line, config.lamp, cubicle=config.cubicle, opens=opens)


def _announcer(wires: SimulatedWires, config: AnnouncerConfig) -> Peripheral:
    from hardware_sim.bench_announcer import SimulatedAnnouncer
    from hardware_sim.sound_card import SoundCard

    card = SoundCard()
    hang(wires.speakers, config.wire, card, config.id)
    return SimulatedAnnouncer(card, config.zones)


def _scanner(wires: SimulatedWires, config: ScannerConfig) -> Peripheral:
    from hardware_sim.bench_scanner import SimulatedScanner
    from hardware_sim.keypad import Keypad
    from hardware_sim.scanner import KEYS

    if config.speaks == "serial":
        return SimulatedScanner(wires.lines, wires.line(config.wire), config.green, config.red)
    keypad = Keypad(f"Scanner {config.id}", KEYS)
    hang(wires.keypads, config.wire, keypad, config.id)
    return SimulatedScanner(wires.lines, keypad, config.green, config.red)


_FAR_ENDS: dict[type, Callable[[SimulatedWires, Any], Peripheral]] = {
    BoardConfig: _board,
    StripConfig: _strip,
    KioskConfig: _kiosk,
    RaterConfig: rater,
    RoomConfig: _room,
    HelpConfig: _help,
    AnnouncerConfig: _announcer,
    ScannerConfig: _scanner,
    CallerConfig: caller,
}


def _on(there: dict[str, Any], wire: str) -> Any:
    if wire not in there:
        raise DeviceMissing(f"{wire}: nothing hangs on it here; there are {', '.join(there) or 'no such wires'}")
    return there[wire]
