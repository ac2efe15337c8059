"""People at a window: the staff member with the keypad in front, the citizen with the rating keys on the other side."""

from dataclasses import dataclass

from contract.calling import WindowState
from hardware_sim.people_eyes import CallerSeen, Hand, RaterSeen
from hardware_sim.people_pace import Chance, Manners, Pace

AGAIN = 2.5
"""Seconds that staff wait for an effect before they press a key again; the real hall's time, at any speed."""

UNHEEDED = 3
"""Presses without any effect on what the window's state says, after which staff go by the caller itself, key after key."""
BY_ITSELF = ("next", "start", "finish")
"""A visit, as staff press it when nobody tells them what the window does."""

CALLS = 2
"""Calls of a ticket before staff say that nobody comes."""


@dataclass
class _Visitor:
    """The citizen who was called to the window."""

    number: str
    arrives: float


@dataclass
class _Rater:
    """The citizen who was just served and thinks about a key."""

    at: float
    until: float
    level: int


class Counter:
    """One window. Staff act on what the window's state says; whoever else calls there does not confuse them."""

    def __init__(self, pace: Pace, manners: Manners, chance: Chance) -> None:
        """A window with its staff member and nobody else."""
        self._pace, self._manners, self._chance = pace, manners, chance
        self._visitor: _Visitor | None = None
        self._rating: _Rater | None = None
        self._stage: tuple[str, str | None, int] | None = None
        self._since = self._pressed = float("-inf")
        self._lasts = 0.0
        self._unheeded = 0
        self.served = self.no_shows = self.rated = 0

    def comes(self, number: str, now: float) -> None:
        """A citizen has heard the call and sets off."""
        if self._visitor is None or self._visitor.number != number:
            self._visitor = _Visitor(number, now + self._chance.about(self._pace.walk))

    def step(self, now: float, state: WindowState | None, caller: CallerSeen | None, rater: RaterSeen | None) -> list[Hand]:
        """What hands do at this window now."""
        if state is None:
            return []
        self._watch(now, state)
        hands = self._rate(now, rater)
        if caller is not None and caller.plugged and now - self._pressed >= AGAIN and (key := self._staff(now, state)):
            self._pressed = now
            if self._unheeded >= UNHEEDED:
                key = BY_ITSELF[(self._unheeded - UNHEEDED) % len(BY_ITSELF)]
            self._unheeded += 1
            hands.append(Hand(caller.device, "press", {"key": key}))
        return hands

    def _watch(self, now: float, state: WindowState) -> None:
        """Notice that the window has come to another stage."""
        stage = (state.stage, state.number, state.times)
        if stage == self._stage:
            return
        was, self._stage = self._stage, stage
        self._since, self._pressed, self._unheeded = now, float("-inf"), 0
        if state.stage == "serving":
            self._lasts = self._chance.about(self._pace.service)
        if state.stage == "idle":
            self._lasts = self._chance.about(self._pace.ready)
            self._ended(was[0] if was is not None else "idle", now)
        if self._visitor is not None and self._visitor.number != state.number:
            self._visitor = None

    def _ended(self, stage: str, now: float) -> None:
        self.no_shows += stage == "called"
        if stage != "serving":
            return
        self.served += 1
        if self._chance.happens(self._manners.rates):
            at = now + self._chance.about(self._pace.think)
            self._rating = _Rater(at, at + self._pace.rating_patience, self._chance.level(self._manners.levels))
        if self._chance.happens(self._manners.pauses):
            self._lasts = -1.0

    def _staff(self, now: float, state: WindowState) -> str | None:
        """The key that the staff member presses now."""
        passed = now - self._since
        if state.state == "paused":
            return "resume" if passed >= self._pace.pause else None
        if state.stage == "idle":
            if self._lasts < 0:
                self._lasts = self._pace.ready
                return "pause"
            return "next" if state.state == "open" and state.waiting and passed >= self._lasts else None
        if state.stage == "called":
            return self._called(now, passed, state)
        return "finish" if passed >= self._lasts else None

    def _called(self, now: float, passed: float, state: WindowState) -> str | None:
        if self._visitor is not None and now >= self._visitor.arrives:
            return "start"
        if passed < self._pace.recall_after:
            return None
        return "recall" if state.times < CALLS else "no-show"

    def _rate(self, now: float, rater: RaterSeen | None) -> list[Hand]:
        if self._rating is None or now < self._rating.at:
            return []
        if rater is None or now > self._rating.until:
            self._rating = None
            return []
        if not rater.invites:
            return []
        level, self._rating = self._rating.level, None
        key = min(rater.keys, key=lambda key: abs(key.level - level))
        self.rated += 1
        return [Hand(rater.device, "press", {"key": key.key})]
