"""The rating window: who may rate which visit, until when, what may follow, and which lamps say so.

Rules of 好差评: one rating for one service; no key, no rating (未评价, never satisfied); a second press within the grace time
corrects the first; later presses are refused and counted. Times are monotonic seconds of the press itself, not of its handling.

A rating is recorded with the press, so that no power cut within the grace time can lose it; a correction is a second fact for the
same invitation, and whoever stores them takes the last. So are the aspects that follow a level, and the reason that may follow a
差评: each is the whole rating again with what was added. A complaint (办不成事) needs no invitation.
"""

from collections import deque
from collections.abc import Collection
from datetime import datetime
from typing import get_args

import msgspec
from msgspec import structs
from msgspec.structs import replace

from contract.events import Aspect, ComplaintMade, RatingGiven, RatingLapsed
from contract.rating import RatingInvite

LINGER = 0.25
"""Seconds by which a lapse waits for a press in the last instant to settle."""

SAME_COMPLAINT = 10.0
"""Seconds in which the complaint key pressed again is the same complaint."""
BAD = 2
"""Levels up to this one are a 差评 and may have a reason."""
ASPECTS: frozenset[Aspect] = frozenset(get_args(Aspect))

_REMEMBERED = 8
"""Invitations known again when the broker repeats them."""


class Decision(msgspec.Struct, frozen=True):
    """What a happening comes to: a fact to record, or a word to count."""

    fact: RatingGiven | RatingLapsed | ComplaintMade | None = None
    count: str | None = None


REFUSED = Decision(count="refused-press")


class _Visit(msgspec.Struct, frozen=True):
    """One invitation and what has come of it."""

    rating: str
    invited: float
    heard: float
    closes: float
    grace: float
    given: RatingGiven | None = None
    """As it was stored last."""
    pressed: float = 0.0

    @property
    def level(self) -> int | None:
        """The level that was stored."""
        return None if self.given is None else self.given.level


class RaterRules:
    """One window's rater: at most one visit can be rated at a time."""

    def __init__(self, window: str, levels: Collection[int], thanks: float, follow_up: float = 15.0) -> None:
        self._window = window
        self._levels = frozenset(levels)
        self._thanks, self._follow_up = thanks, follow_up
        self._complained = self._heard_until = -SAME_COMPLAINT
        self._visit: _Visit | None = None
        self._thanked_until = 0.0
        self._seen: deque[str] = deque(maxlen=_REMEMBERED)

    def invite(self, invitation: RatingInvite, now: float, clock: datetime) -> Decision:
        """Open the rater for a visit, closing the one before; `clock` is the hall's time at `now`."""
        if invitation.window != self._window:
            return Decision(count="foreign-invite")
        if invitation.rating in self._seen:
            return self._repeated(invitation)
        left = (invitation.not_after - clock).total_seconds()
        if left <= 0:
            return Decision(count="late-invite")
        lapsed = self._lapse()
        age = max(0.0, (clock - invitation.at).total_seconds())
        self._visit = _Visit(invitation.rating, now - age, now, now + left, invitation.grace)
        self._thanked_until = 0.0
        self._seen.append(invitation.rating)
        return lapsed

    def _repeated(self, invitation: RatingInvite) -> Decision:
        """Nothing new, unless it is for no time at all: then the visit was rated elsewhere, and nobody is asked here any more."""
        visit = self._visit
        if visit is None or visit.rating != invitation.rating or visit.level is not None or invitation.not_after > invitation.at:
            return Decision(count="repeated-invite")
        self._visit = None
        return Decision()

    def press(self, level: int, at: float) -> Decision:
        """What a press of `level` comes to. Changes nothing: a rating counts when it is `stored`."""
        visit = self._visit
        if visit is None or at < visit.heard:
            return REFUSED
        if visit.level is None:
            return self._given(visit, level, at) if at <= visit.closes else REFUSED
        if visit.given is None or visit.given.corrected or level == visit.level or at > visit.pressed + visit.grace:
            return REFUSED
        return self._given(visit, level, at)

    def detail(self, word: str, at: float) -> Decision:
        """What an aspect, or a reason (`reason-slow`), comes to after a level. Changes nothing, as `press`."""
        given = self._followed(at)
        if given is None:
            return REFUSED
        if aspect := next((aspect for aspect in ASPECTS if aspect == word), None):
            return REFUSED if aspect in given.aspects else Decision(structs.replace(given, aspects=(*given.aspects, aspect)))
        reason = word.removeprefix("reason-")
        refused = given.level > BAD or given.reason == reason
        return REFUSED if refused else Decision(structs.replace(given, reason=reason))

    def complain(self, complaint: str, at: float) -> Decision:
        """The complaint key was pressed; `complaint` names it for ever. Changes nothing: it counts when it is `heard`."""
        if at - self._complained < SAME_COMPLAINT:
            return Decision(count="repeated-press")
        return Decision(ComplaintMade(complaint=complaint, window=self._window))

    def heard(self, at: float, now: float) -> None:
        """The complaint pressed `at` is safe: the citizen is thanked from `now` on."""
        self._complained, self._heard_until = at, now + self._thanks

    def stored(self, fact: RatingGiven, at: float, now: float) -> None:
        """The rating pressed `at` is safe: the citizen is thanked from `now` on."""
        if self._visit is None or self._visit.rating != fact.rating:
            return
        pressed = at if self._visit.given is None else self._visit.pressed
        self._visit = replace(self._visit, given=fact, pressed=pressed)
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

    def invitation(self, now: float) -> str | None:
        """The invitation for which the rater is open, nobody having pressed a level yet."""
        visit = self._visit
        return visit.rating if visit is not None and visit.given is None and now <= visit.closes else None

    def asks(self, now: float) -> frozenset[str]:
        """What else is to be lit, by word: what may follow the level (`reason` for all reasons), a complaint that was heard."""
        given = self._followed(now)
        heard = {"complaint"} if now < self._heard_until else set()
        if given is None:
            return frozenset(heard)
        reason = {"reason"} if given.level <= BAD and given.reason is None else set()
        return (ASPECTS - set(given.aspects)) | reason | heard

    def _followed(self, at: float) -> RatingGiven | None:
        visit = self._visit
        return visit.given if visit and visit.given and visit.heard <= at <= visit.pressed + self._follow_up else None

    def due(self, now: float) -> float | None:
        """When to look again if nothing happens before; None while nothing is going on."""
        if self._visit and self._visit.level is None:
            return self._visit.closes + LINGER
        ends = (self._thanked_until, self._heard_until, self._visit.pressed + self._follow_up if self._visit else now)
        return min((end for end in ends if now < end), default=None)

    def _given(self, visit: _Visit, level: int, at: float) -> Decision:
        after = max(0.0, at - visit.invited)
        if visit.given is None:
            return Decision(RatingGiven(rating=visit.rating, window=self._window, level=level, after=after))
        reason = visit.given.reason if level <= BAD else None
        return Decision(structs.replace(visit.given, level=level, after=after, corrected=True, reason=reason))

    def _lapse(self) -> Decision:
        visit, self._visit = self._visit, None
        if visit is None or visit.level is not None:
            return Decision()
        return Decision(RatingLapsed(rating=visit.rating, window=self._window))
