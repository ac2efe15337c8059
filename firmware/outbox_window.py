"""The window: which events are on their way, by number alone; no disk, no network, no clock of its own."""

from dataclasses import dataclass

SIZE = 64
"""Events on their way at once."""
PATIENCE = 3.0
"""Seconds without an acknowledgement after which everything unacknowledged is sent again; doubled each time."""
MOST_PATIENCE = 60.0
AGAIN = 0.5
"""Several events behind one gap ask for the same resending; once in so many seconds is enough."""


@dataclass
class Window:
    """Sends in order, at most `size` ahead of what is stored, and goes back to the gap when asked or when nothing is heard."""

    stored: int
    """The controller has everything up to and with this number."""
    size: int = SIZE
    patience: float = PATIENCE

    def __post_init__(self) -> None:
        self.next = self.stored + 1
        self._heard = 0.0
        self._patience = self.patience
        self._went_back = (-1, 0.0)

    def begin(self, now: float) -> None:
        """The controller is there, perhaps a new one, perhaps over a new connection: all that is not stored goes again."""
        self.next = self.stored + 1
        self._heard, self._patience = now, self.patience

    def room(self, newest: int) -> range:
        """The numbers to send now, `newest` being the last there is."""
        return range(self.next, min(newest, self.stored + self.size) + 1)

    def sent(self, up_to: int, now: float) -> None:
        """Everything up to and with `up_to` has been handed to the link."""
        if self.next == self.stored + 1:
            self._heard = now
        self.next = max(self.next, up_to + 1)

    def acked(self, stored: int, now: float, *, resend: bool = False) -> bool:
        """The controller has stored up to `stored`; returns whether that is news."""
        news = stored > self.stored
        if news:
            self.stored = stored
            self.next = max(self.next, stored + 1)
            self._heard, self._patience = now, self.patience
        if resend and stored == self.stored and not self._just_went_back(now):
            self._went_back = (stored, now)
            self.next = stored + 1
        return news

    def back(self, stored: int, now: float) -> None:
        """The controller has gone back behind what it acknowledged, and the disk still has all behind `stored`."""
        if not self._just_went_back(now):
            self.stored = min(self.stored, stored)
            self._went_back = (self.stored, now)
            self.next = self.stored + 1
            self._heard = now

    def _just_went_back(self, now: float) -> bool:
        to, at = self._went_back
        return to == self.stored and now - at < AGAIN

    def due(self) -> float | None:
        """When to go back if nothing is heard until then; None when nothing is on its way."""
        return None if self.next == self.stored + 1 else self._heard + self._patience

    def overdue(self, now: float) -> bool:
        """Whether that time has come; if so, all that is not stored goes again and the patience doubles."""
        due = self.due()
        if due is None or now < due:
            return False
        self.next = self.stored + 1
        self._heard, self._patience = now, min(self._patience * 2, MOST_PATIENCE)
        return True
