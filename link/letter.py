"""A letter: a message and where it goes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from contract.topics import Topic


class Letter(msgspec.Struct, frozen=True):
    """A message for a topic; `levels` without the hall."""

    topic: Topic[Any]
    message: msgspec.Struct
    levels: Mapping[str, str] = {}

    def address(self, hall: str) -> str:
        """The topic it goes to. Raises `BadTopic`."""
        return self.topic.at(hall=hall, **self.levels)
