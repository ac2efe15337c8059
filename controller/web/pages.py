"""The pages of a hall: a table of what each shows, to whom, and which part of the hall makes it anew."""

from functools import partial
from http import HTTPStatus
from typing import Any

from litestar.handlers import HTTPRouteHandler

from controller.accounts_roles import Right
from controller.view import TicketView
from controller.web import scenes, upkeep_scenes
from controller.web.asked import day_of, refuse_other, token_of
from controller.web.hall_picture import HallPicture
from controller.web.hall_picture import waiting as waiting_in
from controller.web.live_pages import Page, Scene, Where, handlers_of
from controller.web.office import Office
from controller.web.problems import Refused

COARSE = 5
"""Whoever is so far back in line that no list shows them sees it move in steps of so many people."""


async def _overview(office: Office, picture: HallPicture, _: Where) -> Scene:
    view, config = picture.view, office.hall.config
    return {
        "view": view,
        "zones": [(zone, [service for service in view.services if service.zone == zone.id]) for zone in config.zone],
        "calls": [(call, scenes.shown(config, call)) for call in view.calls[:10]],
        "notices": scenes.notices(view, None, office.clock()),
        "to_see_to": scenes.to_see_to(view),
        "steps": scenes.steps(view),
    }


async def _board(office: Office, picture: HallPicture, where: Where) -> Scene:
    zone, now, view = where.get("zone"), office.clock(), picture.view
    refuse_other(zone, [known.id for known in office.hall.config.zone])
    standing = scenes.notices(view, zone, now)
    calls = scenes.board_calls(office.hall.config, view, zone)
    return {
        "zone": zone,
        "calls": [(call, now - call.at < scenes.FRESH) for call in calls],
        "urgent": [notice for notice in standing if notice.urgent],
        "notices": standing,
        "services": [service for service in view.services if zone in (None, service.zone)],
    }


async def _windows(_: Office, picture: HallPicture, __: Where) -> Scene:
    return {"view": picture.view}


async def _window(office: Office, picture: HallPicture, where: Where) -> Scene:
    config, view = office.hall.config, picture.view
    refuse_other(where["window"], [known.id for known in config.window])
    window = next(known for known in config.window if known.id == where["window"])
    services = scenes.services_of(view, window)
    call = next((call for call in view.calls if call.window == window.id), None)
    state = scenes.state_of(view, window.id)
    current = call if state and call and state.number == call.number else None
    return {
        "view": view,
        "window": window,
        "state": state,
        "services": services,
        "parked": [ticket for ticket in view.parked if ticket.window == window.id],
        "reserved": [ticket for ticket in view.reserved if ticket.window == window.id],
        "call": current,
        "shown": scenes.shown(config, current) if current else None,
    }


def _devices_part(picture: HallPicture, _: Where) -> object:
    view = picture.view
    return view.nodes, view.boards, view.webhooks, view.out_of_reach


async def _devices(_: Office, picture: HallPicture, __: Where) -> Scene:
    boards = {board.board: board for board in picture.view.boards}
    return {"view": picture.view, "to_see_to": scenes.to_see_to(picture.view), "boards": boards}


async def _ratings(office: Office, picture: HallPicture, where: Where) -> Scene:
    day, window = day_of(office, where.get("day")), where.get("window") or None
    refuse_other(window, [known.id for known in office.hall.config.window])
    rows = await office.hall.ratings(day, None)
    chosen = [row for row in rows if window in (None, row.window)]
    return {
        "view": picture.view,
        "day": day,
        "window": window,
        "rows": chosen,
        "all": scenes.figures(chosen),
        "by_window": [
            (known, scenes.figures(row for row in rows if row.window == known.id)) for known in office.hall.config.window
        ],
        "alike": {
            known.id: scenes.alike((row for row in rows if row.window == known.id), office.hall.config.rating.alike)
            for known in office.hall.config.window
        },
        "hasty": partial(scenes.hasty, within=office.hall.config.rating.hasty),
    }


async def _notices(office: Office, picture: HallPicture, _: Where) -> Scene:
    by_itself, now = office.hall.config.notices, office.clock()
    return {
        "view": picture.view,
        "notices": scenes.notices(picture.view, None, now),
        "by_itself": (("hours", by_itself.hours), ("duty", by_itself.duty), ("figures", by_itself.figures)),
        "ended_rows": await office.hall.notices_ended(now - scenes.RECENT, scenes.ENDED),
    }


async def _cases(_: Office, picture: HallPicture, __: Where) -> Scene:
    return {"view": picture.view}


async def ticket_scene(office: Office, picture: HallPicture, where: Where) -> Scene:
    """What the page of a ticket shows. Raises `Refused`."""
    token = token_of(where["ticket"])
    service, ticket, ahead = await _find(office, picture, token)
    config = office.hall.config
    return {
        "ticket": ticket,
        "service": next(known for known in config.service if known.id == ticket.service),
        "queue": service,
        "ahead": ahead,
        "window": next((known for known in config.window if known.id == ticket.window), None),
        "expires": ticket.issued.astimezone(office.zone).date() != office.today(),
        "why": None,
        "may_rate": ticket.rate_until is not None and office.clock() <= ticket.rate_until,
    }


async def _find(office: Office, picture: HallPicture, token: str) -> tuple[Any, TicketView, int | None]:
    if found := waiting_in(picture).get(token):
        queue, waiting, place = found
        return queue, waiting, place if waiting.ahead is None else waiting.ahead
    ticket = await office.hall.ticket(token)
    if ticket is None or ticket.service not in {known.id for known in office.hall.config.service}:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-ticket")
    service = next((known for known in picture.view.services if known.service == ticket.service), None)
    return service, ticket, ticket.ahead


def _ticket_part(picture: HallPicture, where: Where) -> object:
    waiting = waiting_in(picture).get(where["ticket"])
    at_window = [scenes.timeless(state) for state in picture.view.windows if state.ticket == where["ticket"]]
    elsewhere = None if waiting else (picture.view.ratings, [service.count // COARSE for service in picture.view.services])
    return (waiting and (waiting[0].wait, waiting[1], waiting[2]), at_window, elsewhere)


def _states(picture: HallPicture) -> list[tuple[object, ...]]:
    return [scenes.timeless(state) for state in picture.view.windows]


def _overview_part(picture: HallPicture, _: Where) -> object:
    view = picture.view
    troubles = (
        view.help,
        view.nodes,
        view.boards,
        view.out_of_reach,
        [(room.room, room.due) for room in view.rooms if room.late],
    )
    return (_states(picture), view.services, view.calls, view.notices, view.planned, *troubles)


def _board_part(picture: HallPicture, _: Where) -> object:
    view = picture.view
    return (
        [(call.call, call.times) for call in view.calls],
        view.notices,
        [(service.service, service.count, service.wait, service.windows_open, service.why_closed) for service in view.services],
    )


def _window_part(picture: HallPicture, where: Where) -> object:
    view, window = picture.view, where["window"]
    state = scenes.state_of(view, window)
    aside = [ticket for ticket in (*view.parked, *view.reserved) if ticket.window == window]
    calls = [call for call in view.calls if call.window == window]
    return (state and scenes.timeless(state), view.services, aside, calls, view.out_of_reach)


def _rooms_part(picture: HallPicture, _: Where) -> object:
    return picture.view.rooms, picture.view.help, picture.view.upkeep.jobs


PAGES = (
    Page("overview", "/", Right.SEE_HALL, _overview_part, _overview),
    Page("board", "/board", None, _board_part, _board),
    Page("board", "/board/{zone:str}", None, _board_part, _board),
    Page("windows", "/windows", Right.SEE_HALL, lambda picture, _: _states(picture), _windows),
    Page("window", "/window/{window:str}", Right.SEE_HALL, _window_part, _window),
    Page("devices", "/devices", Right.SEE_DEVICES, _devices_part, _devices),
    Page("cases", "/cases", Right.SEE_RATINGS, lambda picture, _: picture.view.cases, _cases),
    Page(
        "ratings",
        "/ratings",
        Right.SEE_RATINGS,
        lambda picture, _: (picture.view.ratings, picture.view.complaints),
        _ratings,
        shared=False,
    ),
    Page("rooms", "/rooms", Right.SEE_ROOMS, _rooms_part, upkeep_scenes.rooms_scene, shared=False),
    Page("round", "/round", Right.SEE_DEVICES, upkeep_scenes.part, upkeep_scenes.round_scene),
    Page("inventory", "/inventory", Right.SEE_DEVICES, upkeep_scenes.part, upkeep_scenes.inventory_scene),
    Page("device", "/inventory/{device:str}", Right.SEE_DEVICES, upkeep_scenes.part, upkeep_scenes.device_scene),
    Page("maintenance", "/maintenance", Right.SEE_DEVICES, upkeep_scenes.part, upkeep_scenes.maintenance_scene),
    Page("notices", "/notices", Right.SEE_HALL, lambda picture, _: (picture.view.notices, picture.view.planned), _notices),
    Page("ticket", "/t/{ticket:str}", None, _ticket_part, ticket_scene, shared=False),
)


def handlers() -> list[HTTPRouteHandler]:
    """For each page its address and the stream that keeps it live."""
    return [handler for page in PAGES for handler in handlers_of(page)]
