"""Sending: one attempt to deliver one message, and what came of it. No redirect is followed, little of the answer is read."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib.metadata import version

import httpx

from contract.plain import plain
from controller.config_webhooks import Webhook
from controller.webhooks.patience import asked_for
from controller.webhooks.signing import headers, keys_of

READ = 1024
"""Bytes of an answer at most; nobody needs more than the first line of it."""
SHOWN = 120


@dataclass(frozen=True)
class Answer:
    """What came of an attempt, in words for staff."""

    taken: bool
    said: str
    gone: bool = False
    """The receiver says that it will never want it."""
    leave_alone: timedelta | None = None
    """So long it asked to be left alone."""


def client(hook: Webhook) -> httpx.AsyncClient:
    """A way to a receiver. Raises `OSError` when the hall's own certificate authority cannot be read."""
    trusted = ssl.create_default_context()
    if hook.ca is not None:
        trusted.load_verify_locations(cafile=hook.ca)
    # No proxy, password or certificate comes from variables of the machine: a message goes where hall.toml says.
    return httpx.AsyncClient(
        verify=trusted, trust_env=False, follow_redirects=False, timeout=hook.timeout,
        headers={"user-agent": f"hallware/{version('hallware')}", "content-type": "application/json"},
    )  # fmt: skip


async def send(to: httpx.AsyncClient, hook: Webhook, message: str, body: str, now: datetime) -> Answer:
    """Try once. Raises `BadSecret`."""
    content = body.encode()
    signed = headers(message, int(now.timestamp()), content, keys_of(hook))
    try:
        async with asyncio.timeout(hook.timeout), to.stream("POST", hook.url, content=content, headers=signed) as response:
            if response.is_success:
                return Answer(taken=True, said=str(response.status_code))
            return _refused(response, await _beginning(response), now)
    except (TimeoutError, httpx.TimeoutException):
        return Answer(taken=False, said=f"no answer within {hook.timeout:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        return Answer(taken=False, said=plain(f"{type(error).__name__}: {error}")[:SHOWN])


async def _beginning(response: httpx.Response) -> bytes:
    """The first bytes of the answer, as they came: what is packed is not unpacked."""
    read = b""
    async for part in response.aiter_raw():
        read += part
        if len(read) >= READ:
            break
    return read[:READ]


def _refused(response: httpx.Response, read: bytes, now: datetime) -> Answer:
    code = response.status_code
    words = " ".join(plain(read.decode(errors="replace")).split())[:SHOWN]
    if response.is_redirect:
        words = "leads elsewhere, which is not followed; write the new address into hall.toml"
    return Answer(
        taken=False, said=f"{code} {words}".strip(), gone=code == HTTPStatus.GONE,
        leave_alone=asked_for(response.headers.get("retry-after"), now),
    )  # fmt: skip
