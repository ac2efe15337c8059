"""Who may pass: accounts by cookie or token, rights by table, state changes only from our own pages."""

import asyncio
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import Message, Scope

from controller.accounts_roles import Person, Right
from controller.web.front import Connection, front_of

SESSION = "hallware_session"
"""The cookie with the session's secret."""
Options = dict[str, object]
PUBLIC: Options = {"public": True}
"""Options of a handler that needs no account."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: with it browsers send `Origin: null` and our own forms would be refused.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class NotOurPage(PermissionDeniedException):
    """A change of state that did not come from one of our own pages."""


class NotInPerson(PermissionDeniedException):
    """A token asks for what only somebody who has signed in may do."""


def needs(right: Right, *, asks: tuple[str, ...] = (), body: type | None = None, in_person: bool = False) -> Options:
    """Options of a handler that only those with `right` may use, `in_person` not by a token; `asks` and `body` are described."""
    return {"right": right, "asks": asks, "body": body, "in_person": in_person}


class WhoAsks(AbstractAuthenticationMiddleware):
    """Puts the person behind a bearer token or a session cookie on the connection; refuses nobody."""

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:  # type: ignore[type-arg]
        """A bearer token goes before the cookie, and a wrong one is not made good by it."""
        accounts = front_of(connection).accounts
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return AuthenticationResult(user=await asyncio.to_thread(accounts.bearer, token.strip()), auth="bearer")
        secret = connection.cookies.get(SESSION)
        person = await asyncio.to_thread(accounts.session, secret) if secret else None
        return AuthenticationResult(user=person, auth="session" if person else None)


def only_allowed(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: whoever lacks the handler's right stops here, and so does everybody where a handler names none."""
    if handler.opt.get("public"):
        return
    person: Person | None = connection.scope.get("user")
    if person is None:
        raise NotAuthorizedException
    right = handler.opt.get("right")
    if right is None or not person.may(Right(right)):
        raise PermissionDeniedException
    if handler.opt.get("in_person") and connection.scope.get("auth") != "session":
        raise NotInPerson


def only_from_here(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard against forged requests: what changes state must come from our own pages or carry a bearer token.

    Browsers say where a request comes from: by `Sec-Fetch-Site`, or by `Origin` where the page came over plain HTTP.
    """
    if connection.scope.get("method", "GET") in _SAFE or connection.scope.get("auth") == "bearer":
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise NotOurPage
    origin = connection.headers.get("origin")
    if origin is None and site is None:
        raise NotOurPage
    if origin is not None and urlsplit(origin).netloc not in _our_names(connection):
        raise NotOurPage


def _our_names(connection: Connection) -> set[str]:
    """The host and port that the browser asked for, and the ones in QR codes when a proxy stands before us."""
    public = urlsplit(front_of(connection).public_url).netloc
    return {connection.headers.get("host", ""), public} - {""}


def secure(connection: Connection) -> bool:
    """Whether cookies must travel over HTTPS only."""
    return connection.url.scheme == "https" or front_of(connection).public_url.startswith("https:")


def local(goal: str) -> str:
    """`goal` when it is a path of ours, else nothing: a sign-in must not lead to somebody else's site."""
    good = goal.startswith("/") and goal[1:2] not in ("/", "\\") and goal.isprintable() and len(goal) <= 200
    return goal if good and "\\" not in goal else ""


async def add_headers(message: Message, scope: Scope) -> None:
    """Hook before a response is sent: the headers that every answer carries."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    present = {name.lower() for name, _ in message["headers"]}
    headers = [*message["headers"], *((n.lower().encode(), v.encode()) for n, v in HEADERS.items())]
    if b"cache-control" not in present:
        headers.append((b"cache-control", b"no-store"))
    message["headers"] = headers
