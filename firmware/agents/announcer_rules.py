"""What is spoken next: urgent notices first, then calls as they came, then their repetitions; nothing twice, nothing too late.

A call is answered once: `spoken` when it has been spoken for the first time, `late` when its time passed before that, `overtaken`
when a newer call of its window came before that, `failed` when the loudspeaker did not play it.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from contract.calling import BoardPicture, Call, NoticeLine
from contract.values import Id, Text, Token
from firmware.agents import announcer_words as words

REMEMBERED = 1000
AGAIN = timedelta(seconds=5)
"""An urgent notice that was not played is tried again so soon."""
MOST = 64
"""So many announcements may wait; of more the oldest is given up."""

Outcome = Literal["spoken", "late", "overtaken", "failed"]


class Answer(msgspec.Struct, frozen=True):
    """What became of a call here."""

    call: Token
    outcome: Outcome


class Announcement(msgspec.Struct, frozen=True):
    """One thing to say, for the `round`-th time: a call, or a notice."""

    text: Text
    call: Call | None = None
    notice: Token | None = None
    round: int = 1


class _Standing(msgspec.Struct):
    """A notice that stands, and when it is to be spoken next."""

    line: NoticeLine
    due: datetime


class AnnouncerRules:
    """One loudspeaker's line of announcements. Times are the hall's."""

    def __init__(self, *, zones: tuple[Id, ...] = (), repeat: int = 1, notices_every: float = 60.0) -> None:
        self._zones, self._repeat = frozenset(zones), repeat
        self._every = timedelta(seconds=notices_every)
        self._waiting: list[Announcement] = []
        self._newest: dict[Id, Call] = {}
        self._seen: OrderedDict[Token, None] = OrderedDict()
        self._notices: dict[Token, _Standing] = {}

    def hear(self, call: Call, now: datetime) -> list[Answer]:
        """A call came. It waits for its turn, or is answered at once; an older one of its window gives way to it."""
        if (self._zones and call.zone not in self._zones) or call.id in self._seen:
            return []
        self._remember(call.id)
        if now > call.not_after:
            return [Answer(call.id, "late")]
        newest = self._newest.get(call.window)
        if newest is not None and newest.at > call.at:
            return [Answer(call.id, "overtaken")]
        self._newest[call.window] = call
        given_up = self._give_up(lambda other: other.call is not None and other.call.window == call.window)
        if len(self._waiting) >= MOST:
            oldest = self._waiting[0]
            given_up += self._give_up(lambda other: other is oldest)
        self._waiting.append(Announcement(words.shown(call), call=call))
        return given_up

    def see(self, picture: BoardPicture, now: datetime) -> None:
        """The notices that stand: an urgent one is spoken at once and again from time to time, one that is gone no more."""
        urgent = {line.notice: line for line in picture.notices if line.urgent}
        self._notices = {
            name: _Standing(line, self._notices[name].due if name in self._notices else now)
            for name, line in list(urgent.items())[:MOST]
        }

    def next(self, now: datetime) -> tuple[Announcement | None, list[Answer]]:
        """What to say now, and what became of calls whose time has passed meanwhile."""
        late = self._give_up(lambda other: other.call is not None and now > other.call.not_after, "late")
        if notice := self._due_notice(now):
            return notice, late
        first = min(self._waiting, key=lambda waiting: waiting.round, default=None)
        if first is not None:
            self._waiting.remove(first)
        return first, late

    def spoken(self, said: Announcement, now: datetime, *, well: bool) -> list[Answer]:
        """An announcement is over. A call spoken well waits for its repetition, behind calls not spoken yet."""
        if said.call is None:
            if not well and said.notice in self._notices:
                self._notices[said.notice].due = now + AGAIN
            return []
        overtaken = self._newest.get(said.call.window) is not said.call
        if well and said.round < self._repeat and not overtaken:
            self._waiting.append(replace(said, round=said.round + 1))
        return [Answer(said.call.id, "spoken" if well else "failed")] if said.round == 1 else []

    def due(self) -> datetime | None:
        """When to ask again if nothing comes before: a notice is to be repeated."""
        return min((standing.due for standing in self._notices.values()), default=None)

    @property
    def waiting(self) -> int:
        """How many announcements wait."""
        return len(self._waiting)

    def _due_notice(self, now: datetime) -> Announcement | None:
        for name, standing in self._notices.items():
            over = standing.line.until is not None and now >= standing.line.until
            if standing.due <= now and not over:
                standing.due = now + self._every
                return Announcement(standing.line.text, notice=name)
            if standing.due <= now:
                standing.due = now + self._every
        return None

    def _give_up(self, which: Callable[[Announcement], bool], outcome: Outcome = "overtaken") -> list[Answer]:
        """Let go of what waits; only a call that has never been spoken is answered."""
        gone = [waiting for waiting in self._waiting if which(waiting)]
        self._waiting = [waiting for waiting in self._waiting if not which(waiting)]
        return [Answer(each.call.id, outcome) for each in gone if each.call is not None and each.round == 1]

    def _remember(self, call: Token) -> None:
        self._seen[call] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        while len(self._newest) > REMEMBERED:
            del self._newest[next(iter(self._newest))]
