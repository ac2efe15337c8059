"""Messages to citizens: what a fact makes the hall's webhooks say, in words that can be sent on as they are. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contract import webhooks
from contract.values import Text, WaitRange
from controller.appointments import ReminderDue
from controller.cases import CaseStepped
from controller.config_webhooks import Webhook
from controller.hall_rules import HallRules
from controller.nearing import TurnNear
from controller.pictures import TICKET_PAGE
from controller.queue import estimate
from controller.queue.facts import TicketCalled
from controller.state import Fact, HallState

CALL_LIVES = timedelta(minutes=10)
"""Who was called longer ago need not hear of it any more."""
PLACE_LIVES = timedelta(hours=2)


@dataclass(frozen=True)
class Outgoing:
    """A message for one webhook. Those of one `stream` are delivered in their order."""

    webhook: str
    event: str
    stream: str
    message: webhooks.Message
    at: datetime
    expires: datetime


@dataclass(frozen=True)
class _Told:
    """What all webhooks are told alike; `text` in the languages that each asked for."""

    event: webhooks.EventName
    stream: str
    text: Text
    build: Callable[[webhooks.Texts], webhooks.Message]
    lives: timedelta | None = None


def of(fact: Fact, state: HallState, rules: HallRules) -> tuple[Outgoing, ...]:
    """What is said because of `fact`; `state` is the one after it."""
    rule = _RULES.get(type(fact))
    told = None if rule is None or not rules.config.webhook else rule(fact, state, rules)
    if told is None:
        return ()
    return tuple(_outgoing(hook, told, fact.at) for hook in listeners(rules, told.event))


def listeners(rules: HallRules, event: webhooks.EventName) -> Iterable[Webhook]:
    """The webhooks that want to hear of an event."""
    return (hook for hook in rules.config.webhook if event in hook.events)


def texts(text: Text, languages: Iterable[str]) -> webhooks.Texts:
    """A sentence in some languages."""
    return {language: text.within(language) for language in languages}


def _outgoing(hook: Webhook, told: _Told, at: datetime) -> Outgoing:
    limit = timedelta(hours=hook.hours)
    return Outgoing(
        webhook=hook.id, event=told.event, stream=told.stream, message=told.build(texts(told.text, hook.languages)), at=at,
        expires=at + min(limit, told.lives or limit),
    )  # fmt: skip


def _reminder(fact: ReminderDue, state: HallState, rules: HallRules) -> _Told:
    booked = state.appointments.booked.get(fact.appointment)
    name, at = _service(fact.service, rules).name, fact.slot.astimezone(rules.queue.timezone)
    code = None if booked is None else booked.code
    text = Text(
        zh=f"您预约了{at:%m月%d日 %H:%M}在{rules.config.hall.name.zh}办理{name.zh}" + (f"，预约码 {code}" if code else ""),
        en=f"Your appointment: {at:%Y-%m-%d %H:%M}, {name.en}, {rules.config.hall.name.en}" + (f"; code {code}" if code else ""),
    )

    def build(said: webhooks.Texts) -> webhooks.Message:
        reminder = webhooks.Reminder(
            appointment=fact.appointment, service=_service(fact.service, rules), slot=fact.slot, text=said, code=code,
            contact=fact.contact,
        )  # fmt: skip
        return webhooks.AppointmentReminder(timestamp=fact.at, hall=rules.config.hall.id, data=reminder)

    return _Told("appointment.reminder", fact.appointment, text, build, lives=max(fact.slot - fact.at, timedelta(minutes=1)))


def _soon(fact: TurnNear, state: HallState, rules: HallRules) -> _Told:
    wait = estimate.wait(state.queue, fact.service, fact.ahead, rules.queue, fact.turn)
    name = _service(fact.service, rules).name
    text = Text(
        zh=f"{fact.number}号（{name.zh}）：前面还有{fact.ahead}位{_about(wait).zh}",
        en=f"{fact.number}, {name.en}: {fact.ahead} before you{_about(wait).en}",
    )

    def build(said: webhooks.Texts) -> webhooks.Message:
        place = webhooks.Place(
            ticket=fact.ticket, number=fact.number, service=_service(fact.service, rules), ahead=fact.ahead, text=said, wait=wait,
            page=_page(fact.ticket, rules), contact=state.nearing.contacts.get(fact.ticket) or "",
        )  # fmt: skip
        return webhooks.TicketSoon(timestamp=fact.at, hall=rules.config.hall.id, data=place)

    return _Told("ticket.soon", fact.ticket, text, build, lives=PLACE_LIVES)


def _about(wait: WaitRange | None) -> Text:
    if wait is None:
        return Text(zh="", en="")
    return Text(zh=f"，预计等候{wait.low}至{wait.high}分钟", en=f", about {wait.low} to {wait.high} minutes")


def _called(fact: TicketCalled, state: HallState, rules: HallRules) -> _Told | None:
    """The first call of a visit, unless the window made it long ago by itself."""
    if fact.times > 1 or fact.away:
        return None
    window = _window(fact.window, rules)
    text = Text(zh=f"请{fact.number}号到{window.name.zh}", en=f"{fact.number}, please come to {window.name.en}")

    def build(said: webhooks.Texts) -> webhooks.Message:
        called = webhooks.Called(
            ticket=fact.ticket, number=fact.number, service=_service(fact.service, rules), window=window, call=fact.call,
            text=said, page=_page(fact.ticket, rules), contact=state.nearing.contacts.get(fact.ticket) or "",
        )  # fmt: skip
        return webhooks.TicketIsCalled(timestamp=fact.at, hall=rules.config.hall.id, data=called)

    return _Told("ticket.called", fact.ticket, text, build, lives=CALL_LIVES)


def _replied(fact: CaseStepped, state: HallState, rules: HallRules) -> _Told | None:
    case = state.cases.open.get(fact.case)
    if fact.step != "replied" or case is None:
        return None
    opened, window = case.opened, _window(case.opened.window, rules)
    text = Text(zh=f"您对{window.name.zh}的意见已有答复", en=f"What you told us about {window.name.en} has been answered")

    def build(said: webhooks.Texts) -> webhooks.Message:
        replied = webhooks.Replied(case=fact.case, origin=opened.origin, window=window, text=said, number=opened.number)
        return webhooks.CaseReplied(timestamp=fact.at, hall=rules.config.hall.id, data=replied)

    return _Told("case.replied", fact.case, text, build)


def _service(service: str, rules: HallRules) -> webhooks.Service:
    known = rules.queue.services.get(service)
    return webhooks.Service(id=service, name=Text(zh=service, en=service) if known is None else known.name.text)


def _window(window: str, rules: HallRules) -> webhooks.Window:
    known = rules.queue.windows.get(window)
    return webhooks.Window(id=window, name=Text(zh=window, en=window) if known is None else known.name.text)


def _page(ticket: str, rules: HallRules) -> str:
    address = rules.config.http.public_url.rstrip("/")
    return f"{address}{TICKET_PAGE}{ticket}" if address else ""


_RULES: Mapping[type[Any], Callable[[Any, HallState, HallRules], _Told | None]] = {
    ReminderDue: _reminder,
    TurnNear: _soon,
    TicketCalled: _called,
    CaseStepped: _replied,
}
