"""JSON in and out: bytes become a message once, at the edge, or one clear `BadMessage`."""

from functools import cache
from typing import Any

import msgspec

MAX_BYTES = 64 * 1024
"""A longer payload is refused unread; the broker refuses it too."""


class ContractError(Exception):
    """Base of what the contract refuses."""


class BadMessage(ContractError):
    """A payload that is no message of its topic; the text says which field and why."""


class BadTopic(ContractError):
    """A topic that the contract does not spell."""


_encoder = msgspec.json.Encoder(decimal_format="string")


def encode(message: msgspec.Struct | msgspec.Raw) -> bytes:
    """The message as compact JSON."""
    return _encoder.encode(message)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def decode(payload: bytes, kind: Any) -> Any:
    """Read a message of `kind`, a message type or a union of tagged ones.

    Raises `BadMessage` for anything else: too long, not UTF-8, not JSON, a field missing or out of range.
    """
    if len(payload) > MAX_BYTES:
        raise BadMessage(f"{len(payload)} bytes, more than the {MAX_BYTES} a message may have")
    try:
        return _decoder(kind).decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(str(error)) from error
