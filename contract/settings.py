"""Settings: a TOML file becomes frozen configuration, or one error that names file, key and remedy."""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
from msgspec import Meta

from contract.values import whole

Seconds = Annotated[float, Meta(gt=0)]
TimeOfDay = Annotated[str, Meta(pattern=whole("([01][0-9]|2[0-3]):[0-5][0-9]"), description="hh:mm")]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*", re.ASCII)

S = TypeVar("S", bound=msgspec.Struct)


class BadSettings(Exception):
    """A configuration file that cannot be used; the text says what, where and what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all configuration tables: immutable, and an unknown key is an error."""


def refuse_twice(what: str, values: Iterable[object]) -> None:
    """Raise `ValueError` naming the first value that stands there more than once."""
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"{what} `{twice[0]}` is used more than once; give each its own")


def read(path: Path, kind: type[S]) -> S:
    """Read `path` as `kind`. Raises `BadSettings`."""
    return parse(read_text(path), kind, name=path.name)


def read_text(path: Path) -> str:
    """The text of a file. Raises `BadSettings`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BadSettings(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise BadSettings(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except OSError as error:
        raise BadSettings(f"{path}: cannot be read: {error.strerror}") from error


def parse(text: str, kind: type[S], *, name: str) -> S:
    """Read `text` as `kind`; `name` stands for the file in errors. Raises `BadSettings`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{name}: is not TOML: {error}") from error
    return convert(raw, kind, name=name)


def convert(raw: Any, kind: type[S], *, name: str) -> S:
    """Turn plain tables into `kind`. Raises `BadSettings`."""
    try:
        for place, value in _numbers("", raw):
            if not math.isfinite(value):
                raise ValueError(f"`{place}`: {value} is no number to reckon with; write a finite one")
        return msgspec.convert(raw, kind, dec_hook=_path)
    except msgspec.ValidationError as error:
        from contract.settings_words import explain  # a node whose file is right need not carry the words

        raise BadSettings(f"{name}: {explain(str(error), raw, kind)}") from error
    except ValueError as error:
        raise BadSettings(f"{name}: {error}") from error


def refuse_no_host(key: str, host: str) -> None:
    """Raise `ValueError` when `host` is neither an address nor a name that a certificate and a network can know."""
    with suppress(ValueError):
        if "%" not in str(ip_address(host)):
            return
    # What ends in a number was to be an address.
    if not _HOST.fullmatch(host) or len(host) > 253 or host.rpartition(".")[2].isdecimal():
        raise ValueError(f"`{key}`: {host!r} is neither a name nor an address; write one such as hall.example or 192.168.10.5")


def refuse_unknown_zone(key: str, name: str) -> None:
    """Raise `ValueError` when nobody knows a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if not available_timezones():
            raise ValueError(f"`{key}`: this machine knows no time zones; install them: apt-get install tzdata") from error
        raise ValueError(f"`{key}`: there is no time zone `{name}`; write one such as `Asia/Shanghai`") from error


def _numbers(place: str, raw: Any) -> Iterator[tuple[str, float]]:
    """All floating-point numbers below `raw` with their places; TOML has `nan` and `inf` too."""
    if isinstance(raw, dict):
        for key, inner in raw.items():
            yield from _numbers(f"{place}.{key}" if place else key, inner)
    elif isinstance(raw, list):
        for index, inner in enumerate(raw):
            yield from _numbers(f"{place}[{index}]", inner)
    elif isinstance(raw, float):
        yield place, raw


def _path(kind: type[Any], raw: Any) -> Any:
    if kind is Path and isinstance(raw, str):
        return Path(raw)
    raise TypeError(f"Expected `{kind.__name__}`, got `{type(raw).__name__}`")
