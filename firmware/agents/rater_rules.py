"""The rating window: who may rate which visit, until when, and which lamps say so.

Rules of 好差评: one rating for one service; no key, no rating (未评价, never satisfied); a second press within the grace time
corrects the first; later presses are refused and counted. Times are monotonic seconds of the press itself, not of its handling.

A rating is recorded with the press, so that no power cut within the grace time can lose it; a correction is a second fact for the
same invitation, and whoever stores them takes the last.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from contract.events import RatingGiven, RatingLapsed
from contract.rating import RatingInvite

LINGER = 0.25
"""Seconds by which a lapse waits for a press in the last instant to settle."""

_REMEMBERED = 8
"""Invitations known again when the broker repeats them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a happening comes to: a fact to record, or a word to count."""

    fact: RatingGiven | RatingLapsed | None = None
    count: str | None = None


REFUSED = Decision(count="refused-press")


@dataclass(frozen=True, slots=True)
class _Visit:
    """One invitation and what has come of it."""

    rating: str
    invited: float
    heard: float
    closes: float
    grace: float
    level: int | None = None
    pressed: float = 0.0
    corrected: bool = False


class RaterRules:
    """One window's rater: at most one visit can be rated at a time."""

    def __init__(self, window: str, levels: Collection[int], thanks: float) -> None:
        self._window = window
        self._levels = frozenset(levels)
        self._thanks = thanks
        self._visit: _Visit | None = None
        self._thanked_until = 0.0
        self._seen: deque[str] = deque(maxlen=_REMEMBERED)

    def invite(self, invitation: RatingInvite, now: float, clock: datetime) -> Decision:
        """Open the rater for a visit, closing the one before; `clock` is the hall's time at `now`."""
        if invitation.window != self._window:
            return Decision(count="foreign-invite")
        if invitation.rating in self._seen:
            return Decision(count="repeated-invite")
        left = (invitation.not_after - clock).total_seconds()
        if left <= 0:
            return Decision(count="late-invite")
        lapsed = self._lapse()
        age = max(0.0, (clock - invitation.at).total_seconds())
        self._visit = _Visit(invitation.rating, now - age, now, now + left, invitation.grace)
        self._thanked_until = 0.0
        self._seen.append(invitation.rating)
        return lapsed

    def press(self, level: int, at: float) -> Decision:
        """What a press of `level` comes to. Changes nothing: a rating counts when it is `stored`."""
        visit = self._visit
        if visit is None or at < visit.heard:
            return REFUSED
        if visit.level is None:
            return self._given(visit, level, at) if at <= visit.closes else REFUSED
        if visit.corrected or level == visit.level or at > visit.pressed + visit.grace:
            return REFUSED
        return self._given(visit, level, at)

    def stored(self, fact: RatingGiven, at: float, now: float) -> None:
        """The rating pressed `at` is safe: the citizen is thanked from `now` on."""
        if self._visit is None or self._visit.rating != fact.rating:
            return
        pressed = self._visit.pressed if fact.corrected else at
        self._visit = replace(self._visit, level=fact.level, pressed=pressed, corrected=fact.corrected)
        self._thanked_until = now + self._thanks

    def look(self, now: float) -> Decision:
        """Let time pass: an invitation nobody answered lapses."""
        if self._visit and self._visit.level is None and now >= self._visit.closes + LINGER:
            return self._lapse()
        return Decision()

    def lit(self, now: float) -> frozenset[int]:
        """The lamps to light: all of them invite, the pressed one thanks."""
        if self._visit is None:
            return frozenset()
        if self._visit.level is None:
            return self._levels
        return frozenset({self._visit.level}) if now < self._thanked_until else frozenset()

    def due(self, now: float) -> float | None:
        """When to look again if nothing happens before; None while nothing is going on."""
        if self._visit and self._visit.level is None:
            return self._visit.closes + LINGER
        return self._thanked_until if now < self._thanked_until else None

    def _given(self, visit: _Visit, level: int, at: float) -> Decision:
        after = max(0.0, at - visit.invited)
        corrected = visit.level is not None
        return Decision(RatingGiven(rating=visit.rating, window=self._window, level=level, after=after, corrected=corrected))

    def _lapse(self) -> Decision:
        visit, self._visit = self._visit, None
        if visit is None or visit.level is not None:
            return Decision()
        return Decision(RatingLapsed(rating=visit.rating, window=self._window))
