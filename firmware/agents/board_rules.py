"""What stands on a board, decided from calls, picture, presence of the controller and time; no input or output here."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from math import inf
from typing import Literal

import msgspec

from contract.calling import BoardPicture, Call, CallLine, NoticeLine
from contract.values import Id, Text, Token
from firmware.agents.board_drill import Drill, DrillEnd
from firmware.agents.board_pages import Pages
from firmware.agents.board_sheet import Sheet
from firmware.agents.board_turns import Face, Page, Turns
from firmware.agents.board_words import Measure
from firmware.config import Brightness
from firmware.intercom import Standing

TOLERANCE = 3.0
"""Seconds without the controller before a board stops showing numbers."""
LOOK_AGAIN = 5.0
"""Seconds after which what stands is decided anew, whatever the clocks have done in between."""
REMEMBERED = 1000
READING = timedelta(seconds=6)
"""How long the text of what was spoken stands beyond its last word."""

Outcome = Literal["shown", "late", "overtaken", "failed"]
Heard = Literal["stands", "late", "overtaken", "ignored"]


class Instant(msgspec.Struct, frozen=True):
    """One moment by both clocks: the hall's time and seconds that never jump."""

    at: datetime
    tick: float


class Answer(msgspec.Struct, frozen=True):
    """What became of a call on this board."""

    call: Token
    outcome: Outcome


class BoardRules:
    """One board. `hear`, `see` and `presence` tell it what happened; `face` says what stands and until when."""

    def __init__(self, sheet: Sheet, measure: Measure, now: Instant) -> None:
        """Begin with nothing known; `measure` gives a text's width in the unit of the sheet's."""
        self._layout, self._window = sheet.layout, sheet.window
        self._pages = Pages(sheet, measure)
        self._turns = Turns(sheet, measure)
        self._picture: BoardPicture | None = None
        self._own: Standing | None = None
        self._caption: NoticeLine | None = None
        self._heard: dict[Id, Call] = {}
        self._pending: dict[Token, Call] = {}
        self._fresh_until: dict[Token, datetime] = {}
        self._seen: OrderedDict[Token, None] = OrderedDict()
        self._absent_since: float | None = now.tick
        self._drill: Drill | None = None
        self._ended: list[DrillEnd] = []
        self._hurry = False
        self._decide(now)

    @property
    def knows_nothing(self) -> bool:
        """Whether neither a picture nor a call has come yet."""
        return self._picture is None and not self._heard

    @property
    def window(self) -> Id | None:
        """The one window over which it hangs; None for a board of calls from many."""
        return self._window if self._layout.calls == "window" else None

    @property
    def version(self) -> int | None:
        """The version of the picture that stands; None while something else does, or nothing is known."""
        hidden = self._drill is not None or self._own is not None or self._is_lost(self._decided)
        return None if hidden or self._picture is None else self._picture.version

    def hear(self, call: Call, now: Instant) -> Heard:
        """A call came. It `stands` on the board from now on; or it is late or overtaken and is answered so; or it is
        `ignored` as known already or another board's.
        """
        if not self._concerns(call) or not self._is_new(call.id):
            return "ignored"
        if now.at > call.not_after:
            return "late"
        if self._newer_stands(call):
            return "overtaken"
        if self._absent_since is not None:
            self._absent_since = now.tick
        self._heard[call.window] = self._pending[call.id] = call
        self._fresh_until[call.id] = call.not_after
        self._end_drill(completed=False)
        self._stand(call, now)
        return "stands"

    def see(self, picture: BoardPicture, now: Instant) -> None:
        """The board's picture came; one that is older than the known one is ignored."""
        known = self._picture
        if known and picture.version < known.version and picture.at <= known.at:
            return
        self._picture = picture
        self._heard = {window: call for window, call in self._heard.items() if call.at > picture.at}
        self._decide(now)
        if self._urgent:
            self._end_drill(completed=False)

    @property
    def captions(self) -> bool:
        """Whether it is a board for what loudspeakers say."""
        return self._layout.captions

    def caption(self, text: Text, lasts: timedelta, now: Instant) -> None:
        """A loudspeaker begins to say this; a newer text takes its place."""
        self._caption = NoticeLine(notice="spoken", text=text, until=now.at + lasts + READING)
        self._decide(now)

    def presence(self, present: bool, now: Instant) -> None:
        """The controller answers, or does not."""
        if present:
            self._absent_since = None
        elif self._absent_since is None:
            self._absent_since = now.tick
        self._decide(now)

    def stand_alone(self, standing: Standing, now: Instant) -> bool:
        """The window goes by itself: its own call stands here, or none, whatever an older picture says, until that is over.

        Returns whether a new call stands.
        """
        self._own = standing if standing.own else None
        call = standing.call
        if self._own is None or call is None or not standing.new or not self._is_new(call.id) or now.at > call.not_after:
            self._decide(now)
            return False
        self._pending[call.id] = call
        self._fresh_until[call.id] = call.not_after
        self._end_drill(completed=False)
        self._stand(call, now)
        return True

    def drill(self, drill: Drill) -> None:
        """Show a drill; a call, an urgent notice or another drill ends it early."""
        self._end_drill(completed=False)
        self._drill = drill

    def ended_drills(self) -> list[DrillEnd]:
        """The drills with a command that have ended since this was last asked."""
        ended, self._ended = self._ended, []
        return ended

    def face(self, now: Instant) -> tuple[Face, float]:
        """What stands now, and for how many seconds from now (`inf`: until something happens).

        Right after a new call that is 0: its face comes first, and what follows is worked out with the next one.
        """
        if self._drill:
            if shown := self._drill.face(now.tick):
                return shown
            self._end_drill(completed=True)
        if self._hurry:
            self._hurry = False
            return self._turns.face(now.tick)[0], 0.0
        if self._must_decide(now):
            self._decide(now)
        self._age(now)
        face, due = self._turns.face(now.tick)
        return face, max(0.0, min(due - now.tick, self._rest(now)))

    def settle(self, face: Face | None, now: Instant) -> list[Answer]:
        """Answers that are due after `face` was latched, or after nothing could be (None); each call is answered once."""
        answers = [Answer(call, "shown") for call in face.calls if call in self._pending] if face else []
        for answer in answers:
            del self._pending[answer.call]
        for call in list(self._pending.values()):
            if outcome := self._outcome(call, now, broken=face is None):
                answers.append(Answer(call.id, outcome))
                del self._pending[call.id]
        return answers

    def unanswered_for(self, now: Instant) -> float:
        """Seconds until a call that could not be shown yet is too late (`inf`: there is none)."""
        return min(((call.not_after - now.at).total_seconds() for call in self._pending.values()), default=inf)

    def _outcome(self, call: Call, now: Instant, *, broken: bool) -> Outcome | None:
        newest = self._heard.get(call.window)
        if newest and newest.at > call.at:
            return "overtaken"
        if now.at > call.not_after:
            return "failed" if broken else "late"
        return None

    def _concerns(self, call: Call) -> bool:
        if self._layout.calls != "recent":
            return self._layout.calls == "window" and call.window == self._window
        if self._picture is None:
            return True
        if self._picture.window is not None:
            return call.window == self._picture.window
        return not self._picture.zones or call.zone in self._picture.zones

    def _is_new(self, call: Token) -> bool:
        if call in self._seen:
            return False
        self._seen[call] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def _stand(self, call: Call, now: Instant) -> None:
        """Put a new call on the board at once; whose turn comes after it is decided when its pixels are latched."""
        self._decide_tick = -inf
        if self._urgent:
            self._turns.freshen(call.id)
        else:
            first = [call] if self._pages.rows == 1 else self._calls()
            self._turns.interrupt(self._pages.newest(first, self._ticker), call.id, now.tick)
            self._hurry = True

    def _newer_stands(self, call: Call) -> bool:
        pictured = self._picture.calls if self._picture else ()
        known: list[Call | CallLine] = [*self._heard.values(), *pictured]
        return any(other.at > call.at and (other.window == call.window or other.number == call.number) for other in known)

    def _calls(self) -> list[Call | CallLine]:
        """Known calls, newest first; of each window and of each ticket only the newest."""
        pictured = self._picture.calls if self._picture else ()
        known: dict[Token, Call | CallLine] = {call.id: call for call in self._heard.values()}
        for line in pictured:
            if self._is_ours(line):
                known.setdefault(line.call, line)
        newest = sorted(known.values(), key=lambda call: call.at, reverse=True)
        return list(_firsts(_firsts(newest, lambda call: call.window), lambda call: call.number))

    def _is_ours(self, line: CallLine) -> bool:
        return self._layout.calls == "recent" or (self._layout.calls == "window" and line.window == self._window)

    def _notices(self, now: Instant) -> list[NoticeLine]:
        standing = self._picture.notices if self._picture else ()
        if self._caption and self._caption.until and self._caption.until > now.at:
            standing = (self._caption, *(notice for notice in standing if notice.urgent))
        return [notice for notice in standing if notice.until is None or notice.until > now.at]

    def _must_decide(self, now: Instant) -> bool:
        past = self._decide_at is not None and now.at >= self._decide_at
        return past or now.tick >= self._decide_tick or now.tick - self._decided.tick >= LOOK_AGAIN

    def _decide(self, now: Instant) -> None:
        notices = self._notices(now)
        self._decided = now
        self._urgent = any(notice.urgent for notice in notices)
        self._ticker = [notice.text for notice in notices] or ([self._picture.idle] if self._picture else [])
        self._decide_at: datetime | None = min((notice.until for notice in notices if notice.until), default=None)
        self._decide_tick = self._lost_from() if not self._is_lost(now) else inf
        self._turns.take(self._standing(notices, now), now.tick)

    def _lost_from(self) -> float:
        return inf if self._absent_since is None else self._absent_since + TOLERANCE

    def _is_lost(self, now: Instant) -> bool:
        return now.tick >= self._lost_from()

    def _standing(self, notices: list[NoticeLine], now: Instant) -> list[Page]:
        """Whatever takes turns now: urgent notices alone, or the desk alone, or calls and notices, or the idle text."""
        if self._urgent:
            return self._pages.of_texts(notice.text for notice in notices if notice.urgent)
        texts = [notice.text for notice in notices]
        if self._own is not None:
            return self._pages.of_calls([self._own.call]) if self._own.call else self._pages.of_desk()
        if self._is_lost(now) and self._layout.calls != "none":
            return self._pages.of_desk()
        standing = self._called(texts)
        return standing or (self._pages.of_texts([self._picture.idle]) if self._picture else [])

    def _called(self, notices: list[Text]) -> list[Page]:
        """Calls, and notices where the layout has its place for them."""
        calls = self._calls()
        if self._layout.calls == "window":
            # A number on a strip stays where people look for it; notices wait until there is none.
            calls = calls[:1]
        pages = self._pages.of_calls(calls, self._ticker, self._pending)
        beside = bool(pages) and (self._pages.ticks or self._layout.notices == "when idle")
        return pages if beside else pages + self._pages.of_texts(notices)

    def _rest(self, now: Instant) -> float:
        """Seconds until what stands must be decided anew."""
        until = (self._decide_at - now.at).total_seconds() if self._decide_at else inf
        return min(until, self._decide_tick - now.tick)

    def _age(self, now: Instant) -> None:
        """Calls past their time are new no more."""
        old = [call for call, until in self._fresh_until.items() if now.at > until]
        self._turns.forget(old)
        for call in old:
            del self._fresh_until[call]

    def _end_drill(self, *, completed: bool) -> None:
        if self._drill and self._drill.command:
            self._ended.append(DrillEnd(self._drill.command, completed))
        self._drill = None


def brightness(schedule: tuple[Brightness, ...], at: datetime, zone: tzinfo) -> tuple[int, float]:
    """The level, 0 to 15, of the schedule in the hall's local time, and the seconds until it changes (`inf`: never)."""
    local = at.astimezone(zone)
    ordered = sorted(schedule, key=lambda entry: entry.since)
    clock = f"{local:%H:%M}"
    begun = [entry for entry in ordered if entry.since <= clock]
    level = (begun or ordered)[-1].level
    if len(ordered) < 2:
        return level, inf
    next_since = next((entry.since for entry in ordered if entry.since > clock), ordered[0].since)
    hour, minute = map(int, next_since.split(":"))
    change = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if change <= local:
        change += timedelta(days=1)
    return level, (change - local).total_seconds()


def _firsts(calls: Iterable[Call | CallLine], key: Callable[[Call | CallLine], str]) -> Iterable[Call | CallLine]:
    """Of those with equal keys only the first, in their order."""
    firsts: dict[str, Call | CallLine] = {}
    for call in calls:
        firsts.setdefault(key(call), call)
    return firsts.values()
