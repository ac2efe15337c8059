"""What building control (Home Assistant) hears of the hall: figures and conditions, nothing about persons."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.values import Moment, Value

Figure = Annotated[float, Meta(ge=-1_000_000, le=1_000_000)]


class HomeStatus(Value, frozen=True, kw_only=True):
    """Whether the figures are kept up to date."""

    state: Literal["online", "offline"]
    at: Moment


class HomeState(Value, frozen=True, kw_only=True):
    """How one part stands: the hall as a whole, a node, or a room."""

    at: Moment
    state: dict[str, bool | Figure | None]
    """By the name of the entity; null: nobody knows."""
