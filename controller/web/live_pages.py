"""Pages that are kept live: what each shows, to whom, and which part of the picture makes it anew."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from controller.accounts_roles import Right
from controller.web.defence import PUBLIC, Options, needs
from controller.web.front import Asking, Front, asking_of, front_of
from controller.web.live import Picture, View, event
from controller.web.render import render, respond
from controller.web.streams import stream

Where = Mapping[str, str]
Scene = dict[str, object]
F = TypeVar("F", bound=Front)
V = TypeVar("V", bound=View)


@dataclass(frozen=True)
class Page(Generic[F, V]):
    """One page: `part` is what of the picture it shows, so that it is made anew only when that changes."""

    name: str
    path: str
    right: Right | None
    part: Callable[[Picture[V], Where], object]
    scene: Callable[[F, Picture[V], Where], Awaitable[Scene]]
    shared: bool = True
    """Whether everybody with the same role and language sees the same."""
    asks: tuple[str, ...] = ("day", "window")
    """What the address may ask for."""


def handlers_of(page: Page[F, V]) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """Its address and the stream that keeps it live."""
    return _whole(page), _live(page)


def _options(page: Page[Any, Any]) -> Options:
    return needs(page.right) if page.right else PUBLIC


def _where(page: Page[Any, Any], request: Request[Any, Any, Any]) -> dict[str, str]:
    """What the address says; path before query."""
    asked = {key: value for key, value in asking_of(request).query if key in page.asks}
    return {**asked, **{key: str(value) for key, value in request.path_params.items()}}


def _whole(page: Page[Any, Any]) -> HTTPRouteHandler:
    async def show(request: Request[Any, Any, Any]) -> Response[str]:
        office = front_of(request)
        scene = await page.scene(office, office.live.picture, _where(page, request))
        query = [*asking_of(request).query, ("lang", asking_of(request).language)]
        source = f"/live{quote(request.url.path.rstrip('/') or '/overview')}?{urlencode(query)}"
        return respond(request, f"{page.name}.html", {**scene, "live": source, "page": page.name})

    return get(page.path, opt=_options(page), name=f"page {page.path}")(show)


def _live(page: Page[Any, Any]) -> HTTPRouteHandler:
    async def follow(request: Request[Any, Any, Any]) -> Stream:
        office, asking, where = front_of(request), asking_of(request), _where(page, request)
        await page.scene(office, office.live.picture, where)
        return stream(request, _Fragments(page, office, asking, where), public=page.right is None)

    path = page.path if page.path != "/" else "/overview"
    return get(f"/live{path}", opt=_options(page), name=f"live {page.path}")(follow)


class _Fragments:
    """One viewer's page, made anew when its part of the picture changes."""

    def __init__(self, page: Page[Any, Any], office: Front, asking: Asking, where: Where) -> None:
        self._page, self._office, self._asking, self._where = page, office, asking, where
        self._last: object = self
        role = asking.person and asking.person.role
        self._key = (page.name, tuple(sorted(where.items())), asking.language, role)

    async def __call__(self, picture: Picture[Any]) -> bytes | None:
        part = self._part(picture)
        if part is self._last or part == self._last:
            return None
        self._last = part
        if not self._page.shared:
            return self._make(await self._page.scene(self._office, picture, self._where))
        made = picture.made(self._key)
        return made if made is not None else await self._shared(picture)

    def _part(self, picture: Picture[Any]) -> object:
        """What of the picture this page shows; whoever shares the page shares this too."""
        if not self._page.shared:
            return self._page.part(picture, self._where)
        return picture.shared(("part", *self._key[:2]), lambda: self._page.part(picture, self._where))

    async def _shared(self, picture: Picture[Any]) -> bytes:
        scene = await self._page.scene(self._office, picture, self._where)
        return picture.shared(self._key, lambda: self._make(scene))

    def _make(self, scene: Scene) -> bytes:
        html = render(f"live/{self._page.name}.html", self._office, self._asking, scene)
        return event("page", html.encode())
