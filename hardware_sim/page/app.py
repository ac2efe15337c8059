"""The page's server: one page, one stream of what changes, and requests that move hands."""

import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.datastructures import Cookie
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.handlers.base import BaseRouteHandler
from litestar.params import Parameter
from litestar.response import Redirect, ServerSentEvent, Template
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig

from contract.values import Text
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.page.layout import lay_out
from hardware_sim.page.parts import Parts
from hardware_sim.page.words import AIMED, CALLER_KEYS, LEVELS

HERE = Path(__file__).parent
COOKIE = "hallware-simulator"
SMILES = {5: "M7 13.5q5 6 10 0", 4: "M8 14.5q4 3.5 8 0", 3: "M8 15.5h8", 2: "M8 16.5q4 -3 8 0", 1: "M7 17.5q5 -5.5 10 0"}


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
    people: bool = True
    kill: bool = True


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hand's movement as a browser asks for it."""

    device: str
    hand: str
    how: dict[str, str | int | float] = msgspec.field(name="with", default_factory=dict)


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall happen to a node."""

    node: str
    do: Literal["kill", "start"]


class PeopleSwitch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the people shall live."""

    on: bool


@get("/", opt={"open": True})
async def page(request: Request[Any, Any, Any], hall: Hall, setting: Setting, key: str = "") -> Response[Any]:
    """The page; with the key in the link it first puts the key into a cookie, out of the address line's sight."""
    if _right(key, setting):
        cookie = Cookie(key=COOKIE, value=key, httponly=True, samesite="strict")
        return Redirect("/", status_code=303, cookies=[cookie])
    _refuse_stranger(request, setting)
    layout = lay_out(hall)
    context = {
        "hall": setting.name,
        "layout": layout,
        "structure": layout.structure,
        "links": {"hall": setting.hall_link, "window": setting.window_link},
        "has_people": setting.people,
        "can_kill": setting.kill,
        "levels": LEVELS,
        "smiles": SMILES,
        "caller_words": CALLER_KEYS,
        "aimed": AIMED,
    }
    return Template("hall.html", context=context)


@get("/stream")
async def stream(parts: Parts) -> ServerSentEvent:
    """Everything at first, then every change."""
    return ServerSentEvent(parts.shown.batches())


@get("/printed/{device:str}/{name:str}", media_type="image/png")
async def printed(parts: Parts, device: str, name: Annotated[str, Parameter(pattern=r".+\.png$")]) -> Response[bytes]:
    """A printed page."""
    picture = parts.printed(device, name.removesuffix(".png"))
    if picture is None:
        raise NotFoundException(detail="that page is no longer kept")
    return Response(picture, headers={"Cache-Control": "private, max-age=3600"})


@post("/hand", status_code=200)
async def hand(data: Move, hands: Hands) -> dict[str, str]:
    """Move a hand at a device."""
    return await _tried(hands.move(data.device, data.hand, dict(data.how)))


@post("/node", status_code=200)
async def node(data: Order, hands: Hands) -> dict[str, str]:
    """Kill or start a node."""
    return await _tried(hands.order(data.node, data.do))


@get("/go")
async def go(hands: Hands, to: Annotated[str, Parameter(pattern=r"^/(?!/)[a-z0-9/-]*$")]) -> Redirect:
    """Into the controller's pages, signed in."""
    return Redirect(await hands.way_in(to), status_code=303)


@post("/people", status_code=200)
async def people(data: PeopleSwitch, hands: Hands) -> dict[str, str]:
    """Hold the people, or let them go on."""
    hands.let_people(live=data.on)
    return {}


async def _tried(movement: Any) -> dict[str, str]:
    try:
        await movement
    except CannotDo as error:
        return {"error": str(error)}
    return {}


def _right(key: str, setting: Setting) -> bool:
    return hmac.compare_digest(key.encode(), setting.key.encode())


def _refuse_stranger(connection: ASGIConnection[Any, Any, Any, Any], setting: Setting) -> None:
    if not _right(connection.cookies.get(COOKIE, ""), setting):
        raise NotAuthorizedException(detail="open the link that the demo printed · 请打开演示程序打印的链接")


def make_app(hall: Hall, parts: Parts, hands: Hands, setting: Setting) -> Litestar:
    """The page's application for one hall."""

    def known(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if not handler.opt.get("open"):
            _refuse_stranger(connection, setting)

    files = create_static_files_router(path="/static", directories=[HERE / "static"], opt={"open": True})
    return Litestar(
        route_handlers=[page, stream, printed, hand, node, go, people, files],
        guards=[known],
        dependencies={name: _given(value) for name, value in
                      {"hall": hall, "parts": parts, "hands": hands, "setting": setting}.items()},
        template_config=TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine),
        openapi_config=None,
        logging_config=None,
    )  # fmt: skip


def _given(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)
