"""Showing: the hall as pages, API and terminal see it, drawn from state and presence. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice, takewhile

from msgspec.structs import replace

from contract.values import Text
from controller import appointments, complaints, notices, pictures, ratings
from controller.cases import Case
from controller.config_parts import Room, Service
from controller.hall_rules import HallRules
from controller.notices import NoticePosted
from controller.presence import Presence
from controller.queue import advice, estimate, issuing
from controller.queue.values import CLASSES, Ticket, reserved
from controller.slips import Print
from controller.state import HallState, MadeCall
from controller.upkeep import checks
from controller.upkeep import showing as upkeep
from controller.view import (
    CallView,
    CaseView,
    ComplaintView,
    CubicleView,
    ExpectedView,
    HallView,
    HelperView,
    HelpView,
    MissingView,
    NodeView,
    OverrideView,
    PlannedNotice,
    PrintView,
    RatingFigures,
    RoomView,
    ServiceView,
    SlotView,
    TicketView,
)

SHOWN = 50
"""So many of each class are shown as waiting."""


def view(
    state: HallState, presence: Presence, stored: Mapping[str, int], counts: Counter[str], rules: HallRules, now: datetime,
    version: int,
) -> HallView:  # fmt: skip
    """The whole hall. `stored` says of each node how many events of its present epoch are committed."""
    config, figures = rules.config, state.ratings.figures
    return HallView(
        hall=config.hall.id, name=config.hall.name.text, at=now, version=version,
        windows=tuple(pictures.window(state, window, rules, now) for window in config.window),
        services=tuple(_service(state, service, rules, now) for service in config.service),
        parked=tuple(ticket(state, parked, rules) for parked in _parked(state)),
        reserved=tuple(replace(ticket(state, kept, rules), window=kept.only) for kept in _reserved(state, rules)),
        calls=tuple(_call(made, rules) for made in state.calls),
        notices=pictures.notice_lines(state, rules, now, None),
        planned=tuple(_planned(notice) for notice in state.notices.posted.values()
                      if not notices.stands(notice, now, rules.queue.calendar())),
        important=tuple(name for name, notice in state.notices.posted.items() if notice.important),
        notice_zones={name: notice.zones for name, notice in state.notices.posted.items() if notice.zones},
        nodes=tuple(_node(node, state, presence, stored, rules) for node in rules.plan.places),
        boards=tuple(presence.boards.of(board.id) for board in config.board),
        rooms=tuple(_room(state, room, rules, now) for room in config.room),
        help=tuple(HelpView(id=h.help, place=h.place, at=h.at, cubicle=h.cubicle) for h in state.rooms.helps.values()),
        complaints=tuple(
            ComplaintView(id=c.complaint, window=c.window, at=c.at, number=c.number) for c in state.complaints.open.values()
        ),
        ratings=RatingFigures(
            invited=figures.invited, given=figures.given, lapsed=figures.lapsed,
            levels={str(level): count for level, count in sorted(figures.levels.items())},
        ),
        cases=tuple(_case(case, now) for case in state.cases.open.values()),
        upkeep=upkeep.brief(upkeep.view(state, presence, rules, now)),
        counts=dict(sorted(counts.items())), webhooks=tuple(presence.webhooks.values()), out_of_reach=presence.out_of_reach,
        prints=tuple(_print(known, state) for known in reversed(tuple(state.slips.prints.values()))),
        expected=tuple(_expected(state, rules, now)),
        overrides=tuple(
            OverrideView(override=one.override, what=one.what, since=one.at, until=one.until, by=one.by, why=one.why)
            for one in state.overrides.standing.values()
        ),
    )  # fmt: skip


def _service(state: HallState, service: Service, rules: HallRules, now: datetime) -> ServiceView:
    queue = state.queue
    people = estimate.ahead_of_newcomer(queue, service.id, rules.queue)
    advised = advice.of(queue, service.id, now, rules.queue)
    closed = issuing.closed(queue, service, now, rules.queue)
    return ServiceView(
        service=service.id, name=service.name.text, zone=service.zone,
        waiting=tuple(ticket(state, waiting, rules) for waiting in _next(state, service.id)),
        count=estimate.waiting(queue, service.id),
        wait=estimate.wait(queue, service.id, people, rules.queue),
        windows_open=advised.open, windows_needed=advised.needed, could_help=advised.could_help,
        helpers=tuple(_helpers(state, advised.could_help, rules)), why_closed=None if closed is None else closed.what,
    )  # fmt: skip


def _helpers(state: HallState, windows: tuple[str, ...], rules: HallRules) -> Iterator[HelperView]:
    for window in windows:
        person = rules.queue.staff.get(state.queue.window(window).staff or "")
        if person is not None:
            yield HelperView(window=window, staff=person.id, name=person.name.text)


def _next(state: HallState, service: str) -> Iterator[Ticket]:
    for priority in CLASSES:
        for name in islice(state.queue.line(service, priority).values(), SHOWN):
            if (waiting := state.queue.tickets.get(name)) is not None:
                yield waiting


def _parked(state: HallState) -> Iterator[Ticket]:
    for tickets in state.queue.parked.values():
        yield from (found for name in tickets if (found := state.queue.tickets.get(name)) is not None)


def _reserved(state: HallState, rules: HallRules) -> Iterator[Ticket]:
    for window in rules.queue.windows:
        yield from _next(state, reserved(window))


def ticket(state: HallState, ticket: Ticket, rules: HallRules) -> TicketView:
    """One ticket, with the number of people before it while it waits."""
    invited = ratings.of_ticket(state.ratings, ticket.id)
    waits = ticket.state in ("waiting", "printing") and ticket.service in rules.queue.services
    return TicketView(
        ticket=ticket.id, number=ticket.number, service=ticket.service, priority=ticket.priority, state=ticket.state,
        issued=ticket.issued, window=ticket.window, calls=ticket.calls,
        ahead=estimate.ahead(state.queue, ticket, rules.queue) if waits else None,
        rate_until=ratings.phone_until(invited, rules.config.rating) if invited and rules.config.rating.phone else None,
        rated=invited is not None and invited.level is not None,
        may_complain=ticket.window is not None and not complaints.of_ticket(state.complaints, ticket.id),
        complained=complaints.of_ticket(state.complaints, ticket.id),
    )  # fmt: skip


def _case(case: Case, now: datetime) -> CaseView:
    opened = case.opened
    return CaseView(
        id=opened.case, origin=opened.origin, window=opened.window, opened=opened.at, next=case.following, due=case.due,
        late=case.due is not None and now > case.due, number=opened.number, service=opened.service or None,
        staff=opened.staff, level=opened.level, to=case.to, appeal=case.appeal,
    )  # fmt: skip


def _print(known: Print, state: HallState) -> PrintView:
    sent = known.sent
    return PrintView(
        printing=sent.print, template=sent.template, number=sent.number, at=sent.at, device=sent.device, by=sent.by,
        mark=sent.mark, outcome=known.outcome, what=known.what, ticket=sent.slip if sent.slip in state.queue.tickets else None,
    )  # fmt: skip


def _expected(state: HallState, rules: HallRules, now: datetime) -> Iterator[ExpectedView]:
    today = rules.queue.day(now)
    booked = (state.appointments.booked.get(name) for name in state.appointments.by_time.values())
    here = takewhile(lambda one: rules.queue.day(one.slot) <= today, (one for one in booked if one is not None))
    for (slot, service), people in sorted(Counter((one.slot, one.service) for one in here).items()):
        yield ExpectedView(service=service, slot=slot, people=people)


def slots(state: HallState, service: str, day: date, rules: HallRules, now: datetime) -> tuple[SlotView, ...]:
    """The slots of a service on a day that may still be booked, full ones included."""
    known = rules.queue.services.get(service)
    if known is None or known.appointments is None:
        return ()
    noon = datetime.combine(day, time(12), rules.queue.timezone)
    return tuple(
        SlotView(slot=slot, places=known.appointments.places, taken=state.appointments.taken.get((service, slot), 0))
        for slot in appointments.slots(service, now, rules.queue, noon)
    )


def _call(made: MadeCall, rules: HallRules) -> CallView:
    call = made.call
    window = rules.queue.windows.get(call.window)
    name = Text(zh=call.window, en=call.window) if window is None else window.name.text
    return CallView(
        call=call.call, at=call.at, number=call.number, window=call.window, window_name=name, times=call.times,
        answers=made.answers,
    )  # fmt: skip


def _node(node: str, state: HallState, presence: Presence, stored: Mapping[str, int], rules: HallRules) -> NodeView:
    return NodeView(
        node=node, place=rules.plan.places[node], status=presence.nodes.get(node),
        devices=tuple(presence.devices.get(node, {}).values()), away=presence.away.get(node),
        stored=stored.get(node, 0),
        missing=tuple(MissingView(first=m.first, last=m.last, found=m.at) for m in state.missing if m.node == node),
    )  # fmt: skip


def _room(state: HallState, planned: Room, rules: HallRules, now: datetime) -> RoomView:
    room, calendar = planned.id, rules.queue.calendar()
    stays = {cubicle: stay for (where, cubicle), stay in state.rooms.stays.items() if where == room}
    cubicles = [*rules.plan.cubicles(room), *(cubicle for cubicle in stays if cubicle not in rules.plan.cubicles(room))]
    checked = state.rooms.checked.get(room)
    due = checks.due(planned, calendar, checked, now)
    return RoomView(
        room=room, name=planned.name.text, checked=checked, due=due,
        late=due is not None and state.upkeep.late.get(room) == due, next=checks.following(planned, calendar, now),
        cubicles=tuple(
            CubicleView(cubicle=cubicle, occupied=True, since=stays[cubicle].started, long=stays[cubicle].long)
            if cubicle in stays else CubicleView(cubicle=cubicle, occupied=False)
            for cubicle in cubicles
        ),
    )  # fmt: skip


def _planned(notice: NoticePosted) -> PlannedNotice:
    return PlannedNotice(
        notice=notice.notice, text=notice.text, zones=notice.zones, urgent=notice.urgent, important=notice.important,
        since=notice.since, until=notice.until, times=notice.times,
    )  # fmt: skip
