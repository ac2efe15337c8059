"""What a browser asked for, what it gets, and whom the page's server turns away before anybody looks at the rest."""

from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus

import msgspec

GOES_ALONG = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-same-origin; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()",
    "Cache-Control": "no-store",
}
"""Of every answer. The sandbox takes windows, dialogs, downloads and printing away from the page itself."""


class Asked(msgspec.Struct, frozen=True):
    """One whole request."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    """By their names in lower case."""
    body: bytes = b""


class Answer(msgspec.Struct, frozen=True):
    """One whole answer."""

    status: HTTPStatus = HTTPStatus.OK
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = {}


class Events(msgspec.Struct, frozen=True):
    """An answer that goes on: server-sent events, each as it stands on the wire."""

    events: AsyncIterator[bytes]


def refused(status: HTTPStatus, **headers: str) -> Answer:
    """A short no."""
    return Answer(status, status.phrase.encode(), headers=headers)


def stranger(asked: Asked, port: int) -> Answer | None:
    """Why a request is not heard: it names another host, as a page with a rebound name would, or comes from another site."""
    host = asked.headers.get("host", "")
    if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return refused(HTTPStatus.MISDIRECTED_REQUEST)
    if asked.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return refused(HTTPStatus.FORBIDDEN)
    origin = asked.headers.get("origin")
    if (origin is not None or asked.method != "GET") and origin != f"http://{host}":
        return refused(HTTPStatus.FORBIDDEN)
    if asked.method == "POST" and asked.headers.get("content-type") != "application/json":
        return refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return None
