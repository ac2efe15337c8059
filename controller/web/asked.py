"""What a request carries, read once at the edge: bodies, days, ids."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from contract.codec import MAX_BYTES, decode
from contract.dispatch import Action
from controller.config import HallConfig
from controller.web.front import Front
from controller.web.problems import Refused

M = TypeVar("M", bound=msgspec.Struct)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
_YEARS = range(2000, 2101)


async def message_of(request: Request[Any, Any, Any], kind: type[M]) -> M:
    """The body as a message. Raises `BadMessage`."""
    message: M = decode(await _body(request), kind)
    return message


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of a form; of one that stands there twice, the last."""
    text = (await _body(request)).decode("utf-8", errors="replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=40))
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-request", str(error)) from error


def one_by_one(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What the address asks for; of something that stands there twice, the last."""
    return {key: value for key, value in request.query_params.multi_items() if isinstance(value, str)}


def address_of(request: Request[Any, Any, Any]) -> str:
    """The address it comes from."""
    return request.client.host if request.client else "-"


async def _body(request: Request[Any, Any, Any]) -> bytes:
    body = await request.body()
    if len(body) > MAX_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long")
    return body


def number_of(text: str | None) -> str:
    """A number or code as it is printed, from how somebody typed it: full-width, with blanks, in small letters."""
    return "".join(unicodedata.normalize("NFKC", text or "").split()).upper()


def day_of(office: Front, text: str | None) -> date:
    """The day asked for, today when none is. Raises `Refused`."""
    if not text:
        return office.today()
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-day", text[:40]) from error
    if day.year not in _YEARS:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-day", text[:40])
    return day


def token_of(text: str) -> str:
    """A token that may exist. Raises `Refused`."""
    if not _TOKEN.fullmatch(text):
        raise Refused(HTTPStatus.NOT_FOUND, "unknown")
    return text


def refuse_other(name: str | None, known: Iterable[str]) -> None:
    """Raise `Refused` when a place is named that is none of these."""
    if name is not None and name not in known:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-place", name[:40])


def refuse_unknown(config: HallConfig, action: Action) -> None:
    """Raise `Refused` when the action names a window, service or zone that the hall does not have."""
    windows, services = {window.id for window in config.window}, {service.id for service in config.service}
    for field, known in (
        ("window", windows), ("to", windows), ("service", services), ("then", services),
        ("zones", {zone.id for zone in config.zone}),
    ):  # fmt: skip
        value = getattr(action, field, None) or ()
        for name in (value,) if isinstance(value, str) else value:
            refuse_other(name, known)
