"""Pictures: what boards, windows and kiosks should know now, drawn from the state. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from contract.calling import BoardPicture, CallLine, NoticeLine, WindowState
from contract.helping import HelpState
from contract.ticketing import KioskOffer, Lease, ServiceOffer
from contract.topics import BOARD_PICTURE, HELP_STATE, KIOSK_OFFER, WINDOW_STATE
from contract.values import Text
from controller import notices, rooms, standing
from controller.config_parts import Board, Kiosk, Service, Window
from controller.hall_rules import HallRules
from controller.queue import estimate, issuing, numbers
from controller.queue.values import Block
from controller.state import HallState
from link.letter import Letter

Picture = BoardPicture | HelpState | KioskOffer | WindowState
Key = tuple[str, str]
"""Kind and name of a picture: `("board", "main")`."""
TICKET_PAGE = "/t/"


def drawn(
    state: HallState, rules: HallRules, now: datetime, before: Mapping[Key, Picture], versions: Mapping[Key, int]
) -> dict[Key, Picture]:
    """The pictures that are not what they were `before`, each with its next version (after the one in `versions`)."""
    changed: dict[Key, Picture] = {}
    for key, picture in _all(state, rules, now):
        old = before.get(key)
        if old is None or replace(picture, **_mark(old)) != old:
            changed[key] = replace(picture, version=versions.get(key, 0) + 1) if hasattr(picture, "version") else picture
    return changed


def _mark(picture: Picture) -> dict[str, Any]:
    return {name: getattr(picture, name) for name in ("at", "version") if hasattr(picture, name)}


def letter(picture: Picture) -> Letter:
    """The picture on its way."""
    match picture:
        case BoardPicture():
            return Letter(BOARD_PICTURE, picture, {"board": picture.board})
        case KioskOffer():
            return Letter(KIOSK_OFFER, picture, {"kiosk": picture.kiosk})
        case WindowState():
            return Letter(WINDOW_STATE, picture, {"window": picture.window})
        case HelpState():
            return Letter(HELP_STATE, picture, {"place": picture.place})


def _all(state: HallState, rules: HallRules, now: datetime) -> Iterator[tuple[Key, Picture]]:
    for window_ in rules.config.window:
        yield ("window", window_.id), window(state, window_, rules, now)
    for board_ in rules.config.board:
        yield ("board", board_.id), board(state, board_, rules, now)
    offers = {service.id: offer(state, service, rules, now) for service in rules.config.service}
    for kiosk_ in rules.config.kiosk:
        yield ("kiosk", kiosk_.id), kiosk(state, kiosk_, offers, rules, now)
    for place in sorted(rules.plan.helped() | rooms.places(state.rooms)):
        yield ("help", place), HelpState(place=place, at=now, spots=rooms.spots(state.rooms, place))


def window(state: HallState, window: Window, rules: HallRules, now: datetime) -> WindowState:
    """What a window does now."""
    ticket = state.queue.present(window.id)
    return WindowState(
        window=window.id, name=window.name.text, at=now, state=state.queue.window(window.id).door,
        stage="idle" if ticket is None else "serving" if ticket.state == "serving" else "called",
        number=None if ticket is None else ticket.number,
        ticket=None if ticket is None else ticket.id,
        call=None if ticket is None else ticket.call,
        times=0 if ticket is None else ticket.calls,
        waiting=estimate.callable_at(state.queue, window.id, rules.queue),
        staff=state.queue.window(window.id).staff,
        plate=plate(state, window.id, rules),
    )  # fmt: skip


def plate(state: HallState, window: str, rules: HallRules) -> Text | None:
    """The name plate of whoever serves at a window, and whose substitute that is."""
    here = state.queue.window(window)
    person = rules.queue.staff.get(here.staff or "")
    if person is None:
        return None
    zh, en = person.name.zh, person.name.en
    if person.duty is not None:
        zh, en = f"{zh} {person.duty.zh}", f"{en}, {person.duty.en}"
    other = rules.queue.staff.get(here.instead_of or "")
    return Text(zh=zh, en=en) if other is None else Text(zh=f"{zh}（替岗）", en=f"{en} (substitute)")


def board(state: HallState, board: Board, rules: HallRules, now: datetime) -> BoardPicture:
    """The recent calls of a board's zones or the whole hall, newest first, and its notices.

    A board over a window shows only whom the window has now: when the service has ended its number concerns nobody.
    """
    about = _windows(board, rules)
    calls = sorted((call for w in about for call in state.called.get(w.id, ())), key=lambda call: call.at, reverse=True)
    if board.window is not None:
        present = state.queue.present(board.window)
        calls = [call for call in calls if present is not None and call.call == present.call]
    names = {w.id: w.name.text for w in about}
    zones = None if board.window is None and not board.zones else frozenset(w.zone for w in about) | set(board.zones)
    return BoardPicture(
        board=board.id, version=1, at=issuing.moment(state.queue, now), window=board.window, zones=board.zones,
        shows_calls=board.lines > 0,
        calls=tuple(
            CallLine(call=c.call, at=c.at, number=c.number, window=c.window, window_name=names[c.window], times=c.times)
            for c in calls[: board.lines]
        ),
        notices=notice_lines(state, rules, now, zones),
        idle=_idle(board, rules, now),
    )  # fmt: skip


def notice_lines(state: HallState, rules: HallRules, now: datetime, zones: frozenset[str] | None) -> tuple[NoticeLine, ...]:
    """What stands now on a board of `zones` (None: of the whole hall): what was posted, then what the hall says by itself."""
    posted = notices.lines(state.notices, zones, now, rules.queue.calendar())
    return (*posted, *standing.lines(rules.config, rules.queue.calendar(), state.ratings.figures, now))


def _windows(board: Board, rules: HallRules) -> list[Window]:
    if board.window is not None:
        return [rules.queue.windows[board.window]]
    return [w for w in rules.config.window if not board.zones or w.zone in board.zones]


def _idle(board: Board, rules: HallRules, now: datetime) -> Text:
    if not rules.queue.is_open(now):
        return rules.queue.calendar().words(rules.queue.day(now))
    return (board.idle or rules.config.hall.idle).text


def kiosk(state: HallState, kiosk: Kiosk, offers: Mapping[str, ServiceOffer], rules: HallRules, now: datetime) -> KioskOffer:
    """What a kiosk may offer, each service with the block of numbers that is leased to it."""
    url = rules.config.http.public_url.rstrip("/")
    return KioskOffer(
        kiosk=kiosk.id, version=1, at=now, hall_name=rules.config.hall.name.text,
        services=tuple(
            replace(offers[service.id], lease=_lease(state, kiosk.id, service)) for service in rules.queue.offered(kiosk.id)
        ),
        rules=missed_rule(rules),
        ticket_link=f"{url}{TICKET_PAGE}" if url else "",
        notices=notice_lines(state, rules, now, None),
    )  # fmt: skip


def offer(state: HallState, service: Service, rules: HallRules, now: datetime) -> ServiceOffer:
    """One service as every kiosk offers it, without a lease."""
    refusal = issuing.closed(state.queue, service, now, rules.queue)
    zone = next(zone for zone in rules.config.zone if zone.id == service.zone)
    people = estimate.ahead_of_newcomer(state.queue, service.id, rules.queue)
    return ServiceOffer(
        service=service.id, name=service.name.text, prefix=service.prefix, zone=zone.id, zone_name=zone.name.text,
        open=refusal is None, why_closed=None if refusal is None else refusal.what,
        waiting=estimate.waiting(state.queue, service.id),
        wait=estimate.wait(state.queue, service.id, people, rules.queue),
    )  # fmt: skip


def _lease(state: HallState, kiosk: str, service: Service) -> Lease | None:
    block: Block | None = numbers.held(kiosk, state.queue.blocks.get(service.prefix, ()))
    if block is None or state.queue.day is None:
        return None
    return Lease(day=state.queue.day, prefix=service.prefix, first=block.first, last=block.last)


def missed_rule(rules: HallRules) -> Text:
    """What happens to a missed call, as every ticket says it."""
    calling = rules.config.calling
    zh, en = f"叫号 {calling.times} 次未到即过号", f"After {calling.times} calls without you the number is missed"
    match calling.late_return:
        case "end":
            return Text(zh=f"{zh}，过号作废，请重新取号。", en=f"{en} and void; please take a new one.")
        case "back-of-queue":
            return Text(zh=f"{zh}，过号请到服务台重新排队。", en=f"{en}; come to the desk to queue again at the end.")
        case "within":
            n, m = calling.late_numbers, calling.late_minutes
            return Text(
                zh=f"{zh}，{n} 个号或 {m:g} 分钟内回来可优先办理，之后作废。",
                en=f"{en}; back within {n} numbers or {m:g} minutes you are next, after that it is void.",
            )
        case "after-k":
            k = calling.late_after
            return Text(zh=f"{zh}，过号请到服务台，顺延 {k} 位。", en=f"{en}; come to the desk, you are next after {k} others.")
