"""What is printed for people, as data: tickets, slips, filled-in forms, test pages; each names its template and fields."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from contract.values import Text, WaitRange
from devices.receipt_layout import Filling
from devices.receipt_template import Given

_SET = "1"
"""A field that is only asked whether it is given."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands on a ticket."""

    hall: Text
    service: Text
    then: tuple[Text, ...] = ()
    """Services that follow on the same ticket."""
    number: str
    zone: Text
    """Where to wait."""
    at: datetime
    """Aware, in the hall's time zone."""
    ahead: int | None = None
    """People ahead; None when nobody could be asked."""
    wait: WaitRange | None = None
    rules: Text | None = None
    """What happens to a missed call."""
    qr: str | None = None
    priority: bool = False
    appointment: str | None = None
    """For somebody who has one: the slot that was agreed, such as 10:30-11:00, or nothing when the kiosk does not know it."""
    reprint: bool = False
    large_print: bool = False


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """A slip (凭证, 告知单): a title and lines as they are."""

    hall: Text
    title: Text
    slip: str
    """The slip's own id, printed as its serial number."""
    at: datetime
    lines: tuple[str, ...] = ()
    qr: str | None = None
    reprint: bool = False


class SamplePage(msgspec.Struct, frozen=True, kw_only=True):
    """A test page: shows that the printer, its Chinese font, its sizes, its QR code and its cutter work."""

    hall: Text
    device: str
    at: datetime
    printer: Text | None = None
    """What staff call it."""
    settings: str = ""
    """Wire, paper and encoding, as they are set."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A slip made from a named template."""

    template: str
    fields: Mapping[str, Given] = {}
    hall: Text
    slip: str
    at: datetime
    device: str = ""
    reprint: bool = False


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A short word to whoever stands there, such as why there is no ticket."""

    hall: Text
    title: Text
    text: Text
    at: datetime


Receipt = Ticket | Slip | Form | SamplePage | Note


def filled(receipt: Receipt) -> tuple[str, Filling]:
    """The name of the receipt's template, and what is filled into it."""
    match receipt:
        case Ticket():
            fields, large = _ticket(receipt), receipt.large_print
            if receipt.appointment is not None:
                name, fields["slot"] = "appointment-ticket", receipt.appointment
            else:
                name = "priority-ticket" if receipt.priority else "ticket"
            return name, Filling(fields=fields, hall=receipt.hall, at=receipt.at, reprint=receipt.reprint, large=large)
        case Slip():
            slip: dict[str, Given] = {"title": receipt.title, "lines": receipt.lines, "qr": receipt.qr or ""}
            return "slip", Filling(fields=slip, hall=receipt.hall, at=receipt.at, slip=receipt.slip, reprint=receipt.reprint)
        case Form():
            return receipt.template, Filling(
                fields=receipt.fields,
                hall=receipt.hall,
                at=receipt.at,
                slip=receipt.slip,
                device=receipt.device,
                reprint=receipt.reprint,
            )
        case SamplePage():
            page: dict[str, Given] = {"printer": receipt.printer or "", "settings": receipt.settings}
            return "test-page", Filling(fields=page, hall=receipt.hall, at=receipt.at, device=receipt.device)
        case Note():
            return "note", Filling(fields={"title": receipt.title, "text": receipt.text}, hall=receipt.hall, at=receipt.at)


def _ticket(ticket: Ticket) -> dict[str, Given]:
    return {
        "service": ticket.service,
        "number": ticket.number,
        "zone": ticket.zone,
        "rules": ticket.rules or "",
        "qr": ticket.qr or "",
        **_wait(ticket),
        **_then(ticket),
    }


def _then(ticket: Ticket) -> dict[str, Given]:
    if not ticket.then:
        return {}
    return {
        "then": Text(zh="、".join(name.zh for name in ticket.then)[:400], en=", ".join(name.en for name in ticket.then)[:400])
    }


def _wait(ticket: Ticket) -> dict[str, Given]:
    if ticket.ahead is None:
        return {"unknown": _SET}
    if ticket.ahead == 0:
        return {"next": _SET}
    people = Text(zh="人", en="person" if ticket.ahead == 1 else "people")
    ahead: dict[str, Given] = {"ahead": str(ticket.ahead), "people": people}
    return ahead if ticket.wait is None else ahead | {"wait": _minutes(ticket.wait)}


def _minutes(wait: WaitRange) -> str:
    return f"{wait.low}" if wait.low == wait.high else f"{wait.low}-{wait.high}"
