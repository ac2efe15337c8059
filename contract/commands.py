"""Commands: what the controller asks of a device, each with a deadline and an answer."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.values import Id, Moment, Text, Token, Value, whole

FieldName = Annotated[str, Meta(pattern=whole("[a-z][a-z0-9_]*"), max_length=40)]
SlipLine = Annotated[str, Meta(max_length=400)]
FieldValue = SlipLine | Text | Annotated[tuple[SlipLine | Text, ...], Meta(max_length=60)]
"""A text, one in both languages, or a list of either."""


class SelfTest(Value, frozen=True, kw_only=True, tag="self-test"):
    """Light every pixel, print a test page, flash every lamp."""


class PrintSlip(Value, frozen=True, kw_only=True, tag="print-slip"):
    """Print a slip: a named template with its fields, or else a title and lines of text as they are, with an optional QR code."""

    slip: Token
    template: Id | None = None
    """Such as `acceptance`; title, lines and qr are not looked at then."""
    fields: Annotated[dict[FieldName, FieldValue], Meta(max_length=40)] = {}
    """What the template's fields are filled with."""
    title: Text = Text(zh="", en="")
    lines: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=60)] = ()
    qr: Annotated[str, Meta(max_length=200)] | None = None
    reprint: bool = False


class Reload(Value, frozen=True, kw_only=True, tag="reload"):
    """Read the node's configuration again and start the device with it."""


class Identify(Value, frozen=True, kw_only=True, tag="identify"):
    """Make the device recognisable (blink, beep) for some seconds."""

    seconds: Annotated[int, Meta(ge=1, le=60)] = 10


class Command(Value, frozen=True, kw_only=True):
    """One order to one device; not carried out after `not_after`, carried out once however often it arrives."""

    id: Token
    device: Id
    at: Moment
    not_after: Moment
    do: SelfTest | PrintSlip | Reload | Identify


class CommandAnswer(Value, frozen=True, kw_only=True):
    """What became of a command."""

    id: Token
    device: Id
    at: Moment
    outcome: Literal["done", "refused", "failed", "late"]
    what: Text
