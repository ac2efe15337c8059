"""What a hand takes, in plain values: enough for a page to make a form of it that refuses most nonsense by itself."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect


def taken(takes: type[msgspec.Struct]) -> Iterator[dict[str, Any]]:
    """Every parameter: name, sort (`text`, `integer`, `number`, `switch`, `choice`), limits or choices, default."""
    info = inspect.type_info(takes)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{takes.__name__} is no table of parameters")
    for field in info.fields:
        one = {"name": field.name, **_sort(field.type)}
        if not field.required:
            one["default"] = None if field.default is msgspec.NODEFAULT else field.default
        yield one


def _sort(info: inspect.Type) -> dict[str, Any]:
    match info:
        case inspect.Metadata():
            return _sort(info.type)
        case inspect.UnionType():
            return _sort(next(part for part in info.types if not isinstance(part, inspect.NoneType)))
        case inspect.LiteralType():
            return {"sort": "choice", "choices": list(info.values)}
        case inspect.IntType() | inspect.FloatType():
            limits = {"least": info.ge, "most": info.le}
            sort = "integer" if isinstance(info, inspect.IntType) else "number"
            return {"sort": sort} | {name: value for name, value in limits.items() if value is not None}
        case inspect.BoolType():
            return {"sort": "switch"}
    return {"sort": "text"}
