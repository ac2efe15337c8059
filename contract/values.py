"""Small values that messages are made of: ids, moments, texts in two languages, ticket numbers."""

from datetime import date, datetime
from functools import cache
from typing import Annotated, get_type_hints

import msgspec
from msgspec import Meta


def whole(pattern: str) -> str:
    """A regular expression for a whole text, read alike by Python and by ECMA 262, of which JSON Schema has its patterns.

    Python's `$` stands before a line feed at the end as well, and `\\Z` is none of ECMA's.
    """
    return rf"^{pattern}$(?!\n)"


Id = Annotated[
    str,
    Meta(
        pattern=whole("[a-z0-9]+(-[a-z0-9]+)*"),
        max_length=40,
        description="Lower-case letters, digits and single hyphens; never a person's name",
    ),
]
"""Names a hall, zone, window, service, node, device or board in topics and messages."""

Token = Annotated[str, Meta(min_length=8, max_length=64, pattern=whole("[A-Za-z0-9_-]+"))]
"""Names one message, ticket, visit or session for ever; made by `secrets.token_hex(8)` or the like."""

FIRST_YEAR, LAST_YEAR = 2000, 2199
"""Moments and days of messages lie in these years, so that nobody who reckons with one leaves the calendar."""

Moment = Annotated[datetime, Meta(tz=True, description=f"RFC 3339 with an offset; within the years {FIRST_YEAR} to {LAST_YEAR}")]

Day = Annotated[date, Meta(description=f"A day of the years {FIRST_YEAR} to {LAST_YEAR}")]

MOST = 2**53 - 1
"""The largest whole number that every reader of JSON reads as it was written."""

Count = Annotated[int, Meta(ge=0, le=MOST)]

Lapse = Annotated[float, Meta(ge=0, le=10 * 366 * 86400, description="Seconds, at most ten years")]
"""How long something took, or how long ago it was."""

Number = Annotated[
    str,
    Meta(pattern=whole("[A-Z]{0,2}[0-9]{3,4}"), description="A ticket's number as people read it, such as A012."),
]

Code = Annotated[str, Meta(pattern=whole("[a-z-]+"), max_length=40)]
"""A reason as one stable word for programs."""

Prefix = Annotated[str, Meta(pattern=whole("[A-Z]{0,2}"))]
"""What stands before the digits of a service's numbers."""

Language = Annotated[str, Meta(pattern=whole("[a-z]{2}(-[A-Z]{2})?"))]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all that travels: immutable; unknown fields are tolerated, since nodes are updated one by one.

    Raises `ValueError` for a moment outside the years of messages, also when it is built by code; of a payload the decoder
    makes a `BadMessage` of it.
    """

    def __post_init__(self) -> None:
        for name in _dated(type(self)):
            value = getattr(self, name)
            if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
                raise ValueError(f"`{name}` is {value.isoformat()}, outside the years {FIRST_YEAR} to {LAST_YEAR}")


@cache
def _dated(kind: type[Value]) -> tuple[str, ...]:
    """The fields of `kind` that hold a moment or a day."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(name for name in kind.__struct_fields__ if hints[name] in (Moment, Moment | None, Day, Day | None))


class Text(Value, frozen=True, kw_only=True):
    """A text that people read, in Chinese and in English."""

    zh: Annotated[str, Meta(max_length=400)]
    en: Annotated[str, Meta(max_length=400)]

    def within(self, language: str) -> str:
        """The text for `language` ("zh…" gives Chinese, all else English)."""
        return self.zh if language.startswith("zh") else self.en


class WaitRange(Value, frozen=True, kw_only=True):
    """An estimated wait: between `low` and `high` whole minutes."""

    low: Annotated[int, Meta(ge=0, le=24 * 60)]
    high: Annotated[int, Meta(ge=0, le=24 * 60)]
