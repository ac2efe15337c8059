"""Rating: the invitation that opens a rater for one visit."""

from typing import Annotated

from msgspec import Meta

from contract.values import Id, Moment, Number, Token, Value


class RatingInvite(Value, frozen=True, kw_only=True):
    """One rating for one service at a window; opens the window's rater until `not_after`.

    Once more with `not_after` no later than `at`: the service was rated elsewhere, by phone, and the rater closes.
    """

    rating: Token
    window: Id
    at: Moment
    not_after: Moment
    grace: Annotated[float, Meta(ge=0, le=3600, description="Seconds in which a second press corrects the first")] = 5.0
    number: Number | None = None
