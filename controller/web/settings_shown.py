"""Settings as one may read them: every key of hall.toml with its value and whether the file says so, never a secret. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from contract.settings import BadSettings
from contract.values import Value
from controller.config import HallConfig, parse_hall

HIDDEN = "••••••"
_SECRET = re.compile("(?:^|[._])(password|secret|token|key)$")
_PASSWORD_IN_URL = re.compile(r"(//[^/@:]*):[^/@]*@")


@dataclass(frozen=True)
class Row:
    """One setting."""

    key: str
    """As it stands in the file: `calling.times`, `service[social].daily_quota`."""
    value: str
    written: bool
    """Whether the file says so; else it is the default."""


class Difference(Value, frozen=True, kw_only=True):
    """A setting that is another one in a new file; None where it does not stand at all."""

    key: str
    now: str | None = None
    then: str | None = None


class Checked(Value, frozen=True, kw_only=True):
    """What is wrong with a new hall.toml, or what would change with it."""

    problem: str | None = None
    changes: tuple[Difference, ...] = ()


def tables(config: HallConfig, text: str) -> dict[str, list[Row]]:
    """All settings by the table they stand in, those that are not in any table under the file's own name."""
    found: dict[str, list[Row]] = {}
    for key, value, said in _settings(config, raw(text), ""):
        table = re.split(r"[.\[]", key, maxsplit=1)[0]
        found.setdefault(table, []).append(Row(key, _shown(key, value), written=said is not None))
    return found


def raw(text: str) -> Mapping[str, Any]:
    """What the file says, before anything is added to it; nothing when it cannot be read."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _settings(value: Any, said: Any, key: str) -> Iterator[tuple[str, Any, Any]]:
    """Each setting's key, its value, and what the file says there."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            inner = said.get(name) if isinstance(said, Mapping) else None
            yield from _settings(getattr(value, name), inner, f"{key}.{name}" if key else name)
    elif isinstance(value, tuple) and value and all(isinstance(one, msgspec.Struct) for one in value):
        for place, one in enumerate(value):
            inner = said[place] if isinstance(said, list) and place < len(said) else None
            yield from _settings(one, inner, f"{key}[{getattr(one, 'id', place + 1)}]")
    else:
        yield key, value, said


def _shown(key: str, value: Any) -> str:
    if value is None:
        return "—"
    if _SECRET.search(key) and isinstance(value, str):
        return HIDDEN
    plain = msgspec.to_builtins(value, enc_hook=str)
    text = plain if isinstance(plain, str) else msgspec.json.encode(_hidden(plain)).decode()
    return _PASSWORD_IN_URL.sub(rf"\1:{HIDDEN}@", text) or "—"


def _hidden(value: Any) -> Any:
    """The same without any secret, however deep."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if _SECRET.search(str(name)) and isinstance(one, str) else _hidden(one) for name, one in value.items()
        }
    return [_hidden(one) for one in value] if isinstance(value, list | tuple) else value


def check(now: HallConfig, text: str) -> Checked:
    """What is to be said of the text of a new hall.toml."""
    try:
        then = parse_hall(text, name="hall.toml")
    except BadSettings as error:
        return Checked(problem=str(error))
    before, after = _by_key(now), _by_key(then)
    keys = [*before, *(key for key in after if key not in before)]
    changed = (key for key in keys if before.get(key) != after.get(key))
    return Checked(changes=tuple(_difference(key, before, after) for key in changed))


def _by_key(config: HallConfig) -> dict[str, tuple[str, Any]]:
    """Key to how its value is shown, and to the value itself: a secret that is another one is a difference too."""
    return {key: (_shown(key, value), value) for key, value, _ in _settings(config, None, "")}


def _difference(key: str, before: Mapping[str, tuple[str, Any]], after: Mapping[str, tuple[str, Any]]) -> Difference:
    return Difference(key=key, now=before[key][0] if key in before else None, then=after[key][0] if key in after else None)
