"""Signing: how a receiver knows who sent a message, that it is whole, and that it is not an old one (Standard Webhooks)."""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from controller.config_webhooks import Webhook

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""


class BadSecret(Exception):
    """There is no secret to sign with; the text says what, where and what to do."""


def new_secret() -> str:
    """A secret that nobody can guess."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(message: str, at: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """What stands over a message: `at` is the moment of this attempt in seconds since 1970; every key signs."""
    signed = b".".join((message.encode(), str(at).encode(), body))
    signatures = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def keys_of(hook: Webhook) -> tuple[bytes, ...]:
    """The secrets of a webhook, read anew each time, so that they can be changed while the hall goes on. Raises `BadSecret`."""
    where = f"webhook `{hook.id}`"
    if hook.secret_file is not None:
        where += f": {hook.secret_file}"
        text = _read(hook.secret_file, where)
    else:
        where += f": variable {hook.secret_env}"
        text = os.environ.get(hook.secret_env or "", "")
    keys = tuple(_key(line, where) for line in text.split())
    if not keys:
        raise BadSecret(f"{where} holds no secret; `hallware webhook secret` makes one")
    return keys


def _read(path: Path, where: str) -> str:
    try:
        with path.open(encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise BadSecret(f"{where} can be read by others; run: chmod 600 {path}")
            return file.read(4096)
    except UnicodeDecodeError as error:
        raise BadSecret(f"{where} is no text; `hallware webhook secret` makes a secret") from error
    except OSError as error:
        raise BadSecret(f"{where} cannot be read: {error.strerror}") from error


def _key(line: str, where: str) -> bytes:
    try:
        key = base64.b64decode(line.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not line.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise BadSecret(
            f"{where}: a secret is {PREFIX} and {SHORTEST} to {LONGEST} bytes in base64; `hallware webhook secret` makes one"
        )
    return key
