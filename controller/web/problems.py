"""What goes wrong, in words: as JSON for programs, as a page for people."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from litestar import MediaType, Request, Response
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException
from msgspec import Meta
from sqlalchemy.exc import SQLAlchemyError

from contract.codec import BadMessage, encode
from contract.values import Code, Text, Value
from controller.accounts import AccountsError, TooManyTries, WrongPassword
from controller.metrics import OVERSTEPPED
from controller.store.errors import StoreError
from controller.web.defence import SESSION, NotInPerson, NotOurPage, local
from controller.web.front import asking_of, front_of
from controller.web.language import catalogue, word
from controller.web.render import respond

log = logging.getLogger(__name__)
API = "/api/"


class Problem(Value, frozen=True, kw_only=True):
    """Why a request was not served: `code` for programs, `what` for people."""

    status: Annotated[int, Meta(ge=400, le=599)]
    code: Code
    what: Text


@dataclass
class Refused(Exception):
    """Raised by handlers to answer with a problem."""

    status: HTTPStatus
    code: str
    detail: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.code)


_CODES = {
    400: "bad-request",
    401: "sign-in",
    403: "not-allowed",
    404: "unknown",
    405: "no-such-method",
    413: "too-long",
    415: "bad-request",
    429: "too-many-tries",
}


_REFUSED: dict[type[HTTPException], str] = {NotOurPage: "not-our-page", NotInPerson: "not-in-person"}


def _problem(status: int, code: str, detail: str = "") -> Problem:
    key = f"problem.{code}"
    return Problem(
        status=status,
        code=code,
        what=Text(zh=word("zh", key, detail=detail)[:400], en=word("en", key, detail=detail)[:400]),
    )


def answer(
    request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str] | None = None, asked: str = ""
) -> Response[Any]:
    """The problem as the asker can use it. Whoever asked for more than their role may is written down with what was `asked`."""
    response = _answer(request, problem, headers)
    if problem.code == "not-allowed" and (person := asking_of(request).person):
        OVERSTEPPED.inc()
        response.background = BackgroundTask(front_of(request).accounts.overstepped, person, asked or _asked(request))
    return response


def _asked(request: Request[Any, Any, Any]) -> str:
    return f"{request.method} {request.scope.get('path_template', request.url.path)}"


def _answer(request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str] | None) -> Response[Any]:
    if request.url.path.startswith(API) or request.content_type[0] == MediaType.JSON:
        return Response(encode(problem), media_type=MediaType.JSON, status_code=problem.status, headers=headers)
    sent, here = request.method != "GET", _page_of(request)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        why = catalogue()["sign-in.again"] if sent else None
        return respond(request, "sign_in.html", {"next": here, "why": why}, problem.status, at=here if sent else None)
    # Nobody looks who it is that asks for an unknown address.
    start = "/" if SESSION in request.cookies else "/board"
    scene = {"problem": problem, "back": here if sent and here != "/" else start}
    response = respond(request, "problem.html", scene, problem.status, at=here if sent else None)
    response.headers.update(headers or {})
    return response


def _page_of(request: Request[Any, Any, Any]) -> str:
    """The page on which somebody is: the one they asked for, or the one whose form they sent."""
    if request.method != "GET":
        return local(urlsplit(request.headers.get("referer", "")).path) or "/"
    asking = asking_of(request)
    return local(f"{asking.path}?{urlencode(asking.query)}" if asking.query else asking.path) or "/"


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Litestar's own refusals: unknown paths, wrong methods, missing rights, bad parameters."""
    status = error.status_code
    code = _REFUSED.get(type(error)) or _CODES.get(status, "bad-request" if status < 500 else "broken")
    detail = "; ".join(str(part.get("message", "")) for part in error.extra) if isinstance(error.extra, list) else ""
    return answer(request, _problem(status, code, detail or error.detail), dict(error.headers or {}))


def on_refused(request: Request[Any, Any, Any], error: Refused) -> Response[Any]:
    """Our own refusals."""
    return answer(request, _problem(error.status, error.code, error.detail), asked=error.detail)


def on_bad_message(request: Request[Any, Any, Any], error: BadMessage) -> Response[Any]:
    """A body that is no message of its kind."""
    return answer(request, _problem(HTTPStatus.BAD_REQUEST, "bad-request", str(error)))


def on_accounts(request: Request[Any, Any, Any], error: AccountsError) -> Response[Any]:
    """What accounts refuse, where no page says it better."""
    status, headers = HTTPStatus.BAD_REQUEST, {}
    if isinstance(error, WrongPassword):
        status = HTTPStatus.FORBIDDEN
    if isinstance(error, TooManyTries):
        status, headers = HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(int(error.after.total_seconds()) + 1)}
    return answer(request, Problem(status=status, code="account", what=error.what), headers)


def on_store(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The database does not do what is asked: weather here, and the controller says more about it."""
    log.warning("%s %s: the database: %s", request.method, request.url.path, error)
    return answer(request, _problem(HTTPStatus.SERVICE_UNAVAILABLE, "store"))


def on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A bug: logged with its trace, told without."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(request, _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "broken"))


HANDLERS: dict[int | type[Exception], Callable[..., Response[Any]]] = {
    HTTPException: on_http,
    Refused: on_refused,
    BadMessage: on_bad_message,
    AccountsError: on_accounts,
    StoreError: on_store,
    SQLAlchemyError: on_store,
    Exception: on_bug,
}
