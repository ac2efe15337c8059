"""The HTTP API: what dispatch may have done, and the hall's pictures and lists."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from litestar import Request, Router, get, post
from litestar.response import Stream

from contract.dispatch import Action, DispatchReply, DispatchRequest
from contract.values import Moment, Token, Value
from controller.accounts_roles import Person, Right, tag_of
from controller.view import AuditRow, HallView, RatingRow, TicketView
from controller.view_upkeep import StayRow
from controller.web import desk_api, report_api, upkeep_api
from controller.web.asked import day_of, message_of, refuse_other, refuse_unknown, token_of
from controller.web.defence import PUBLIC, needs
from controller.web.front import person_of
from controller.web.hall_picture import HallPicture, for_everybody, for_staff
from controller.web.office import office_of
from controller.web.problems import Refused
from controller.web.public import PublicView, public
from controller.web.streams import stream

PATIENCE = timedelta(seconds=30)
"""An order that gives no `not_after` means nothing after so long."""

Asked = Request[Any, Any, Any]


class Order(Value, frozen=True, kw_only=True):
    """One thing to be done. The id is yours: sent twice, for want of an answer, it is done once."""

    id: Token
    do: Action
    not_after: Moment | None = None


@post("/actions", opt=needs(Right.SEE_HALL, body=Order), status_code=HTTPStatus.OK)
async def act(request: Asked) -> DispatchReply:
    """Call, recall, start, finish, open a window, post a notice, and so on.

    `refused` is a normal answer, such as "nobody waits". What an account may do depends on its role.
    """
    office, person = office_of(request), person_of(request)
    order = await message_of(request, Order)
    if not person.may_do(order.do):
        raise Refused(HTTPStatus.FORBIDDEN, "not-allowed", f"do {tag_of(order.do)}")
    refuse_unknown(office.hall.config, order.do)
    now = office.clock()
    asked = DispatchRequest(id=order.id, at=now, not_after=order.not_after or now + PATIENCE, do=order.do)
    return await office.hall.ask(asked, person.actor)


@get("/hall", opt=needs(Right.SEE_HALL))
async def hall_now(request: Asked) -> HallView:
    """The whole hall at this moment, as staff see it."""
    return office_of(request).hall.view()


@get("/board", opt=PUBLIC)
async def board_now(request: Asked) -> PublicView:
    """The hall at this moment, as everybody may see it. No account is needed."""
    return public(office_of(request).hall.view())


@get("/live", opt=PUBLIC)
async def live(request: Asked) -> Stream:
    """Server-sent events: `hall` with the hall now and after every change, `beat` every five seconds.

    With an account the data is a HallView, without one a PublicView. A slow reader misses pictures in between, never the last.
    """
    staff = request.scope.get("user") is not None

    async def encoded(picture: HallPicture) -> bytes:
        return for_staff(picture) if staff else for_everybody(picture)

    return stream(request, encoded, public=not staff)


@get("/tickets/{ticket:str}", opt=needs(Right.SEE_HALL, asks=("ticket",)))
async def ticket_now(request: Asked) -> TicketView:
    """One ticket of today or of an earlier day."""
    found = await office_of(request).hall.ticket(token_of(str(request.path_params["ticket"])))
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-ticket")
    return found


@get("/ratings", opt=needs(Right.SEE_RATINGS, asks=("day", "window")))
async def ratings(request: Asked) -> list[RatingRow]:
    """A day's ratings, newest first; today's when no day is given; one without a level was not rated."""
    office, window = office_of(request), request.query_params.get("window")
    refuse_other(window, [known.id for known in office.hall.config.window])
    return await office.hall.ratings(day_of(office, request.query_params.get("day")), window)


@get("/stays", opt=needs(Right.SEE_ROOMS, asks=("day",)))
async def stays(request: Asked) -> list[StayRow]:
    """A day's log of the mother-and-baby rooms, newest first: times and durations, nothing about persons."""
    office = office_of(request)
    return await office.hall.stays(day_of(office, request.query_params.get("day")))


@get("/audit", opt=needs(Right.SEE_AUDIT, asks=("day",)))
async def audit(request: Asked) -> list[AuditRow]:
    """Who asked for what on a day, newest first."""
    office = office_of(request)
    return await office.hall.audit(day_of(office, request.query_params.get("day")))


@get("/me", opt=needs(Right.OWN_ACCOUNT))
async def me(request: Asked) -> Person:
    """Whose session or token this is."""
    return person_of(request)


def api(document: Any) -> Router:
    """The API under its version; `document` serves its description."""
    return Router(
        "/api/v1",
        route_handlers=[
            act,
            hall_now,
            board_now,
            live,
            ticket_now,
            ratings,
            stays,
            audit,
            me,
            *report_api.handlers(),
            *desk_api.handlers(),
            *upkeep_api.handlers(),
            document,
        ],
    )
