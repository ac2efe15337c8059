"""Server-sent events: the live hall for programs, live pages for people."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.response import Stream

from contract.codec import encode
from contract.values import Moment, Value
from controller.web.defence import SESSION
from controller.web.front import Front, front_of
from controller.web.live import Picture, event
from controller.web.render import digest

GONE = event("gone", b"{}")
"""The account behind the stream is signed out or locked."""
RETRY = b"retry: 2000\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Encode = Callable[[Picture[Any]], Awaitable[bytes | None]]


class Beat(Value, frozen=True, kw_only=True):
    """A sign of life with the hall's time and the fingerprint of its pages."""

    at: Moment
    pages: str


def stream(request: Request[Any, Any, Any], encoded: Encode, *, public: bool) -> Stream:
    """What `encoded` makes of each picture (nothing for None), with signs of life, while the asker may see it."""
    office = front_of(request)
    return Stream(
        _events(office, encoded, None if public else _still_there(request)),
        media_type="text/event-stream",
        headers=_HEADERS,
    )


async def _events(office: Front, encoded: Encode, still: Callable[[], Awaitable[bool]] | None) -> AsyncIterator[bytes]:
    yield RETRY + _beat(office)
    async for picture in office.live.pictures():
        if picture is not None:
            if (data := await encoded(picture)) is not None:
                yield data
        elif still is None or await still():
            yield _beat(office)
        else:
            yield GONE
            return


def _beat(office: Front) -> bytes:
    return event("beat", encode(Beat(at=office.clock(), pages=digest())))


def _still_there(request: Request[Any, Any, Any]) -> Callable[[], Awaitable[bool]]:
    """Whether the account that began the stream still has its session or token."""
    accounts, secret = front_of(request).accounts, request.cookies.get(SESSION, "")
    token = request.headers.get("authorization", "").partition(" ")[2].strip()

    async def still() -> bool:
        person = await asyncio.to_thread(accounts.bearer, token) if token else await asyncio.to_thread(accounts.session, secret)
        return person is not None

    return still
