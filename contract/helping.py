"""Helping: which calls for help of a place are open, and when the last ones were answered; lamps beside buttons show it."""

from contract.values import Id, Moment, Value


class HelpSpot(Value, frozen=True, kw_only=True):
    """One button's spot: the place itself, or one cubicle of it."""

    cubicle: Id | None = None
    asked: Moment | None = None
    """Since when somebody calls for help there; absent when nobody does."""
    answered: Moment | None = None
    """When staff last said that they go there; absent when they have not today."""


class HelpState(Value, frozen=True, kw_only=True):
    """All calls for help of one place. It goes to buttons' lamps and to staff, never onto a board or into a loudspeaker."""

    place: Id
    at: Moment
    spots: tuple[HelpSpot, ...] = ()
