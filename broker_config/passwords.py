"""Mosquitto's password file: `user:$7$iterations$salt$hash`, PBKDF2 with SHA-512."""

import hashlib
import os
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

ITERATIONS = 101
"""Mosquitto's own default. Our passwords are random, not chosen, so guessing is hopeless however fast; and a slow hash
would stall the broker when a whole hall reconnects at once."""


def password_line(user: str, password: str, salt: bytes | None = None) -> str:
    """One line of the file. Raises `ValueError` for a user name that the format cannot hold."""
    if not user or any(sign in user for sign in ":\r\n"):
        raise ValueError(f"{user!r} cannot be a user name at the broker")
    salt = os.urandom(12) if salt is None else salt
    hashed = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"{user}:$7${ITERATIONS}${b64encode(salt).decode()}${b64encode(hashed).decode()}"


def write_password_file(path: Path, passwords: Mapping[str, str]) -> None:
    """Write the file for these users and passwords, readable by its owner alone."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("".join(f"{password_line(user, password)}\n" for user, password in passwords.items()), encoding="utf-8")
