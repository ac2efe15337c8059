"""`hallware check`: validate node.toml or hall.toml and print what is in force, defaults included."""

import argparse
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from contract.settings import BadSettings, Settings, convert

Line = tuple[str, str, bool]
"""A key with its place, its value, and whether it stands in the file."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("file", type=Path, metavar="FILE", help="node.toml or hall.toml")


def run(args: argparse.Namespace) -> int:
    """Print what is in force. Raises `BadSettings` when it is not valid."""
    raw = _read(args.file)
    what, config = _convert(raw, args.file.name)
    print(f"{args.file} is a valid {what}.\n")
    print(table(list(lines(config, raw))))
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadSettings(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise BadSettings(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path}: is not TOML: {error}") from error
    except OSError as error:
        raise BadSettings(f"{path}: cannot be read: {error.strerror}") from error


def _convert(raw: dict[str, Any], name: str) -> tuple[str, Settings]:
    """The file as what its tables say it is."""
    if "hall" in raw:
        from controller.config import HallConfig

        return "hall.toml", convert(raw, HallConfig, name=name)
    if "node" in raw or "device" in raw:
        from firmware.config import NodeConfig

        return "node.toml", convert(raw, NodeConfig, name=name)
    raise BadSettings(f"{name}: has neither a [hall] nor a [node] table, so it is neither hall.toml nor node.toml")


def lines(config: msgspec.Struct, raw: Any) -> Iterator[Line]:
    """Everything in force, in the order of the configuration."""
    yield from _lines("", msgspec.to_builtins(config, enc_hook=str), raw)


def _lines(place: str, value: Any, raw: Any) -> Iterator[Line]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _lines(
                f"{place}.{key}" if place else key, inner, raw.get(key, _MISSING) if isinstance(raw, dict) else _MISSING
            )
    elif isinstance(value, list | tuple) and any(isinstance(part, dict) for part in value):
        for index, inner in enumerate(value):
            name = inner.get("id", index) if isinstance(inner, dict) else index
            given = raw[index] if isinstance(raw, list | tuple) and index < len(raw) else _MISSING
            yield from _lines(f"{place}[{name}]", inner, given)
    else:
        yield place, _plain(value), raw is not _MISSING


_MISSING = object()


def _plain(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(_plain, value)) or "(none)" if isinstance(value, list | tuple) else str(value) or '""'


def table(rows: list[Line]) -> str:
    """Rows in columns; what is not in the file is marked as a default."""
    wide = max(_cells(place) for place, _, _ in rows)
    widest = min(48, max(_cells(value) for _, value, _ in rows))
    return "\n".join(_row(place, value, given, wide, widest) for place, value, given in rows)


def _row(place: str, value: str, given: bool, wide: int, widest: int) -> str:
    left = place + " " * (wide - _cells(place))
    return f"{left}  {value}{'' if given else ' ' * max(0, widest - _cells(value)) + '  (default)'}"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
