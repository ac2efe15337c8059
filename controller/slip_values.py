"""A slip as the store keeps it: to be printed again, and as a line of the log."""

from collections.abc import Mapping
from dataclasses import dataclass

from contract.commands import FieldValue
from contract.values import Id, Moment, Text, Token, Value


@dataclass(frozen=True)
class KnownSlip:
    """What must be known of a slip to print it once more."""

    slip: str
    fields: Mapping[str, FieldValue] | None
    """None when they are deleted, by the rule of retention."""
    outcomes: tuple[str | None, ...]
    """What became of its prints so far."""


class PrintRow(Value, frozen=True, kw_only=True):
    """One print in the log: of a slip, or of a ticket of the entrance desk."""

    printing: Token
    slip: Token
    template: Id
    number: str
    at: Moment
    device: Id
    by: str
    why: str = ""
    mark: bool = False
    """Whether it bore the mark of a reprint."""
    outcome: str | None = None
    """`printed`, `failed`, `refused`, `late` or `unanswered`; None while nobody knows."""
    what: Text | None = None
    about: str = ""
    """Whom the slip is about, masked."""
