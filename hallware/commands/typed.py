"""What is typed, mostly behind an option: days, numbers within bounds, a host with its port; what cannot be is refused."""

import argparse
import getpass
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from contract.values import FIRST_YEAR, LAST_YEAR
from hallware.main import UsageProblem


def secret(prompt: str) -> str:
    """What nobody sees while it is typed. Raises `UsageProblem` when there is nobody, or who there is ends the input."""
    try:
        return getpass.getpass(prompt)
    except EOFError as error:
        raise UsageProblem("nothing was typed; run this again, and type it") from error


def day(text: str) -> date:
    """A day of the years that messages know."""
    try:
        typed = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day; write one such as 2026-05-01") from error
    if not FIRST_YEAR < typed.year < LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text}: the year lies outside of {FIRST_YEAR + 1} to {LAST_YEAR - 1}")
    return typed


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number from `least` to `most`."""

    def typed(text: str) -> int:
        with suppress(ValueError):
            if least <= (value := int(text)) <= most:
                return value
        raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most}")

    return typed


def above_zero(most: float) -> Callable[[str], float]:
    """A number above 0, at most `most`."""

    def typed(text: str) -> float:
        with suppress(ValueError):
            if 0 < (value := float(text)) <= most:
                return value
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {most:g}")

    return typed


def user(text: str) -> str:
    """A name at a broker, which stands on a line of its access list."""
    if not re.fullmatch("[A-Za-z0-9._-]+", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no name; take letters, digits, `.`, `_` and `-`")
    return text


def host_port(text: str, port: int) -> tuple[str, int]:
    """HOST or HOST:PORT, an IPv6 address in brackets or without a port; `port` where none is typed. Raises `ValueError`."""
    host, colon, typed = text.rpartition(":")
    if not colon or text.endswith("]") or (text.count(":") > 1 and not text.startswith("[")):
        host, typed = text, str(port)
    if not typed.isdecimal() or not 0 < int(typed) < 65536:
        raise ValueError(f"{typed!r} is no port; write host:port, such as hall.example:{port}")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not host.isprintable() or " " in host or "/" in host:
        raise ValueError(f"{host!r} is no name or address; write host:port, such as hall.example:{port}")
    return host, int(typed)


def broker(port: int) -> Callable[[str], tuple[str, int]]:
    """The same as an option."""

    def typed(text: str) -> tuple[str, int]:
        try:
            return host_port(text, port)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return typed
