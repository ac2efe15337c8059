"""What stands on the touch screen now: services and how long one waits for them, what the kiosk cannot do, notices. Pure."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from contract.scanning import ScanReply
from contract.ticketing import ServiceOffer
from contract.values import Text, WaitRange
from firmware.agents.kiosk_rules import KioskRules
from firmware.agents.kiosk_words import CLOSED, Saying
from firmware.config_kiosk import TouchConfig
from firmware.touch import words


class Card(msgspec.Struct, frozen=True):
    """One service. Without `waiting` nobody knows how many wait; without `wait` nobody knows how long."""

    service: str
    prefix: str
    name: Text
    zone: Text
    open: bool
    why: Text | None
    waiting: int | None
    wait: WaitRange | None


class NoticeCard(msgspec.Struct, frozen=True):
    """A notice of the hall."""

    id: str
    text: Text
    urgent: bool


class Scanned(msgspec.Struct, frozen=True):
    """What came of the last code before the scanner beside the screen."""

    id: str
    good: bool
    what: Text


class Screen(msgspec.Struct, frozen=True):
    """Everything that stands on the screen and changes."""

    hall: Text
    cards: tuple[Card, ...]
    out: Text | None
    """Why no ticket at all can be had now."""
    away: bool
    """Whether the controller is out of reach."""
    as_of: datetime | None
    """From when the waiting figures are; None when they are those of now."""
    notices: tuple[NoticeCard, ...]
    help: Literal["idle", "asked", "coming"]
    scanned: Scanned | None


class Seen(msgspec.Struct, frozen=True):
    """What the kiosk's rules do not know of the screen."""

    trouble: Saying | None
    """Of the printer."""
    present_until: datetime | None
    """When the controller was there last; None when it has not been since the start."""
    help: Literal["idle", "asked", "coming"] = "idle"
    scan: ScanReply | None = None


def draw(rules: KioskRules, config: TouchConfig, seen: Seen, now: datetime) -> Screen:
    """The screen at `now`."""
    offer = rules.offer
    as_of = None if rules.present or offer is None else seen.present_until or offer.at
    known = as_of is None or now - as_of <= timedelta(seconds=config.stale)
    services = offer.services if offer else ()
    notices = offer.notices if offer and known else ()
    return Screen(
        hall=offer.hall_name if offer else words.HALL,
        cards=tuple(_card(rules, service, config, known=known, now=now) for service in services),
        out=_out(rules, config, seen.trouble, now),
        away=not rules.present,
        as_of=as_of if known else None,
        notices=tuple(NoticeCard(n.notice, n.text, n.urgent) for n in notices if n.until is None or now < n.until),
        help=seen.help,
        scanned=None if seen.scan is None else Scanned(seen.scan.request, seen.scan.outcome != "refused", seen.scan.what),
    )


def _card(rules: KioskRules, service: ServiceOffer, config: TouchConfig, *, known: bool, now: datetime) -> Card:
    why = None if service.open else service.why_closed or CLOSED
    if why is None and not rules.present and rules.next_number(service, now) is None:
        why = words.no_number(config.desk)
    return Card(
        service=service.service,
        prefix=service.prefix,
        name=service.name,
        zone=service.zone_name,
        open=why is None,
        why=why,
        waiting=service.waiting if known and service.open else None,
        wait=service.wait if known and service.open else None,
    )


def _out(rules: KioskRules, config: TouchConfig, trouble: Saying | None, now: datetime) -> Text | None:
    if not rules.can_print:
        return words.printer_out("starting" if trouble is None else trouble.code, config.desk)
    if not rules.can_record:
        return words.out_of_order(config.desk)
    if rules.offer is None or not rules.offer.services:
        return words.STARTING if rules.offer is None else words.out_of_order(config.desk)
    if not rules.present and not rules.can_issue_alone(now) and any(service.open for service in rules.offer.services):
        return words.no_number(config.desk)
    return None
