"""Small values that messages are made of: ids, moments, texts in two languages, ticket numbers."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Id = Annotated[
    str,
    Meta(
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=40,
        description="Lower-case letters, digits and single hyphens; never a person's name",
    ),
]
"""Names a hall, zone, window, service, node, device or board in topics and messages."""

Token = Annotated[str, Meta(min_length=8, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
"""Names one message, ticket, visit or session for ever; made by `secrets.token_hex(8)` or the like."""

Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset")]

Number = Annotated[
    str,
    Meta(pattern="^[A-Z]{0,2}[0-9]{3,4}$", description="A ticket's number as people read it, such as A012."),
]

Language = Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Z]{2})?$")]


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all that travels: immutable; unknown fields are tolerated, since nodes are updated one by one."""


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
