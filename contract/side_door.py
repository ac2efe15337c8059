"""The side door: what somebody at a node itself asks of its program, without a broker, and what that tells."""

from contract.commands import CommandAnswer
from contract.health import DeviceState
from contract.values import Id, Value

SIDE_DOOR = "side-door.sock"
"""The socket in the node's runtime folder, for root and the node's own account."""


class SelfTestAsked(Value, frozen=True, kw_only=True):
    """One line: let this device test itself."""

    device: Id


class SelfTestTold(Value, frozen=True, kw_only=True):
    """One line: what the device said, and how it is now; there is no state of a device that is not here."""

    answer: CommandAnswer
    state: DeviceState | None
