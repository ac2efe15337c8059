"""What a node and the registrar say to each other over HTTPS, before the node has a certificate and when it needs a new one."""

import hashlib
import hmac
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from contract.values import Code, Id, Moment, Text, Value

MOST_BYTES = 16 * 1024
"""A longer body is refused unread."""

Pem = Annotated[str, Meta(max_length=4096)]
Short = Annotated[str, Meta(max_length=100)]
ClaimToken = Annotated[str, Meta(min_length=26, max_length=26, pattern="^[a-z2-7]{26}$")]
"""128 bits in base 32."""


class Identity(StrEnum):
    """What somebody with a certificate is to the broker."""

    NODE = "node"
    CONTROLLER = "controller"
    DISPATCH = "dispatch"
    VIEWER = "viewer"


class Claim(Value, frozen=True, kw_only=True):
    """A machine asks for its certificate with the token of its card."""

    token: ClaimToken
    bound: Annotated[str, Meta(min_length=64, max_length=64)]
    """HMAC-SHA256 of the request under the token, in hex: this token is spent on this key and no other."""
    hall: Id
    role: Identity
    name: Id
    request: Pem
    """The signing request (PKCS#10, PEM), made on the machine."""
    serial: Short = ""
    """The serial number of the board, as it stands on its label or in its memory."""
    model: Short = ""


class Renewal(Value, frozen=True, kw_only=True):
    """A machine with a certificate asks for a new one, for a new key."""

    certificate: Pem
    request: Pem
    proof: Annotated[str, Meta(max_length=200)]
    """The request, signed by the key of the certificate (ECDSA with SHA-256, base 64)."""
    serial: Short = ""
    model: Short = ""


Pattern = tuple[Annotated[int, Meta(ge=1, le=4)], ...]
"""How the lamp blinks: so many times, a pause, so many times, …"""


class Standing(Value, frozen=True, kw_only=True):
    """How a request stands."""

    state: Literal["waiting", "granted", "refused"]
    at: Moment
    """The registrar's clock."""
    pattern: Pattern = ()
    """While it waits: what the machine's lamp shows, and the person who decides sees."""
    certificate: Pem = ""
    settings: Annotated[str, Meta(max_length=1_000_000)] = ""
    """node.toml, for a node."""
    again: Annotated[float, Meta(ge=0.1, le=3600)] = 3.0
    """Ask again after so many seconds."""


class Refusal(Value, frozen=True, kw_only=True):
    """Why a request is not even looked at."""

    code: Code
    what: Text
    at: Moment


class Hour(Value, frozen=True, kw_only=True):
    """What the registrar's clock says, for a machine whose own may have stood still."""

    at: Moment


def bound(token: str, request: str) -> str:
    """What binds a request to its token: an HMAC of the one under the other, in hex."""
    return hmac.new(token.encode(), request.encode(), hashlib.sha256).hexdigest()
