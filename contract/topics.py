"""The table of topics: who says what to whom, how surely, and for how long it holds."""

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, Generic, Literal, TypeVar, get_args

import msgspec

from contract import (
    allotment,
    announcing,
    calling,
    commands,
    dispatch,
    events,
    health,
    helping,
    home,
    rating,
    scanning,
    ticketing,
)
from contract.codec import BadMessage, BadTopic, decode
from contract.values import Text

M = TypeVar("M", bound=msgspec.Struct)

ROOT = "hall/v1"


class Role(StrEnum):
    """Who may stand at an end of a topic. The user name at the broker is the node's or the dispatcher's id."""

    NODE = "node"
    CONTROLLER = "controller"
    DISPATCH = "dispatch"
    VIEWER = "viewer"


Qos = Literal[0, 1]
"""MQTT quality of service. Nothing uses 2: whoever stores, stores by id and is safe against repetition."""


@dataclass(frozen=True)
class Topic(Generic[M]):
    """One row of the contract."""

    name: str
    """How code and documents call it."""
    path: str
    """Behind `hall/v1/{hall}/`, with its variable levels in braces."""
    kind: Any
    """The message type, or a union of tagged types."""
    says: Role
    hears: frozenset[Role]
    meaning: Text
    qos: Qos = 1
    retain: bool = False
    expiry: int | None = None
    """MQTT 5 message expiry in seconds; what a receiver must judge itself stands in the payload as `not_after`."""
    lasting: bool = False
    """A message whose own `not_after` is later lives until then."""
    overheard: bool = False
    """Nodes hear it of one another, and not of themselves alone."""
    sealed: Any = None
    """What a payload is read as whose inside only a newer version can read."""

    @cached_property
    def template(self) -> str:
        """The full topic with its variable levels in braces."""
        return f"{ROOT}/{{hall}}/{self.path}"

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Names of the variable levels, `hall` first."""
        return tuple(re.findall(r"{(\w+)}", self.template))

    @cached_property
    def owner(self) -> str | None:
        """The variable level that must be the user name of the node or dispatcher concerned."""
        return next((level for level in ("node", "user") if level in self.levels), None)

    @property
    def types(self) -> tuple[type[msgspec.Struct], ...]:
        """The message types that the payload may have."""
        return get_args(self.kind) or (self.kind,)

    def at(self, **levels: str) -> str:
        """The topic for these levels, such as `CALL.at(hall="centre")`. Raises `BadTopic` when one is missing or foreign."""
        if set(levels) != set(self.levels):
            raise BadTopic(f"{self.name} needs the levels {', '.join(self.levels)}, got {', '.join(levels) or 'none'}")
        if bad := [v for v in levels.values() if not _LEVEL.fullmatch(v)]:
            raise BadTopic(f"{self.name}: {bad[0]!r} cannot be a topic level")
        return self.template.format(**levels)

    def filter(self, **levels: str) -> str:
        """The subscription for these levels, `+` for every other one."""
        return self.template.format(**dict.fromkeys(self.levels, "+") | levels)

    def match(self, topic: str) -> dict[str, str] | None:
        """The variable levels of `topic`, or None when it is another topic."""
        found = _pattern(self.template).fullmatch(topic)
        return found.groupdict() if found else None

    def lives(self, message: msgspec.Struct) -> int | None:
        """The MQTT 5 message expiry of a message, in seconds; None: it has none."""
        if self.expiry is None or not self.lasting:
            return self.expiry
        said: Any = message
        own: timedelta = said.not_after - said.at
        return max(self.expiry, math.ceil(own.total_seconds()))

    def decode(self, payload: bytes) -> M:
        """Read a payload. Raises `BadMessage`."""
        try:
            return decode(payload, self.kind)  # type: ignore[no-any-return]
        except BadMessage:
            if self.sealed is None:
                raise
            with suppress(BadMessage):
                return decode(payload, self.sealed)  # type: ignore[no-any-return]
            raise


_LEVEL = re.compile(r"[A-Za-z0-9_-]+")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/+#]+)", template))


_node, _controller, _dispatch, _viewer = Role.NODE, Role.CONTROLLER, Role.DISPATCH, Role.VIEWER
_all = frozenset(Role)
_back = frozenset({_controller, _viewer})
_staff = _back | {_dispatch}

NODE_STATUS = Topic[health.NodeStatus](
    "node-status", "node/{node}/status", health.NodeStatus, _node, _staff,
    Text(zh="节点上线、遗嘱与正常离线", en="birth, last will and clean goodbye of a node"), retain=True,
)  # fmt: skip
DEVICE_STATE = Topic[health.DeviceState](
    "device-state", "node/{node}/device/{device}/state", health.DeviceState, _node, _staff,
    Text(zh="设备状态，用工作人员看得懂的话", en="state of one device, in words that staff understand"), retain=True,
)  # fmt: skip
EVENT = Topic[events.Event](
    "event", "node/{node}/event", events.Event, _node, _back,
    Text(zh="节点的有序事件流", en="the ordered stream of a node's events"), sealed=events.SealedEvent,
)  # fmt: skip
ACK = Topic[events.Ack](
    "ack", "node/{node}/ack", events.Ack, _controller, frozenset({_node}),
    Text(zh="控制器已落库的最大连续序号", en="highest contiguous event number the controller has committed"), expiry=60,
)  # fmt: skip
CALL_ANSWER = Topic[calling.CallAnswer](
    "call-answer", "node/{node}/call-answer", calling.CallAnswer, _node, _staff,
    Text(zh="设备对叫号的回答：已显示、已播报、已过期", en="what a device did with a call: shown, spoken, late"), expiry=300,
)  # fmt: skip
PICTURE_SHOWN = Topic[calling.PictureShown](
    "picture-shown", "node/{node}/device/{device}/picture", calling.PictureShown, _node, _staff,
    Text(zh="显示屏正在显示的内容版本", en="which of its pictures a board shows, said once for each"), retain=True,
)  # fmt: skip
TICKET_REQUEST = Topic[ticketing.TicketRequest](
    "ticket-request", "node/{node}/ticket/request", ticketing.TicketRequest, _node, _back,
    Text(zh="取号机请求一个号", en="a kiosk asks for a ticket"), expiry=10,
)  # fmt: skip
TICKET_REPLY = Topic[ticketing.TicketGrant](
    "ticket-reply", "node/{node}/ticket/reply", ticketing.TicketReply, _controller, frozenset({_node}),
    Text(zh="给号或说明为何不给", en="the ticket, or why there is none"), expiry=10,
)  # fmt: skip
SCAN_REQUEST = Topic[scanning.ScanRequest](
    "scan-request", "node/{node}/scan/request", scanning.ScanRequest, _node, _back,
    Text(zh="扫码器读到本大厅的码", en="a scanner has read one of the hall's codes"), expiry=10,
)  # fmt: skip
SCAN_REPLY = Topic[scanning.ScanReply](
    "scan-reply", "node/{node}/scan/reply", scanning.ScanReply, _controller, frozenset({_node}),
    Text(zh="扫码的答复", en="what becomes of whoever showed the code"), expiry=10,
)  # fmt: skip
COMMAND = Topic[commands.Command](
    "command", "node/{node}/command", commands.Command, _controller, frozenset({_node}),
    Text(zh="给设备的命令", en="an order to one device"), expiry=120,
)  # fmt: skip
COMMAND_ANSWER = Topic[commands.CommandAnswer](
    "command-answer", "node/{node}/command-answer", commands.CommandAnswer, _node, _staff,
    Text(zh="命令的结果", en="what became of a command"), expiry=300,
)  # fmt: skip
ECHO = Topic[health.Echo](
    "echo", "node/{node}/echo", health.Echo, _node, frozenset({_node}),
    Text(zh="节点经代理发给自己的回声", en="a node's echo to itself through the broker"), qos=0, expiry=30,
)  # fmt: skip
CALL = Topic[calling.Call](
    "call", "call", calling.Call, _controller, _all,
    Text(zh="叫号，从不保留", en="a call; never retained, so that none comes back from the dead"), expiry=60,
)  # fmt: skip
BOARD_PICTURE = Topic[calling.BoardPicture](
    "board-picture", "board/{board}/picture", calling.BoardPicture, _controller, _all,
    Text(zh="显示屏内容：最近叫号与公告", en="what a board shows: recent calls and notices"), retain=True,
)  # fmt: skip
WINDOW_STATE = Topic[calling.WindowState](
    "window-state", "window/{window}/state", calling.WindowState, _controller, _all,
    Text(zh="窗口当前状态", en="what a window does now"), retain=True,
)  # fmt: skip
KEY_REFUSED = Topic[calling.KeyRefused](
    "key-refused", "window/{window}/key-refused", calling.KeyRefused, _controller, _all,
    Text(zh="窗口按键为何无效", en="why a key of a window's caller brought about nothing"), expiry=10,
)  # fmt: skip
RATING_INVITE = Topic[rating.RatingInvite](
    "rating-invite", "window/{window}/rating", rating.RatingInvite, _controller, _all,
    Text(zh="邀请评价", en="opens a window's rater for one visit"), expiry=60, lasting=True,
)  # fmt: skip
KIOSK_OFFER = Topic[ticketing.KioskOffer](
    "kiosk-offer", "kiosk/{kiosk}/offer", ticketing.KioskOffer, _controller, _all,
    Text(zh="取号机可提供的事项", en="what a kiosk may offer"), retain=True,
)  # fmt: skip
HELP_STATE = Topic[helping.HelpState](
    "help-state", "place/{place}/help", helping.HelpState, _controller, _all,
    Text(zh="某处的求助及其响应", en="calls for help of one place, and whether staff go there"), retain=True,
)  # fmt: skip
SPOKEN = Topic[announcing.Spoken](
    "spoken", "node/{node}/spoken", announcing.Spoken, _node, _all,
    Text(zh="语音播报的文字，供听不见的人", en="the text of what a loudspeaker says, for whoever cannot hear it"), expiry=60,
    overheard=True,
)  # fmt: skip
ALLOTMENT = Topic[allotment.Allotment](
    "allotment", "window/{window}/allotment", allotment.Allotment, _controller, _all,
    Text(zh="失去控制器时窗口可自行呼叫的号", en="the tickets a window may call by itself without the controller"), retain=True,
)  # fmt: skip
ALLOTMENT_HELD = Topic[allotment.AllotmentHeld](
    "allotment-held", "node/{node}/allotment", allotment.AllotmentHeld, _node, _back,
    Text(zh="窗口所在节点现在依据的号单版本", en="the version of an allotment that a window's node goes by"), expiry=30,
)  # fmt: skip
CONTROLLER_STATUS = Topic[health.ControllerStatus](
    "controller-status", "controller/status", health.ControllerStatus, _controller, _all,
    Text(zh="控制器心跳、遗嘱与校时", en="heartbeat, last will and time signal of the controller"), retain=True,
)  # fmt: skip
DISPATCH_REQUEST = Topic[dispatch.DispatchRequest](
    "dispatch-request", "dispatch/{user}/request", dispatch.DispatchRequest, _dispatch, _back,
    Text(zh="调度请求：叫号、重呼、公告等", en="what dispatch wants done: call, recall, notice, …"), expiry=30,
)  # fmt: skip
DISPATCH_REPLY = Topic[dispatch.DispatchReply](
    "dispatch-reply", "dispatch/{user}/reply", dispatch.DispatchReply, _controller, frozenset({_dispatch}),
    Text(zh="对调度请求的回答", en="the answer to a dispatch request"), expiry=30,
)  # fmt: skip

HOME_STATUS = Topic[home.HomeStatus](
    "home-status", "home/status", home.HomeStatus, _controller, frozenset({_viewer}),
    Text(zh="楼宇管理的数据是否在更新", en="whether the figures for building control are kept up to date"), retain=True,
)  # fmt: skip
HOME_STATE = Topic[home.HomeState](
    "home-state", "home/{part}/state", home.HomeState, _controller, frozenset({_viewer}),
    Text(zh="楼宇管理所见的大厅、节点与母婴室状态", en="how hall, node or room stands, for building control"), retain=True,
)  # fmt: skip

TABLE: tuple[Topic[Any], ...] = (
    NODE_STATUS, DEVICE_STATE, EVENT, ACK, CALL_ANSWER, TICKET_REQUEST, TICKET_REPLY, COMMAND, COMMAND_ANSWER, ECHO,
    CALL, BOARD_PICTURE, WINDOW_STATE, KEY_REFUSED, RATING_INVITE, KIOSK_OFFER, HELP_STATE,
    PICTURE_SHOWN, SPOKEN, SCAN_REQUEST, SCAN_REPLY, ALLOTMENT, ALLOTMENT_HELD,
    CONTROLLER_STATUS, DISPATCH_REQUEST, DISPATCH_REPLY, HOME_STATUS, HOME_STATE,
)  # fmt: skip


def find(topic: str) -> tuple[Topic[Any], dict[str, str]]:
    """The row that `topic` belongs to, and its variable levels. Raises `BadTopic`."""
    for row in TABLE:
        if (levels := row.match(topic)) is not None:
            return row, levels
    raise BadTopic(f"{topic!r} is no topic of the contract")


def said_by(role: Role) -> Iterator[Topic[Any]]:
    """The rows that `role` publishes."""
    return (row for row in TABLE if row.says is role)


def heard_by(role: Role) -> Iterator[Topic[Any]]:
    """The rows that `role` subscribes to."""
    return (row for row in TABLE if role in row.hears)
