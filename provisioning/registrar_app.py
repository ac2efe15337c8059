"""The registrar's door: four addresses over HTTPS, for machines only."""

import logging
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.exc import SQLAlchemyError

from contract.codec import BadMessage, decode
from contract.enrolment import MOST_BYTES, Claim, Hour, Refusal, Renewal, Standing
from contract.plain import plain
from contract.settings import BadSettings
from contract.values import Text
from controller.enrolment import Refused
from provisioning.pem import pem
from provisioning.registrar import Registrar

log = logging.getLogger("hallware.registrar")

M = TypeVar("M", bound=msgspec.Struct)
Asked = Request[Any, Any, State]


def registrar_app(registrar: Registrar) -> Litestar:
    """The application over a registrar."""
    return Litestar(
        route_handlers=[*_handlers(registrar)],
        request_max_body_size=MOST_BYTES,
        openapi_config=None,
        logging_config=None,
    )


def _handlers(registrar: Registrar) -> list[HTTPRouteHandler]:
    async def authority() -> str:
        return pem(registrar.ca.certificate)

    async def time() -> Response[bytes]:
        return _json(Hour(at=registrar.clock()), HTTPStatus.OK)

    async def claim(request: Asked) -> Response[bytes]:
        return await _answer(registrar, request, Claim)

    async def renew(request: Asked) -> Response[bytes]:
        return await _answer(registrar, request, Renewal)

    return [
        get("/ca", media_type=MediaType.TEXT)(authority),
        get("/time", media_type=MediaType.JSON)(time),
        post("/claim", status_code=HTTPStatus.OK)(claim),
        post("/renew", status_code=HTTPStatus.OK)(renew),
    ]


async def _answer(registrar: Registrar, request: Asked, kind: type[Claim | Renewal]) -> Response[bytes]:
    address = request.client.host if request.client else "?"
    try:
        message = decode(await request.body(), kind)
        if isinstance(message, Claim):
            return _json(await registrar.claim(message, address), HTTPStatus.OK)
        return _json(await registrar.renew(message, address), HTTPStatus.OK)
    except BadMessage as error:
        what = Text(zh="请求格式无效。", en=plain(f"The request cannot be read: {error}"))
        return _json(_refusal("bad-message", what, registrar.clock()), HTTPStatus.BAD_REQUEST)
    except BadSettings as error:
        log.error("%s", error)
        what = Text(zh="hall.toml 有误，请先修正。", en=plain(f"hall.toml cannot be used: {error}"))
        return _json(_refusal("bad-hall", what, registrar.clock()), HTTPStatus.SERVICE_UNAVAILABLE)
    except SQLAlchemyError as error:
        log.error("the book cannot be read or written: %s", plain(str(error).splitlines()[0]))
        what = Text(zh="数据库暂时不可用。", en="The hall's database cannot be used now.")
        return _json(_refusal("book-fails", what, registrar.clock()), HTTPStatus.SERVICE_UNAVAILABLE)
    except Refused as refused:
        log.warning("refused %s: %s", address, plain(refused.what.en))
        return _json(_refusal(refused.code, refused.what, registrar.clock()), HTTPStatus.FORBIDDEN)


def _refusal(code: str, what: Text, at: datetime) -> Refusal:
    return Refusal(code=code, what=what, at=at)


def _json(message: Hour | Standing | Refusal, status: HTTPStatus) -> Response[bytes]:
    return Response(msgspec.json.encode(message), media_type=MediaType.JSON, status_code=status)
