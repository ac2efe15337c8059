"""The outcome of an order: what it makes happen, and what is answered."""

from collections.abc import Callable

from contract.values import Text
from controller.queue.values import Frozen
from controller.state import Fact

NewId = Callable[[], str]


class Done(Frozen, frozen=True, kw_only=True):
    """What an order makes happen, and what is answered."""

    facts: tuple[Fact, ...]
    what: Text
    number: str | None = None
    ticket: str | None = None
    call: str | None = None
    notice: str | None = None
    check_in: str | None = None
    slip: str | None = None
    printing: str | None = None
