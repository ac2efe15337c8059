"""The page's server: one page, one stream of what changes, and requests that move hands."""

import hmac
import re
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.exceptions import ClientException, NotAuthorizedException, NotFoundException
from litestar.handlers.base import BaseRouteHandler
from litestar.response import Redirect, Stream
from litestar.static_files import create_static_files_router

from contract.values import Text
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.page.layout import lay_out
from hardware_sim.page.parts import Parts
from hardware_sim.page.words import CALLER_KEYS, LEVELS, RATER_KEYS

HERE = Path(__file__).parent
COOKIE = "hallware-simulator"
SMILES = {5: "M7 13.5q5 6 10 0", 4: "M8 14.5q4 3.5 8 0", 3: "M8 15.5h8", 2: "M8 16.5q4 -3 8 0", 1: "M7 17.5q5 -5.5 10 0"}
GOAL = re.compile(r"/(?!/)[a-z0-9/-]*")
"""A page of the controller, and never another site."""

Asked = Request[Any, Any, Any]
B = TypeVar("B", bound=msgspec.Struct)


class Hands(Protocol):
    """Whoever can reach the devices, the nodes and the people."""

    async def move(self, device: str, hand: str, how: dict[str, Any]) -> None:
        """Move a hand at a device. Raises `CannotDo`."""
        ...

    async def order(self, node: str, order: Literal["kill", "start"]) -> None:
        """Kill or start a node's process. Raises `CannotDo`."""
        ...

    def let_people(self, *, live: bool) -> None:
        """Let the people go on, or hold them."""
        ...

    async def way_in(self, goal: str) -> str:
        """A link that signs in at the controller once and leads to its page `goal`."""
        ...


@dataclass(frozen=True)
class Setting:
    """What stands around the hall on its page."""

    name: Text
    key: str
    """Whoever brings it may use the page."""
    hall_link: str = ""
    window_link: str = ""
    """With `{window}` in it."""
    touch_links: Mapping[str, str] = field(default_factory=dict)
    """The pages of touch screens, by kiosk."""
    people: bool = True
    kill: bool = True


@dataclass(frozen=True)
class _Desk:
    """All that requests need."""

    hall: Hall
    parts: Parts
    hands: Hands
    setting: Setting
    pages: Environment


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hand's movement as a browser asks for it."""

    device: str
    hand: str
    how: dict[str, str | int | float | bool] = msgspec.field(name="with", default_factory=dict)


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall happen to a node."""

    node: str
    do: Literal["kill", "start"]


class PeopleSwitch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the people shall live."""

    on: bool


@get("/", opt={"open": True})
async def page(request: Asked) -> Response[Any]:
    """The page; with the key in the link it first puts the key into a cookie, out of the address line's sight."""
    desk = _desk(request)
    key = request.query_params.get("key", "")
    if _right(key, desk.setting):
        cookie = Cookie(key=COOKIE, value=key, httponly=True, samesite="strict")
        return Redirect("/", status_code=303, cookies=[cookie])
    _refuse_stranger(request, desk.setting)
    layout, setting = lay_out(desk.hall), desk.setting
    html = desk.pages.get_template("hall.html").render(
        hall=setting.name, layout=layout, structure=layout.structure, setting=setting,
        smiles=SMILES, caller_words=CALLER_KEYS, choice=_choice,
    )  # fmt: skip
    return Response(html, media_type=MediaType.HTML, headers={"Cache-Control": "no-store"})


@get("/stream")
async def stream(request: Asked) -> Stream:
    """Everything at first, then every change, as server-sent events."""
    return Stream(_events(_desk(request).parts), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(parts: Parts) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async for batch in parts.shown.batches():
        yield b"data: " + batch + b"\n\n"


@get("/printed/{device:str}/{name:str}")
async def printed(request: Asked) -> Response[bytes]:
    """A printed page."""
    device, name = (str(request.path_params[part]) for part in ("device", "name"))
    picture = _desk(request).parts.printed(device, name.removesuffix(".png"))
    if picture is None:
        raise NotFoundException(detail="that page is no longer kept")
    return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@post("/hand", status_code=200)
async def hand(request: Asked) -> dict[str, str]:
    """Move a hand at a device."""
    move = await _body(request, Move)
    return await _tried(_desk(request).hands.move(move.device, move.hand, dict(move.how)))


@post("/node", status_code=200)
async def node(request: Asked) -> dict[str, str]:
    """Kill or start a node."""
    order = await _body(request, Order)
    return await _tried(_desk(request).hands.order(order.node, order.do))


@get("/go")
async def go(request: Asked) -> Redirect:
    """Into the controller's pages, signed in."""
    goal = request.query_params.get("to", "/")
    if not GOAL.fullmatch(goal):
        raise ClientException(detail="that is no page of the controller")
    return Redirect(await _desk(request).hands.way_in(goal), status_code=303)


@post("/people", status_code=200)
async def people(request: Asked) -> dict[str, str]:
    """Hold the people, or let them go on."""
    _desk(request).hands.let_people(live=(await _body(request, PeopleSwitch)).on)
    return {}


async def _body(request: Asked, kind: type[B]) -> B:
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClientException(detail=str(error)) from error


async def _tried(movement: Awaitable[None]) -> dict[str, str]:
    try:
        await movement
    except CannotDo as error:
        return {"error": str(error)}
    return {}


def _desk(connection: ASGIConnection[Any, Any, Any, Any]) -> _Desk:
    desk: _Desk = connection.app.state.desk
    return desk


def _choice(name: str) -> Text:
    """A choice of a form as people say it: a rater's key by its level, a caller's by what it means."""
    level = LEVELS.get(int(name)) if name.isdecimal() else None
    return level or CALLER_KEYS.get(name) or RATER_KEYS.get(name) or Text(zh=name, en=name)


def _right(key: str, setting: Setting) -> bool:
    return hmac.compare_digest(key.encode(), setting.key.encode())


def _refuse_stranger(connection: ASGIConnection[Any, Any, Any, Any], setting: Setting) -> None:
    if not _right(connection.cookies.get(COOKIE, ""), setting):
        raise NotAuthorizedException(detail="open the link that the demo printed · 请打开演示程序打印的链接")


def _known_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    if not handler.opt.get("open"):
        _refuse_stranger(connection, _desk(connection).setting)


def make_app(hall: Hall, parts: Parts, hands: Hands, setting: Setting) -> Litestar:
    """The page's application for one hall."""
    pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    files = create_static_files_router(path="/static", directories=[HERE / "static"], opt={"open": True})
    return Litestar(
        route_handlers=[page, stream, printed, hand, node, go, people, files],
        guards=[_known_only],
        state=State({"desk": _Desk(hall, parts, hands, setting, pages)}),
        openapi_config=None,
        logging_config=None,
    )
