"""How far a node's stream of events has come."""

from typing import NamedTuple


class Place(NamedTuple):
    """The newest event, and the last one that the controller has stored; `epoch` is empty until the outbox is open."""

    epoch: str
    newest: int
    stored: int
