"""Announcing: what a loudspeaker says now, as text, for whoever cannot hear it."""

from typing import Literal

from contract.values import Id, Moment, Text, Value

Of = Literal["call", "notice", "test"]


class Spoken(Value, frozen=True, kw_only=True):
    """The text of what is spoken from `at` until `until`."""

    device: Id
    at: Moment
    until: Moment
    text: Text
    of: Of
