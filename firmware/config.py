"""node.toml: what hangs on this node and where its hall is."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from contract.settings import Seconds, Settings, read, refuse_twice, refuse_unknown_zone
from contract.values import Id, Text
from firmware.config_boards import BoardConfig as BoardConfig
from firmware.config_boards import Brightness as Brightness
from firmware.config_boards import StripConfig as StripConfig
from firmware.config_keys import BusPlace as BusPlace
from firmware.config_keys import CallerConfig as CallerConfig
from firmware.config_keys import Line as Line
from firmware.config_keys import RaterConfig as RaterConfig
from firmware.config_keys import RatingKey as RatingKey
from firmware.config_keys import place_of
from firmware.config_kiosk import KioskConfig as KioskConfig
from firmware.config_kiosk import PrinterConfig as PrinterConfig
from firmware.config_kiosk import ServiceKey as ServiceKey
from firmware.config_record import RecordConfig
from firmware.config_sound import AnnouncerConfig
from link.address import BrokerAddress


class CubicleConfig(Settings, frozen=True, kw_only=True):
    """One cubicle: door contact, motion sensor, occupied lamp, help button."""

    id: Id
    door: Line
    motion: Line
    lamp: Line | None = None
    help: Line | None = None
    help_lamp: Line | None = None
    """The lamp beside the help button: it blinks until staff say that they come."""


class RoomConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="room"):
    """A mother-and-baby room."""

    id: Id
    room: Id
    cubicles: Annotated[tuple[CubicleConfig, ...], Meta(min_length=1)]
    check: Line | None = None
    """The key with which staff confirm inspection and cleaning."""
    limit: Seconds = 45 * 60.0
    """A longer stay alerts staff discreetly."""
    stillness: Seconds = 60.0
    """An opened door and no motion for so long: the cubicle is free."""
    stuck_after: Seconds = 4 * 3600.0
    """A door that has not moved for so long, against what the motion sensor says, is said to be stuck."""
    coming: Seconds = 60.0
    """How long the lamp beside a help button is steady once staff have said that they come."""
    debounce: Seconds = 0.05

    def __post_init__(self) -> None:
        refuse_twice(f"device `{self.id}`: cubicle", [cubicle.id for cubicle in self.cubicles])


class HelpConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="help"):
    """A help button with its lamp, at a desk, in a room or wherever somebody may need a hand."""

    id: Id
    place: Id
    """The window, zone or room of the hall where it hangs."""
    cubicle: Id | None = None
    line: Line
    lamp: Line | None = None
    """Blinks until staff say that they come, then is steady for `coming`."""
    contact: Literal["opens", "closes"] = "closes"
    """What pressing does to the contact. One that `opens` when pressed also tells of a cut cable."""
    coming: Seconds = 60.0
    debounce: Seconds = 0.05


class ScannerConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="scanner"):
    """A QR or bar code scanner, for tickets and appointments."""

    id: Id
    wire: str
    """`/dev/input/by-id/…-event-kbd` of one that types, `/dev/serial/by-id/…` of one on a serial line."""
    speaks: Literal["keys", "serial"] = "keys"
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 9600
    green: Line | None = None
    """The lamp of a good answer."""
    red: Line | None = None
    """The lamp of a refusal."""
    show: Seconds = 3.0
    """How long a lamp shows the answer."""
    again: Seconds = 3.0
    """The same code within so long is the same scan."""
    patience: Seconds = 3.0
    """How long the controller may take to answer."""
    returns: bool = True
    """Whether a missed ticket comes back by being scanned here."""
    slip: Id | None = None
    """The kiosk that prints the answer."""

    def __post_init__(self) -> None:
        if (self.speaks == "keys") != self.wire.startswith("/dev/input/"):
            raise ValueError(
                f"device `{self.id}`: `{self.wire}` does not speak `{self.speaks}`; a scanner that types is under /dev/input, "
                'one on a serial line under /dev/serial with `speaks = "serial"`'
            )


DeviceConfig = (
    BoardConfig
    | StripConfig
    | KioskConfig
    | RaterConfig
    | RoomConfig
    | HelpConfig
    | CallerConfig
    | AnnouncerConfig
    | ScannerConfig
)


class NodeIdentity(Settings, frozen=True, kw_only=True):
    """Who this node is."""

    id: Id
    hall: Id
    data: Path = Path("/var/lib/hallware")
    """Folder of the outbox and the ticket journal; must survive a power cut."""
    timezone: str = "Asia/Shanghai"
    hall_name: Text = Text(zh="政务服务中心", en="Service Centre")

    def __post_init__(self) -> None:
        refuse_unknown_zone("node.timezone", self.timezone)


class NodeConfig(Settings, frozen=True, kw_only=True):
    """The whole of node.toml."""

    node: NodeIdentity
    broker: BrokerAddress = BrokerAddress()
    device: Annotated[tuple[DeviceConfig, ...], Meta(min_length=1)]
    record: RecordConfig | None = None

    def __post_init__(self) -> None:
        refuse_twice("device id", [device.id for device in self.device])
        known = [device.id for device in self.device]
        if self.record is not None and (unknown := [name for name in self.record.devices if name not in known]):
            raise ValueError(f"`record.devices`: there is no device `{unknown[0]}`; there are {', '.join(known)}")
        refuse_twice("GPIO line", [line for device in self.device for line in lines(device)])
        touches = [device.touch for device in self.device if isinstance(device, KioskConfig) and device.touch is not None]
        refuse_twice("port of a touch screen", [touch.port for touch in touches])
        places = [place for device in self.device for place in bus_places(device)]
        alone = [wire for device in self.device for wire in wires(device)]
        refuse_twice("wire", [*alone, *{place.wire for place in places}])
        refuse_twice("place on a bus", [place.words for place in places])


def lines(device: DeviceConfig) -> list[int]:
    """The GPIO lines that a device uses."""
    match device:
        case KioskConfig():
            return [key.line for key in device.keys]
        case RaterConfig():
            return [line for key in device.keys for line in (key.line, key.lamp) if line is not None]
        case RoomConfig():
            used = [line for c in device.cubicles for line in (c.door, c.motion, c.lamp, c.help, c.help_lamp)]
            return [line for line in (*used, device.check) if line is not None]
        case ScannerConfig():
            return [line for line in (device.green, device.red) if line is not None]
        case HelpConfig():
            return [line for line in (device.line, device.lamp) if line is not None]
        case _:
            return []


def wires(device: DeviceConfig) -> list[str]:
    """The wires other than GPIO lines that a device has to itself."""
    match device:
        case BoardConfig() | AnnouncerConfig() | ScannerConfig():
            return [device.wire]
        case CallerConfig() | RaterConfig():
            return [device.wire] if device.wire is not None and device.address is None else []
        case KioskConfig():
            return [device.printer.wire]
        case _:
            return []


def bus_places(device: DeviceConfig) -> list[BusPlace]:
    """The places of a device that shares its serial line with others; none for one that has its wires to itself."""
    match device:
        case StripConfig():
            return [BusPlace(device.wire, device.dialect, device.first + row) for row in range(device.rows)]
        case CallerConfig() | RaterConfig():
            place = place_of(device)
            return [] if place is None else [place]
        case _:
            return []


def load(path: Path) -> NodeConfig:
    """Read node.toml. Raises `BadSettings`."""
    return read(path, NodeConfig)
