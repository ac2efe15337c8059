"""Health: what nodes, devices and the controller say of themselves."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.updating import UpdateReport
from contract.values import Code, Count, Id, Moment, Text, Token, Value

Condition = Literal["ready", "busy", "attention", "fault"]
"""`attention` still works but wants a person (paper low); `fault` does not work."""
WANTING: tuple[Condition, ...] = ("attention", "fault")
"""Conditions in which a device wants a person."""

MOST_OFF = 1e10
"""Seconds that two clocks can be apart: more than the years of messages, and than those since 1970."""


class NodeStatus(Value, frozen=True, kw_only=True):
    """Birth, last will and clean goodbye of a node; a will whose `session` is not the newest is ignored."""

    node: Id
    session: Token
    state: Literal["online", "lost", "offline"]
    at: Moment
    """When the session began (birth, will) or ended (goodbye), by the node's clock."""
    version: Annotated[str, Meta(max_length=40)]
    devices: tuple[Id, ...] = ()
    waiting: Count = 0
    """Events that have waited for the controller longer than an acknowledgement normally takes, 3 seconds; in a goodbye, all
    that the controller has not acknowledged, since they wait until the node is started again."""
    clock_off: Annotated[float, Meta(ge=-MOST_OFF, le=MOST_OFF)] = 0.0
    """Seconds that the node's clock is ahead of the controller's; 0 until known."""
    trouble: Text | None = None
    """What is wrong with the node itself, such as a memory card that takes no data; absent when nothing is."""
    counts: dict[str, Count] = {}
    """What happened since the node started, such as `bad-message` or `agent-restarted`."""
    update: UpdateReport | None = None
    """What became of the last update of its program; absent when there was none."""


class DeviceState(Value, frozen=True, kw_only=True):
    """State of one device, in words that staff understand."""

    device: Id
    kind: Annotated[str, Meta(max_length=20)]
    condition: Condition
    code: Code
    """The reason as one stable word for programs, such as `paper-out`; `ok` when nothing is wrong."""
    what: Text
    touch: Text | None = None
    """What a person should touch to make it well; absent when nothing needs a hand."""
    since: Moment
    counts: dict[str, Count] = {}
    """What happened since the agent started, such as `bad-message` or `refused-press`."""


class ControllerStatus(Value, frozen=True, kw_only=True):
    """Heartbeat, last will and clean goodbye of the controller; also the hall's time signal."""

    session: Token
    state: Literal["online", "lost", "offline"]
    at: Moment
    version: Annotated[str, Meta(max_length=40)]
    every: Annotated[float, Meta(gt=0, le=3600)] = 5.0
    """Seconds between heartbeats; three missed ones mean that it is lost."""


class Echo(Value, frozen=True, kw_only=True):
    """A node's message to itself through the broker: proof that the link carries."""

    session: Token
    beat: Count
