"""Telling: facts that an operator would tell a colleague go into the log."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from controller import complaints, notices, rooms
from controller.missing import EventsMissing
from controller.overrides import OverrideEnded, OverrideSet
from controller.queue import facts
from controller.state import Fact

log = logging.getLogger("hallware.controller")

_LINES: Mapping[type[Any], tuple[int, Callable[[Any], str]]] = {
    facts.DayStarted: (logging.INFO, lambda f: f"the day {f.day} begins"),
    facts.WindowTurned: (logging.INFO, lambda f: f"window {f.window} is {f.door}"),
    facts.TicketVoided: (logging.INFO, lambda f: f"ticket {f.ticket} is void: {f.why}"),
    facts.TicketLeased: (logging.INFO, lambda f: f"{f.kiosk} issued {f.number} by itself"),
    facts.TicketCalled: (logging.DEBUG, lambda f: f"{f.number} to {f.window}, call {f.times}{', by itself' if f.away else ''}"),
    facts.CallTakenBack: (logging.WARNING, lambda f: f"{f.window} had called somebody else meanwhile; {f.ticket} waits again"),
    facts.AwayNoted: (logging.WARNING, lambda f: f"{f.window} {f.step} {f.number} by itself, which was {f.why} by then"),
    facts.AllotmentLapsed: (
        logging.WARNING,
        lambda f: f"the node of {f.window} is away for long: nobody else calls what it held until a person decides so",
    ),
    facts.TicketsReleased: (logging.INFO, lambda f: f"what {f.window} held may be called elsewhere: {len(f.tickets)} tickets"),
    notices.NoticePosted: (logging.INFO, lambda f: f"notice {f.notice} is up: {f.text.en or f.text.zh}"),
    OverrideSet: (logging.WARNING, lambda f: f"a rule is another one until {f.until:%Y-%m-%d %H:%M}: {f.what!r}, by {f.by}"),
    OverrideEnded: (logging.INFO, lambda f: f"override {f.override} is over"),
    notices.NoticeEnded: (logging.INFO, lambda f: f"notice {f.notice} is down"),
    EventsMissing: (logging.WARNING, lambda f: f"events {f.first}-{f.last} of node {f.node} are not in this database"),
    complaints.ComplaintRaised: (logging.WARNING, lambda f: f"a complaint at {f.window}: please go and listen"),
    rooms.HelpWanted: (logging.WARNING, lambda f: f"help is wanted at {f.place} {f.cubicle or ''}".rstrip()),
    rooms.HelpGiven: (logging.INFO, lambda f: f"call for help {f.help} is answered"),
    rooms.StayGrewLong: (logging.WARNING, lambda f: f"a long stay in {f.room}, {f.cubicle}: look discreetly"),
}


def tell(fact: Fact) -> None:
    """Log a fact, if it is worth it."""
    if row := _LINES.get(type(fact)):
        level, words = row
        log.log(level, "%s", words(fact))
