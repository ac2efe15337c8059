"""Presence: whether the controller is there, judged by its heartbeat, its last will and the link."""

from datetime import datetime, timedelta

from contract.health import ControllerStatus

MISSED = 3
"""Heartbeats that may be missed."""
LONGEST = 60.0
"""Seconds between heartbeats beyond which a status is not believed."""


class Presence:
    """Changes with what is heard and with the passing of monotonic time; does nothing by itself."""

    def __init__(self) -> None:
        """Nobody is there yet."""
        self._up = False
        self._session: str | None = None
        self._until = float("-inf")

    def link(self, up: bool) -> None:
        """The link carries, or does not."""
        self._up = up

    def heard(self, status: ControllerStatus, *, retained: bool, hall_now: datetime, now: float) -> None:
        """The controller's status came; `now` in monotonic seconds.

        A retained one may be older than the controller's death, so it counts only while it is young by the hall's time.
        The will of a session that is over is ignored: its controller was started again long ago.
        """
        patience = MISSED * min(status.every, LONGEST)
        if status.state != "online":
            if self._session in (None, status.session):
                self._session, self._until = status.session, float("-inf")
            return
        if retained and abs(hall_now - status.at) > timedelta(seconds=patience):
            return
        self._session, self._until = status.session, now + patience

    def there(self, now: float) -> bool:
        """Whether the controller is there."""
        return self._up and now < self._until

    def due(self, now: float) -> float | None:
        """When it is gone unless it is heard again; None when it is not there."""
        return self._until if self.there(now) else None
