"""What is wrong in a configuration file, in words that name the place, what stands there and what may stand there."""

import difflib
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`(?: - at `\$(?P<at>.*)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<key>[^`]*)`(?: - at `\$(?P<at>.*)`)?")
_PLAIN = re.compile(r"(?P<what>.*?) - at `\$(?P<at>.*)`", re.DOTALL)
_STEPS = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_CHOICE = re.compile(r"Invalid (?:enum )?value .*", re.DOTALL)

Step = str | int


def explain(message: str, raw: Any, kind: type[Any]) -> str:
    """msgspec's words about `raw`, which should be a `kind`, as a person would say them who knows both."""
    if unknown := _UNKNOWN.fullmatch(message):
        return _unknown(unknown["key"], unknown["at"] or "", raw, kind)
    if missing := _MISSING.fullmatch(message):
        steps = [*_steps(missing["at"] or ""), missing["key"]]
        return f"{_place(steps[:-1])}`{missing['key']}` is missing{_may_be(_choices(_at(steps, raw, kind)))}"
    if plain := _PLAIN.fullmatch(message):
        return _plain(plain["what"], _steps(plain["at"]), raw, kind)
    return message


def _unknown(key: str, at: str, raw: Any, kind: type[Any]) -> str:
    steps = _steps(at)
    place = f" at `{_name(steps)}`" if steps else ""
    here = {name for info in _at(steps, raw, kind) for name in _fields(info)}
    if close := difflib.get_close_matches(key, sorted(here), n=1):
        return f"unknown field `{key}`{place}; did you mean `{close[0]}`?"
    if key in _all_fields(kind):
        return f"field `{key}` does not belong{place or ' at the top'}; is it under the wrong heading?"
    return f"unknown field `{key}`{place}; remove it, or take one of {', '.join(sorted(here))}"


def _plain(what: str, steps: list[Step], raw: Any, kind: type[Any]) -> str:
    infos, found = list(_at(steps, raw, kind)), _found(steps, raw)
    if _CHOICE.fullmatch(what) and (choices := _choices(infos)):
        close = difflib.get_close_matches(str(found), choices, n=1)
        guess = f"; did you mean `{close[0]}`?" if close else ""
        return f"`{_name(steps)}`: {found!r} is none of {', '.join(choices)}{guess}"
    if "matching regex" in what and (words := _description(infos)):
        return f"`{_name(steps)}`: {found!r} does not fit: {words}"
    shown = "" if isinstance(found, dict | list) or found is None else f", but it is {found!r}"
    return f"`{_name(steps)}`: {what}{shown}"


def _steps(at: str) -> list[Step]:
    return [int(index) if index else name for name, index in _STEPS.findall(at)]


def _name(steps: list[Step]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def _place(steps: list[Step]) -> str:
    return f"`{_name(steps)}`: " if steps else ""


def _may_be(choices: list[str]) -> str:
    return f"; give one of {', '.join(choices)}" if choices else ""


def _found(steps: list[Step], raw: Any) -> Any:
    for step in steps:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def _at(steps: list[Step], raw: Any, kind: Any) -> list[Any]:
    """The types that may stand at a place; among tagged tables those whose tag stands there."""
    infos = list(_plain_types(inspect.type_info(kind)))
    for step in steps:
        infos = [deeper for info in _tagged(infos, raw, step) for deeper in _deeper(info, step)]
        raw = _found([step], raw)
    return infos if not steps else _tagged(infos, raw, None)


def _plain_types(info: Any) -> Iterator[Any]:
    """The types that `info` stands for, without unions around them; descriptions stay."""
    if isinstance(info, inspect.UnionType):
        for part in info.types:
            yield from _plain_types(part)
    else:
        yield info


def _tagged(infos: list[Any], raw: Any, step: Step | None) -> list[Any]:
    """Of several tables the one that `raw` names by its tag, unless it is the tag that is looked at."""
    chosen = [
        i
        for i in infos
        if isinstance(i, inspect.StructType) and i.tag is not None and _tag(raw, i) == i.tag and step != i.tag_field
    ]
    return chosen or infos


def _tag(raw: Any, info: inspect.StructType) -> Any:
    return raw.get(info.tag_field) if isinstance(raw, dict) else None


def _deeper(info: Any, step: Step) -> Iterator[Any]:
    bare = info.type if isinstance(info, inspect.Metadata) else info
    match bare:
        case inspect.StructType():
            if step == bare.tag_field:
                yield inspect.LiteralType((bare.tag,))
            for field in bare.fields:
                if field.encode_name == step:
                    yield from _plain_types(field.type)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _plain_types(bare.item_type)
        case inspect.DictType():
            yield from _plain_types(bare.value_type)


def _choices(infos: list[Any]) -> list[str]:
    bare = [info.type if isinstance(info, inspect.Metadata) else info for info in infos]
    return sorted({str(value) for info in bare if isinstance(info, inspect.LiteralType) for value in info.values})


def _description(infos: list[Any]) -> str:
    schemas = [info.extra_json_schema or {} for info in infos if isinstance(info, inspect.Metadata)]
    return next((str(schema["description"]) for schema in schemas if "description" in schema), "")


def _fields(info: Any) -> set[str]:
    if not isinstance(info, inspect.StructType):
        return set()
    return {field.encode_name for field in info.fields} | ({info.tag_field} if info.tag_field else set())


def _all_fields(kind: Any) -> set[str]:
    """Every key that may stand anywhere below `kind`."""
    todo, seen, found = list(_plain_types(inspect.type_info(kind))), set[type[msgspec.Struct]](), set[str]()
    while todo:
        info = todo.pop()
        bare = info.type if isinstance(info, inspect.Metadata) else info
        match bare:
            case inspect.StructType() if bare.cls not in seen:
                seen.add(bare.cls)
                found |= _fields(bare)
                todo += [part for field in bare.fields for part in _plain_types(field.type)]
            case inspect.VarTupleType() | inspect.ListType():
                todo += _plain_types(bare.item_type)
            case inspect.DictType():
                todo += _plain_types(bare.value_type)
    return found
