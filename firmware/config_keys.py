"""The tables of callers and raters in node.toml: what they hang on, and what each of their keys means."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, NamedTuple, get_args

from msgspec import Meta
from msgspec.structs import force_setattr

from contract.events import CallerKey, Level
from contract.settings import Seconds, Settings, refuse_twice
from contract.values import Id
from devices.keypad import is_key

Line = Annotated[int, Meta(ge=0, le=27, description="GPIO number (BCM), 0 to 27")]
Address = Annotated[int, Meta(ge=0, le=255)]
Baud = Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200]
Doing = Literal["closed", "paused", "idle", "called", "serving"]
Lamp = Literal["off", "red", "green", "blink-red", "blink-green"]
Means = Annotated[
    str,
    Meta(
        pattern="^([1-5]|attitude|quality|efficiency|environment|complaint|reason-[a-z0-9]+(-[a-z0-9]+)*)$",
        max_length=40,
        description="A level 5 to 1, an aspect, `complaint`, or `reason-` with a word of your own",
    ),
]

CALLER_KEYS: Mapping[str, Mapping[str, CallerKey]] = {
    "keypad": {
        "KEY_KPENTER": "next",
        "KEY_KP0": "recall",
        "KEY_KP1": "start",
        "KEY_KP2": "finish",
        "KEY_KP3": "no-show",
        "KEY_KPDOT": "pause",
        "KEY_KPPLUS": "resume",
        "KEY_KPASTERISK": "invite",
    },
    "ff68": {
        "0C": "next",
        "0D": "recall",
        "0B": "invite",
        "called+0B": "start",
        "serving+0B": "finish",
        "06 0F": "no-show",
        "12": "pause",
        "paused+12": "resume",
        "closed+12": "resume",
        "00 0F": "park",
        "03 0F": "unpark",
        "13": "transfer",
        "0E": "cancel",
    },
    "four-key": {
        "idle+31": "next",
        "called+31": "recall",
        "called+32": "start",
        "called+34": "no-show",
        "serving+34": "finish",
        "serving+33": "transfer",
    },
}
"""Dialect to what its keys order: everywhere, or (`called+31`) while the window does something."""
LAMPS: Mapping[Doing, Lamp] = {"paused": "red", "called": "blink-red", "serving": "green"}

_HOW_TO_FIND = {
    "keypad": "`evtest` shows the names of a keypad's keys",
    "ff68": "write the byte that it sends, such as `0C`, or `06 0F` for a pair that ends in 0F",
    "four-key": "there are 31, 32, 33 and 34",
    "jtt905": "write the byte that it sends, such as `02`",
}
_SPELLED = {
    "ff68": re.compile("[0-9A-F]{2}( 0F)?"),
    "four-key": re.compile("3[1-4]"),
    "rating": re.compile("[0-9A-F]{2}"),
}


class CallerConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="caller"):
    """A window's caller: a HID keypad, or a serial one that may share its line with others."""

    id: Id
    window: Id
    wire: str
    """`/dev/input/by-id/…-event-kbd` of a keypad, `/dev/serial/by-id/…` of a serial caller."""
    dialect: Literal["keypad", "ff68", "four-key"] = "keypad"
    address: Address | None = None
    """Of a serial caller on its line."""
    baud: Baud = 9600
    answers: bool = False
    """Whether an `ff68` caller repeats whatever it is told; only then is it noticed when it falls silent."""
    keys: dict[str, CallerKey] = {}
    """What each key orders; a dialect's own table when none is written. `called+31` holds only while somebody is called."""
    lamps: dict[Doing, Lamp] = {}
    """How a four-key caller's lamp shows what the window does."""
    patience: Seconds = 5.0
    """A press means nothing after this long."""

    def __post_init__(self) -> None:
        force_setattr(self, "keys", self.keys or dict(CALLER_KEYS[self.dialect]))
        if self.dialect == "four-key":
            force_setattr(self, "lamps", self.lamps or dict(LAMPS))
        _refuse_places(self.id, self.keys)
        _refuse_keys(self.id, self.dialect, self.dialect, (place.rpartition("+")[2] for place in self.keys))
        _need_address(self.id, self.dialect, self.address, serial=self.dialect != "keypad")


class RatingKey(Settings, frozen=True, kw_only=True):
    """A key of a rater on GPIO lines, and the lamp beside it."""

    line: Line
    lamp: Line | None = None
    level: Level | None = None
    means: Means | None = None
    """Instead of a level: `attitude`, `quality`, `efficiency`, `environment`, `complaint`, or `reason-` and a word."""

    def __post_init__(self) -> None:
        if (self.level is None) == (self.means is None):
            raise ValueError(f"the rating key on line {self.line} needs either `level` or `means`")

    @property
    def word(self) -> str:
        """What it means."""
        return str(self.level) if self.means is None else self.means


class RaterConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="rater"):
    """The rating keys of a window: on GPIO lines, a HID keypad, or a serial rater."""

    id: Id
    window: Id
    dialect: Literal["gpio", "keypad", "ff68", "jtt905"] = "gpio"
    keys: tuple[RatingKey, ...] = ()
    """Of `gpio`."""
    wire: str | None = None
    """Of the others: `/dev/input/by-id/…-event-kbd`, `/dev/serial/by-id/…`."""
    codes: dict[str, Means] = {}
    """What each key of the others means; it differs by model, so it must be written."""
    address: Address | None = None
    """Of `ff68` on its line; it may be that of the window's caller."""
    baud: Baud = 9600
    answers: bool = False
    """Whether a serial rater repeats whatever it is told; only then is it noticed when it falls silent."""
    rating_command: Annotated[int, Meta(ge=0, le=0xFFFF)] | None = None
    """Of `jtt905`: the maker's number of the command that tells a rating."""
    invite_command: Annotated[int, Meta(ge=0, le=0xFFFF)] | None = None
    """Of `jtt905`: the maker's number of the command that opens the rater."""
    device_kind: Literal[0x06, 0x11] = 0x06
    vendor: Annotated[int, Meta(ge=0, le=255)] = 0
    debounce: Seconds = 0.03
    thanks: Seconds = 2.0
    """How long the pressed key's lamp stays lit."""
    follow_up: Seconds = 15.0
    """How long after a level aspects and a reason may be pressed."""

    def __post_init__(self) -> None:
        refuse_twice(f"device `{self.id}`: key", self.words.values())
        if self.dialect == "gpio":
            _need(self.id, "a rater on GPIO lines", keys=self.keys or None)
            return
        _need(self.id, f"a rater `{self.dialect}`", wire=self.wire, codes=self.codes or None)
        if self.dialect == "jtt905":
            _need(self.id, "a rater `jtt905`", rating_command=self.rating_command, invite_command=self.invite_command)
        _refuse_keys(self.id, self.dialect, "keypad" if self.dialect == "keypad" else "rating", self.codes)
        _need_address(self.id, self.dialect, self.address, serial=self.dialect == "ff68")

    @property
    def words(self) -> dict[str, str]:
        """Each key's name at the driver to what it means."""
        return {f"GPIO{key.line}": key.word for key in self.keys} if self.dialect == "gpio" else dict(self.codes)


class BusPlace(NamedTuple):
    """Where a device hangs on a serial line that it shares: two devices of the same traffic need two addresses."""

    wire: str
    traffic: str
    """What is said there: devices of different traffic do not hear each other's frames as their own."""
    address: int

    @property
    def words(self) -> str:
        """The place as a person reads it."""
        return f"{self.wire}, {self.traffic}, address {self.address}"


def place_of(device: CallerConfig | RaterConfig) -> BusPlace | None:
    """The place of a serial caller or rater; None for one that has its wires to itself."""
    if device.address is None or device.wire is None:
        return None
    return BusPlace(device.wire, f"{device.dialect} {device.__struct_config__.tag}", device.address)


def _need(device: str, what: str, **given: object) -> None:
    if missing := [name for name, value in given.items() if value is None]:
        raise ValueError(f"device `{device}`: {what} needs `{missing[0]}`")


def _need_address(device: str, dialect: str, address: int | None, *, serial: bool) -> None:
    if serial and address is None:
        raise ValueError(f"device `{device}`: `{dialect}` needs `address`, as it is set on the device")
    if not serial and address is not None:
        raise ValueError(f"device `{device}`: `{dialect}` has no `address`; leave it out")


def _refuse_places(device: str, keys: Iterable[str]) -> None:
    stages = get_args(Doing)
    for key in keys:
        stage, plus, _ = key.rpartition("+")
        if plus and stage not in stages:
            raise ValueError(f"device `{device}`: key `{key}`: there is no `{stage}`; a window is {', '.join(stages)}")


def _refuse_keys(device: str, dialect: str, spelled: str, keys: Iterable[str]) -> None:
    for key in keys:
        if not (is_key(key) if spelled == "keypad" else _SPELLED[spelled].fullmatch(key)):
            raise ValueError(f"device `{device}`: there is no key `{key}`; {_HOW_TO_FIND[dialect]}")
