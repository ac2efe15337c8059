"""The page of nodes: who waits for approval, who has a certificate, and shutting somebody out. Plain forms, no script needed."""

import asyncio
from http import HTTPStatus
from typing import Any

from litestar import MediaType, Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from controller.accounts_roles import Right
from controller.cards import cards
from controller.enrolment import EnrolmentBook, Refused
from controller.enrolment_fleet import fleet
from controller.web import problems, scenes
from controller.web.asked import form_of
from controller.web.cards_sheet import sheet
from controller.web.defence import needs
from controller.web.front import person_of
from controller.web.office import office_of
from controller.web.render import digest, respond

Asked = Request[Any, Any, Any]
EVENTS = 30
"""So many of the last events are shown."""
SAID = frozenset({"approved", "refused", "revoked-now", "gone", "not-sure"})


@get("/nodes", opt=needs(Right.MANAGE_NODES))
async def nodes(request: Asked) -> Response[str]:
    """Everybody, those who wait first."""
    office = office_of(request)
    if office.book is None:
        return respond(request, "nodes.html", {"members": None, "health": {}, "events": (), "said": None, "about": ""})
    book, now = office.book, office.clock()
    members, events = await asyncio.to_thread(lambda: (fleet(office.hall.config, book, now), book.events()[:EVENTS]))
    health = scenes.health(office.hall.view(), [member.name for member in members])
    said = request.query_params.get("said")
    return respond(request, "nodes.html", {
        "members": members, "health": health, "events": events, "said": said if said in SAID else None,
        "about": request.query_params.get("about", "")[:40],
    })  # fmt: skip


@post("/nodes/decide", opt=needs(Right.MANAGE_NODES))
async def decide(request: Asked) -> Response[Any]:
    """Let a machine in, or not."""
    form, by = await form_of(request), person_of(request).actor
    approve = form.get("do") == "approve"
    try:
        row = await asyncio.to_thread(_book(request).decide, form.get("request", ""), approve=approve, by=by)
    except Refused:
        return _back("gone")
    return _back("approved" if approve else "refused", row.name)


@post("/nodes/revoke", opt=needs(Right.MANAGE_NODES))
async def revoke(request: Asked) -> Response[Any]:
    """Shut a machine out."""
    form = await form_of(request)
    name = form.get("name", "")[:40]
    if form.get("sure") != "on":
        return _back("not-sure", name)
    await asyncio.to_thread(_book(request).revoke, name, person_of(request).actor, form.get("why", "")[:80])
    return _back("revoked-now", name)


@get("/nodes/cards", opt=needs(Right.SEE_DEVICES))
async def cards_page(request: Asked) -> Response[str]:
    """A card for each device and node, to be printed."""
    hall = office_of(request).hall.config
    base = hall.http.public_url or str(request.base_url)
    made = sheet(hall.hall.name.text, cards(hall, base), stylesheet=f"/static/{digest()}/cards.css")
    return Response(made, media_type=MediaType.HTML)


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [nodes, decide, revoke, cards_page]


def _book(request: Asked) -> EnrolmentBook:
    book = office_of(request).book
    if book is None:
        raise problems.Refused(HTTPStatus.NOT_FOUND, "unknown")
    return book


def _back(said: str, about: str = "") -> Redirect:
    return Redirect("/nodes", query_params={"said": said, "about": about}, status_code=303)
