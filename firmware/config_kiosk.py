"""The `kiosk` tables of node.toml: keys, a touch screen or both, and the printer."""

import re
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from contract.settings import Seconds, Settings, refuse_twice
from contract.ticketing import MOST_SERVICES, Priority
from contract.values import Id, Text
from devices.receipt_text import Encoding
from firmware.config_keys import Line

PRINTER_WIRE = re.compile(r"/dev/.+|tcp://(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):\d{1,5}")

Languages = Annotated[tuple[Literal["zh", "en"], ...], Meta(min_length=1, max_length=2)]


class PrinterConfig(Settings, frozen=True, kw_only=True):
    """An ESC/POS printer on `/dev/serial/by-id/…`, `/dev/usb/lp…` or `tcp://host:9100`."""

    wire: str
    paper: Literal[58, 80] = 80
    """Width of the roll in millimetres."""
    cutter: bool = True
    answers: bool = True
    """Whether the printer answers status requests; without it nothing can be proven printed."""
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 115200
    flow: Literal["none", "rts-cts", "xon-xoff"] = "none"
    """How a serial printer holds back what comes too fast, by its own setting; needed for slips of more than its buffer."""
    encoding: Encoding = "gbk"
    """How the printer takes Chinese, by its own setting: `gbk`, `gb18030` or `utf-8`."""
    roll: Annotated[float, Meta(gt=0, le=1000)] | None = None
    """Metres of paper on a new roll; with it the kiosk reckons how much is left."""
    name: Text = Text(zh="取号打印机", en="the ticket printer")
    """What staff call it, such as "2号打印机" and "printer 2"."""
    opening: Text = Text(zh="打开机盖", en="open the cover")
    """How it is opened, such as "按绿色按钮打开灰色机盖" and "press the green button, open the grey cover"."""

    def __post_init__(self) -> None:
        if not PRINTER_WIRE.fullmatch(self.wire):
            raise ValueError(
                f"printer `wire`: `{self.wire}` is no printer's; write /dev/serial/by-id/…, /dev/usb/lp0 or tcp://host:9100"
            )


class ServiceKey(Settings, frozen=True, kw_only=True):
    """A key of the kiosk."""

    line: Line
    service: Id
    priority: Priority = "ordinary"


class TouchConfig(Settings, frozen=True, kw_only=True):
    """A touch screen at the kiosk. Its page is served to this machine alone."""

    port: Annotated[int, Meta(ge=1024, le=65535)] = 8470
    """Of loopback; the browser's policy file names the same one."""
    languages: Languages = ("zh", "en")
    """What people may choose; the page returns to the first one."""
    idle: Annotated[float, Meta(ge=5, le=3600)] = 45.0
    """Seconds of nobody touching after which the page begins anew."""
    priority: bool = True
    """Whether people may say that they are entitled to priority."""
    several: Annotated[int, Meta(ge=1, le=MOST_SERVICES)] = 3
    """So many services may be on one ticket; 1 takes the choice away."""
    check_in: bool = True
    """Whether appointments are checked in here by their code."""
    scanner: Id | None = None
    """The scanner beside the screen: its answers stand on the page too."""
    help: Id | None = None
    """The window, zone or room to which staff come when help is asked for; without it there is no such button."""
    stale: Annotated[float, Meta(ge=0, le=86400)] = 600.0
    """Seconds after which waiting figures that nobody renews are not shown any more."""
    welcome: Text = Text(zh="请触摸屏幕取号", en="Touch the screen to take a ticket")
    desk: Text = Text(zh="服务台", en="the service desk")
    """Where people go when the kiosk cannot help."""
    entitled: Text = Text(zh="老年人、残疾人、孕妇、军人等", en="older or disabled people, pregnant women, servicemen")
    """Who gets a priority ticket."""

    def __post_init__(self) -> None:
        refuse_twice("touch screen: language", self.languages)


class KioskConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="kiosk"):
    """A ticket kiosk: service keys or a touch screen, and a printer."""

    id: Id
    printer: PrinterConfig
    keys: tuple[ServiceKey, ...] = ()
    touch: TouchConfig | None = None
    large_print: bool = False
    languages: Annotated[tuple[Literal["zh", "en"], ...], Meta(min_length=1)] = ("zh", "en")
    """What tickets and slips are printed in; the first one large."""
    templates: Path | None = None
    """A folder of templates that take the place of the package's, or add to them."""
    logo: Path | None = None
    """A picture file for the head of what is printed."""
    debounce: Seconds = 0.03
    patience: Seconds = 1.5
    """How long a citizen waits for the controller before the kiosk issues from its lease."""

    def __post_init__(self) -> None:
        if not self.keys and self.touch is None:
            raise ValueError(f"device `{self.id}`: a kiosk needs `keys`, or a `touch` screen")
        refuse_twice(f"device `{self.id}`: key", [f"{key.service}, {key.priority}" for key in self.keys])
