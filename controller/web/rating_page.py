"""Rating and complaining on the ticket's page: plain forms, for whoever holds the ticket."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from contract.dispatch import DispatchReply
from controller.web import pages
from controller.web.asked import address_of, form_of, token_of
from controller.web.defence import PUBLIC
from controller.web.front import asking_of
from controller.web.office import office_of
from controller.web.problems import Refused
from controller.web.render import respond

LEVELS = {str(level): level for level in range(1, 6)}


@post("/t/{ticket:str}/rating", opt=PUBLIC)
async def rate(request: Request[Any, Any, Any]) -> Response[Any]:
    """One of five levels; the page again, with thanks or with why it does not count."""
    office, ticket = office_of(request), token_of(str(request.path_params["ticket"]))
    _slow_down(request, ticket)
    level = LEVELS.get((await form_of(request)).get("level", ""))
    if level is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-request", "level")
    return await _again(request, ticket, await office.hall.rate_by_phone(ticket, level))


@post("/t/{ticket:str}/complaint", opt=PUBLIC)
async def complain(request: Request[Any, Any, Any]) -> Response[Any]:
    """Something could not be done (办不成事); the page again, which says that it was received, or why not."""
    office, ticket = office_of(request), token_of(str(request.path_params["ticket"]))
    _slow_down(request, ticket)
    return await _again(request, ticket, await office.hall.complain_by_phone(ticket))


async def _again(request: Request[Any, Any, Any], ticket: str, reply: DispatchReply) -> Response[Any]:
    office = office_of(request)
    here = f"/t/{ticket}?{urlencode({'lang': asking_of(request).language})}"
    if reply.outcome == "done":
        return Redirect(here, status_code=303)
    scene = await pages.ticket_scene(office, office.live.picture, {"ticket": ticket})
    shown = {**scene, "live": f"/live{here}", "page": "ticket", "why": reply.what}
    return respond(request, "ticket.html", shown, HTTPStatus.CONFLICT, at=f"/t/{ticket}")


def _slow_down(request: Request[Any, Any, Any], ticket: str) -> None:
    office = office_of(request)
    now = office.clock()
    if not (office.brakes.address.lets_pass(address_of(request), now) and office.brakes.ticket.lets_pass(ticket, now)):
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many-tries")


def handlers() -> list[HTTPRouteHandler]:
    """What the ticket's page sends."""
    return [rate, complain]
