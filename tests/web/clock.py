"""A clock that goes on by itself and can be set forward."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The hall's clock; `pass_by` sets it forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, **amount: float) -> None:
        """Time goes by, as `timedelta` takes it."""
        self.ahead += timedelta(**amount)
