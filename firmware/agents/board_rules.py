"""What stands on a board, decided from calls, picture, presence of the controller and time; no input or output here."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import inf
from typing import Literal

from contract.calling import BoardPicture, Call, CallLine, NoticeLine
from contract.values import Id, Text, Token
from devices.lettering import SIZE
from firmware.agents.board_drill import Drill, DrillEnd
from firmware.agents.board_turns import Face, Page, Turns
from firmware.agents.board_words import Measure, desk, fitting, listed, strip
from firmware.config import BoardConfig, Brightness

TOLERANCE = 3.0
"""Seconds without the controller before a board stops showing numbers."""
LOOK_AGAIN = 5.0
"""Seconds after which what stands is decided anew, whatever the clocks have done in between."""
REMEMBERED = 1000

Outcome = Literal["shown", "late", "overtaken", "failed"]
Heard = Literal["stands", "late", "overtaken", "ignored"]


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment by both clocks: the hall's time and seconds that never jump."""

    at: datetime
    tick: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call on this board."""

    call: Token
    outcome: Outcome


class BoardRules:
    """One board. `hear`, `see` and `presence` tell it what happened; `face` says what stands and until when."""

    def __init__(self, config: BoardConfig, zone: tzinfo, measure: Measure, now: Instant) -> None:
        """Begin with nothing known; `zone` is for the brightness schedule, `measure` gives a text's width at 16 px."""
        self._config, self._zone, self._measure = config, zone, measure
        self._turns = Turns(config.width, config.height, config.page, config.blink, config.scroll, measure)
        self._picture: BoardPicture | None = None
        self._heard: dict[Id, Call] = {}
        self._pending: dict[Token, Call] = {}
        self._fresh_until: dict[Token, datetime] = {}
        self._seen: OrderedDict[Token, None] = OrderedDict()
        self._absent_since: float | None = now.tick
        self._drill: Drill | None = None
        self._ended: list[DrillEnd] = []
        self._decide(now)

    @property
    def knows_nothing(self) -> bool:
        """Whether neither a picture nor a call has come yet."""
        return self._picture is None and not self._heard

    def hear(self, call: Call, now: Instant) -> Heard:
        """A call came. It `stands` on the board from now on; or it is late or overtaken and is answered so; or it is
        `ignored` as known already or another board's.
        """
        if not self._concerns(call) or not self._is_new(call.id):
            return "ignored"
        if now.at > call.not_after:
            return "late"
        if any(other.at > call.at for other in self._calls() if other.window == call.window):
            return "overtaken"
        if self._absent_since is not None:
            self._absent_since = now.tick
        self._heard[call.window] = self._pending[call.id] = call
        self._fresh_until[call.id] = call.not_after
        self._end_drill(completed=False)
        self._decide(now)
        self._turns.jump(call.id, now.tick)
        return "stands"

    def see(self, picture: BoardPicture, now: Instant) -> None:
        """The board's picture came; one that is older than the known one is ignored."""
        known = self._picture
        if known and picture.version < known.version and picture.at <= known.at:
            return
        self._picture = picture
        self._heard = {window: call for window, call in self._heard.items() if call.at > picture.at}
        if any(notice.urgent for notice in self._notices(now)):
            self._end_drill(completed=False)
        self._decide(now)

    def presence(self, present: bool, now: Instant) -> None:
        """The controller answers, or does not."""
        if present:
            self._absent_since = None
        elif self._absent_since is None:
            self._absent_since = now.tick
        self._decide(now)

    def drill(self, drill: Drill) -> None:
        """Show a drill; a call, an urgent notice or another drill ends it early."""
        self._end_drill(completed=False)
        self._drill = drill

    def ended_drills(self) -> list[DrillEnd]:
        """The drills that have ended since this was last asked."""
        ended, self._ended = self._ended, []
        return ended

    def face(self, now: Instant) -> tuple[Face, float]:
        """What stands now, and for how many seconds from now (`inf`: until something happens)."""
        if self._drill:
            if shown := self._drill.face(now.tick):
                return shown
            self._end_drill(completed=True)
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
        if self._config.layout == "window":
            return call.window == self._config.window
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

    def _calls(self) -> list[Call | CallLine]:
        """Known calls, newest first; of each window and of each ticket only the newest."""
        pictured = self._picture.calls if self._picture else ()
        known: dict[Token, Call | CallLine] = {line.call: line for line in pictured if self._is_ours(line)}
        known.update((call.id, call) for call in self._heard.values())
        newest = sorted(known.values(), key=lambda call: call.at, reverse=True)
        return list(_firsts(_firsts(newest, lambda call: call.window), lambda call: call.number))

    def _is_ours(self, line: CallLine) -> bool:
        return self._config.layout != "window" or line.window == self._config.window

    def _notices(self, now: Instant) -> list[NoticeLine]:
        standing = self._picture.notices if self._picture else ()
        return [notice for notice in standing if notice.until is None or notice.until > now.at]

    def _must_decide(self, now: Instant) -> bool:
        past = self._decide_at is not None and now.at >= self._decide_at
        return past or now.tick >= self._decide_tick or now.tick - self._decided.tick >= LOOK_AGAIN

    def _decide(self, now: Instant) -> None:
        notices = self._notices(now)
        self._decided = now
        self._decide_at: datetime | None = min((notice.until for notice in notices if notice.until), default=None)
        self._decide_tick = self._lost_from() if not self._is_lost(now) else inf
        self._turns.take(self._pages(notices, now), now.tick)

    def _lost_from(self) -> float:
        return inf if self._absent_since is None else self._absent_since + TOLERANCE

    def _is_lost(self, now: Instant) -> bool:
        return now.tick >= self._lost_from()

    def _pages(self, notices: list[NoticeLine], now: Instant) -> list[Page]:
        """Whatever takes turns now: urgent notices alone, or the desk alone, or calls and notices, or the idle text."""
        if urgent := [notice.text for notice in notices if notice.urgent]:
            return self._spoken(urgent)
        if self._is_lost(now):
            return [Page((self._fit(desk(language)),)) for language in self._config.languages]
        if self._config.layout == "window":
            pages = self._strip() or self._spoken(notice.text for notice in notices)
        else:
            pages = self._list() + self._spoken(notice.text for notice in notices)
        return pages or (self._spoken([self._picture.idle]) if self._picture else [])

    def _spoken(self, texts: Iterable[Text]) -> list[Page]:
        return [Page((text.within(language),)) for text in texts for language in self._config.languages]

    def _strip(self) -> list[Page]:
        calls = self._calls()[:1]
        return [Page((self._fit(strip(call, lang)),), (_token(call),)) for call in calls for lang in self._config.languages]

    def _list(self) -> list[Page]:
        calls, rows = self._calls(), max(1, self._config.height // SIZE)
        groups = [calls[start : start + rows] for start in range(0, len(calls), rows)]
        return [
            Page(tuple(self._in_list(call, language) for call in group), tuple(map(_token, group)))
            for group in groups
            for language in self._config.languages
        ]

    def _in_list(self, call: Call | CallLine, language: str) -> str:
        return fitting(listed(call, language), self._config.width, self._measure)

    def _fit(self, forms: list[str]) -> str:
        """The fullest form that fits at the largest size the board's height allows."""
        return fitting(forms, self._config.width // max(1, self._config.height // SIZE), self._measure)

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
        if self._drill:
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


def _token(call: Call | CallLine) -> Token:
    return call.id if isinstance(call, Call) else call.call


def _firsts(calls: Iterable[Call | CallLine], key: Callable[[Call | CallLine], str]) -> Iterator[Call | CallLine]:
    seen: set[str] = set()
    for call in calls:
        if key(call) not in seen:
            seen.add(key(call))
            yield call
