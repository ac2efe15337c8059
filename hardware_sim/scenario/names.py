"""Names in a scenario: `{an}` in any text of a step stands for what an earlier step has learned."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from hardware_sim.errors import CannotDo
from hardware_sim.scenario.steps import Arrive, Ask, Step

_NAME = re.compile(r"{([a-z][a-z0-9_]*)}")
S = TypeVar("S", bound=msgspec.Struct)


def learned_by(step: Step) -> tuple[str, ...]:
    """The names that are known after this step."""
    match step:
        case Arrive(name=str(name)):
            return (name, f"{name}_qr")
        case Ask(name=str(name)):
            return (name,)
    return ()


def names_in(step: Step) -> Iterator[str]:
    """The names that this step writes."""
    for text in _texts(msgspec.to_builtins(step)):
        yield from _NAME.findall(text)


def filled(step: S, known: Mapping[str, str]) -> S:
    """The step with what its names stand for. Raises `CannotDo` for a name that stands for nothing."""
    raw = _filled(msgspec.structs.asdict(step), known)
    return msgspec.structs.replace(step, **raw)


def _filled(value: Any, known: Mapping[str, str]) -> Any:
    match value:
        case str():
            return _NAME.sub(lambda found: _known(found[1], known), value)
        case dict():
            return {key: _filled(inner, known) for key, inner in value.items()}
        case tuple() | list():
            return type(value)(_filled(inner, known) for inner in value)
    return value


def _known(name: str, known: Mapping[str, str]) -> str:
    if name not in known:
        raise CannotDo(f"`{{{name}}}` stands for nothing; known are {', '.join(sorted(known)) or 'no names yet'}")
    return known[name]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
