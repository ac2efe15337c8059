"""Settings: a TOML file becomes frozen configuration, or one error that names file, key and remedy."""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0)]
TimeOfDay = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="hh:mm")]

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
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BadSettings(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise BadSettings(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except OSError as error:
        raise BadSettings(f"{path}: cannot be read: {error.strerror}") from error
    return parse(text, kind, name=path.name)


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
        return msgspec.convert(raw, kind, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise BadSettings(f"{name}: {_explain(str(error), raw, kind)}") from error
    except ValueError as error:
        raise BadSettings(f"{name}: {error}") from error


def _path(kind: type[Any], raw: Any) -> Any:
    if kind is Path and isinstance(raw, str):
        return Path(raw)
    raise TypeError(f"Expected `{kind.__name__}`, got `{type(raw).__name__}`")


_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`(?: - at `\$(?P<at>.*)`)?")
_PLAIN = re.compile(r"(?P<what>.*?) - at `\$(?P<at>.*)`", re.DOTALL)


def _explain(message: str, raw: Any, kind: type[Any]) -> str:
    if unknown := _UNKNOWN.fullmatch(message):
        key, at = unknown["key"], (unknown["at"] or "").lstrip(".")
        place = f" at `{at}`" if at else ""
        known = sorted(_keys(kind))
        close = difflib.get_close_matches(key, known, n=1)
        return f"unknown field `{key}`{place}" + (f"; did you mean `{close[0]}`?" if close else "; remove it or see the manual")
    if plain := _PLAIN.fullmatch(message):
        at = plain["at"].lstrip(".")
        return f"`{at}`: {plain['what']}{_found(raw, plain['at'])}"
    return message


def _found(raw: Any, at: str) -> str:
    for step in re.findall(r"\.?([^.\[\]]+)|\[(\d+)\]", at):
        name, index = step
        try:
            raw = raw[int(index)] if index else raw[name]
        except (KeyError, IndexError, TypeError, ValueError):
            return ""
    return "" if isinstance(raw, dict | list) else f", but it is {raw!r}"


def _keys(kind: Any, seen: frozenset[Any] = frozenset()) -> set[str]:
    """Every key that may stand anywhere below `kind`: good enough to guess what was meant."""
    if kind in seen:
        return set()
    info = msgspec.inspect.type_info(kind)
    found: set[str] = set()
    for part in _structs(info):
        found |= {field.encode_name for field in part.fields}
        if part.tag_field:
            found.add(part.tag_field)
    return found


def _structs(info: Any) -> list[Any]:
    """All struct types inside a msgspec type description, outermost first."""
    todo, found, seen = [info], [], set()
    while todo:
        here = todo.pop()
        if isinstance(here, msgspec.inspect.StructType):
            if here.cls in seen:
                continue
            seen.add(here.cls)
            found.append(here)
            todo += [field.type for field in here.fields]
            continue
        todo += list(getattr(here, "types", ()))
        todo += [part for name in ("item_type", "key_type", "value_type", "type") if (part := getattr(here, name, None))]
        todo += list(getattr(here, "item_types", ()))
    return found
