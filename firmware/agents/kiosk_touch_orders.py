"""What the page of a touch screen orders, and what it is told became of it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from contract.scanning import ScanReply
from contract.ticketing import Following
from contract.values import Id, Text, Token, WaitRange, whole
from firmware.agents.kiosk_wish import Served
from firmware.touch import words

Became = Literal["printed", "unsure", "not-printed", "refused", "busy", "checked-in", "help-asked"]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of orders. One that comes again with the same id is the same order."""

    id: Token


class Take(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A ticket."""

    service: Id
    then: Following = ()
    priority: bool = False


class CheckIn(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An appointment's holder is here."""

    code: Annotated[str, Meta(pattern=whole("[0-9]{8}"))]


class CallHelp(Order, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody needs a hand."""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an order. Without `ahead` nobody could be asked how many wait."""

    became: Became
    why: Text | None = None
    number: str | None = None
    service: Text | None = None
    then: tuple[Text, ...] = ()
    zone: Text | None = None
    priority: bool = False
    ahead: int | None = None
    wait: WaitRange | None = None


def after_serving(served: Served, desk: Text) -> Outcome:
    """What the page says of a wish that is over."""
    job = served.job
    if job is None:
        why = {"refused": served.why, "no-number": words.no_number(desk), "lost": words.lost(desk)}.get(served.became)
        return Outcome("refused", why=why or words.out_of_order(desk))
    if served.became == "not-printed":
        return Outcome("not-printed", why=words.not_printed(desk))
    return Outcome(
        "printed" if served.became == "printed" else "unsure",
        why=None if served.became == "printed" else words.unsure(desk),
        number=job.number,
        service=job.service_name,
        then=job.then,
        zone=job.zone,
        priority=job.priority == "priority",
        ahead=job.ahead,
        wait=job.wait,
    )


def after_check_in(reply: ScanReply | None, *, printed: bool, desk: Text) -> Outcome:
    """What the page says of a check-in; its number stands there too when it did not come out on paper."""
    if reply is None:
        return Outcome("refused", why=words.no_check_in(desk))
    if reply.outcome != "checked-in":
        return Outcome("refused", why=reply.what)
    why = None if printed else words.no_paper(desk)
    return Outcome("checked-in", why=why, number=reply.number, ahead=reply.ahead, wait=reply.wait)
