"""Strategies that build valid messages, with the extreme values that the contract allows, from the types themselves."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from contract.codec import MAX_BYTES, encode
from contract.topics import Topic
from contract.values import FIRST_YEAR, LAST_YEAR

FIRST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LAST = datetime(LAST_YEAR, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
SECONDS = int((LAST - FIRST).total_seconds())
FARTHEST = timedelta(hours=14)
OFFSETS = tuple(timezone(offset) for offset in (timedelta(0), timedelta(hours=8), FARTHEST, -FARTHEST))
TEXTS = st.text(max_size=12) | st.sampled_from(("", "\x00", "\r\n", "\u202e", "\U0001f6be" * 200, "号" * 100, "%s{}"))


def messages(topic: Topic[Any], **fixed: Any) -> st.SearchStrategy[Any]:
    """Valid messages of a topic; `fixed` are fields that a test wants with one value, where a type has them."""
    return st.one_of([_struct(inspect.type_info(kind), fixed) for kind in topic.types])  # type: ignore[arg-type]


def extremes(row: Topic[Any], count: int, **fixed: Any) -> list[bytes]:
    """Valid messages of a topic, as far out as the contract allows; `fixed` as in `messages`."""
    made: list[bytes] = []

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(messages(row, **fixed))
    def make(message: Any) -> None:
        made.append(encode(message))

    make()
    return [payload for payload in made if len(payload) <= MAX_BYTES]


def _struct(info: inspect.StructType, fixed: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {f.name: st.just(fixed[f.name]) if f.name in fixed else of(f.type) for f in info.fields}
    optional = {f.name for f in info.fields if not f.required} - fixed.keys()
    kind: type[msgspec.Struct] = info.cls
    return st.fixed_dictionaries(
        {name: made for name, made in fields.items() if name not in optional},
        optional={name: fields[name] for name in optional},
    ).map(lambda values: kind(**values))


def of(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of one type, as far out as its bounds let them be."""
    match info:
        case inspect.Metadata():
            return of(info.type)
        case inspect.StructType():
            return _struct(info, {})
        case inspect.UnionType():
            return st.one_of([of(inner) for inner in info.types])
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.VarTupleType():
            return st.lists(of(info.item_type), max_size=min(3, info.max_length or 3)).map(tuple)
        case inspect.DictType():
            return st.dictionaries(of(info.key_type), of(info.value_type), max_size=3)
    return _plain(info)


def _plain(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.DateTimeType():
            return st.sampled_from((FIRST, LAST)).flatmap(_offset) | st.integers(0, SECONDS).map(_after)
        case inspect.DateType():
            return st.dates(FIRST.date(), LAST.date()) | st.sampled_from((date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)))
        case inspect.IntType():
            return st.sampled_from((info.ge, info.le)) | st.integers(info.ge, info.le)
        case inspect.FloatType():
            least = info.ge if info.ge is not None else info.gt
            return st.floats(least, info.le, exclude_min=info.ge is None)
        case inspect.StrType():
            return _text(info)
    raise TypeError(f"no strategy for {info}; the contract has a new kind of field")


def _after(seconds: int) -> datetime:
    return FIRST + timedelta(seconds=seconds)


def _offset(moment: datetime) -> st.SearchStrategy[datetime]:
    return st.sampled_from(OFFSETS).map(lambda offset: moment.replace(tzinfo=offset))


def _text(info: inspect.StrType) -> st.SearchStrategy[str]:
    least, most = info.min_length or 0, info.max_length or 200
    if info.pattern is None:
        return TEXTS.map(lambda text: text[:most]).filter(lambda text: len(text) >= least)
    return st.from_regex(info.pattern).filter(lambda text: least <= len(text) <= most)
