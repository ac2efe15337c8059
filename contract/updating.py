"""Updating: what a node says of its last update, and how well its program is, for whoever judges an update."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.values import Code, Id, Moment, Text, Token, Value

Version = Annotated[str, Meta(min_length=1, max_length=40)]

UpdateResult = Literal["trying", "kept", "returned", "refused"]
"""`trying` runs and is not confirmed yet; `returned` was tried and went back to the version before; `refused` was never tried."""


class UpdateReport(Value, frozen=True, kw_only=True):
    """What became of a node's last update."""

    version: Version
    """The version that was to come."""
    result: UpdateResult
    code: Code
    """The reason as one stable word for programs; `ok` when nothing is wrong."""
    what: Text
    at: Moment


class Wellness(Value, frozen=True, kw_only=True):
    """How a node's program is, in a file of the node: judged by the updater, which is another process of another version."""

    session: Token
    """Of the process: another one after each start."""
    version: Version
    at: float
    """When this was written, by the machine's monotonic clock."""
    echo: bool = False
    """Whether the link has just proven itself: broker reached, its echo came back."""
    controller: bool = False
    answered: tuple[Id, ...] = ()
    """Devices that have answered and are not at fault."""
    silent: tuple[Id, ...] = ()
    """All others."""
