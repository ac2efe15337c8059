"""A report says what the journal says: of random days, on both databases, from rows and from roll-ups alike."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count as counting
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from contract import dispatch
from contract.dispatch import DispatchRequest
from contract.events import RatingGiven, StayEnded, StayStarted
from controller import dispatching, ratings, rooms
from controller.draft import Draft
from controller.figures import Counts, HourCounts
from controller.hall_rules import HallRules
from controller.presence import Presence
from controller.queue import facts
from controller.state import Fact, HallState, sweep
from controller.store.counting import Span, count
from controller.store.rollups import missing, roll_up, summed
from controller.store.store import Store
from controller.store.writes import Batch, write
from controller.summing import Summed
from tests.controller.halls import hall
from tests.examples import examples

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)
"""22:00 in Shanghai: two hours before the day ends."""
_halls = counting(1)


@pytest.fixture(scope="module")
def rules() -> HallRules:
    return HallRules.of(hall())


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A store's own connection, with all tables."""
    store = Store(database, "centre")
    store.open()
    assert store._connection is not None
    yield store._connection
    store.close()


@dataclass
class Days:
    """A hall's days, lived through by orders as people give them; every fact is kept as the journal keeps it."""

    rules: HallRules
    now: datetime = EVENING
    state: HallState = field(default_factory=HallState)
    batch: Batch = field(default_factory=Batch)
    facts: list[tuple[date, Fact]] = field(default_factory=list)
    """Each with the hall's day on which it was taken in."""

    def __post_init__(self) -> None:
        self._ids = counting(1)

    def draft(self) -> Draft:
        return Draft(
            state=self.state, rules=self.rules, now=self.now, new_id=lambda: f"id-{next(self._ids):08}", presence=Presence(),
            counts=Counter(), batch=self.batch,
        )  # fmt: skip

    def settle(self, draft: Draft) -> None:
        self.state = draft.state
        self.facts += [(draft.day(fact), fact) for fact in draft.facts]

    def tick(self) -> None:
        draft = self.draft()
        draft.add(sweep(self.state, self.now, self.rules.queue, self.rules.config.rating))
        self.settle(draft)

    def order(self, do: dispatch.Action) -> None:
        draft = self.draft()
        ends = self.now + timedelta(seconds=9)
        dispatching.ask(draft, DispatchRequest(id=f"ask-{next(self._ids):08}", at=self.now, not_after=ends, do=do), "test")
        self.settle(draft)

    def take(self, found: tuple[Fact, ...]) -> None:
        draft = self.draft()
        draft.add(found)
        self.settle(draft)

    def rate(self, level: int) -> None:
        """The rating that was asked for first and not given."""
        known = self.state.ratings
        waiting = [invited for invited in known.invitations.values() if invited.level is None]
        if waiting:
            said = RatingGiven(rating=waiting[0].rating, window=waiting[0].window, level=level, after=3.0)
            found = ratings.give(known, said, self.now, self.rules.config.rating)
            assert isinstance(found, ratings.RatingStored)
            self.take((found,))

    def room(self) -> None:
        """Somebody goes into the room, or comes out."""
        known = self.state.rooms
        if known.stays:
            stay = next(iter(known.stays.values()))
            ended = StayEnded(
                stay=stay.stay, room=stay.room, cubicle=stay.cubicle, lasted=(self.now - stay.started).total_seconds()
            )
            self.take(rooms.end(known, ended, self.now))
        else:
            self.take(rooms.begin(known, StayStarted(stay=f"stay-{next(self._ids):06}", room="nursery", cubicle="a"), self.now))


windows = st.sampled_from(("w1", "w2", "w3"))
services = st.sampled_from(("social", "civil", "estate"))
steps = st.one_of(
    st.builds(dispatch.IssueTicket, service=services),
    st.builds(dispatch.CallNext, window=windows),
    st.builds(dispatch.CallNext, window=windows),
    st.builds(dispatch.Start, window=windows),
    st.builds(dispatch.Finish, window=windows),
    st.builds(dispatch.Recall, window=windows),
    st.builds(dispatch.NoShow, window=windows),
    st.builds(dispatch.Park, window=windows),
    st.builds(dispatch.CallParked, window=windows),
    st.builds(dispatch.Transfer, window=windows, service=services),
    st.integers(1, 5),
    st.just("room"),
)
evenings = st.lists(st.tuples(steps, st.integers(0, 1200)), max_size=60)


def live(rules: HallRules, evening: list[tuple[Any, int]]) -> Days:
    """Days from an evening on, an order and a pause after the other."""
    days = Days(rules)
    for step, pause in evening:
        days.tick()
        if isinstance(step, int):
            days.rate(step)
        elif step == "room":
            days.room()
        else:
            days.order(step)
        days.now += timedelta(seconds=pause)
    days.tick()
    return days


def by_hand(days: Days) -> tuple[dict[tuple[date, str, str], Counter[str]], dict[tuple[int, str], Counter[str]]]:
    """The same figures read off the facts alone, one after the other: by day, service and window, and by hour."""
    work: dict[tuple[date, str, str], Counter[str]] = {}
    hours: dict[tuple[int, str], Counter[str]] = {}
    issued: dict[str, datetime] = {}
    service_of: dict[str, str] = {}
    visit_of: dict[str, tuple[tuple[date, str, str], datetime]] = {}
    rating_of: dict[str, tuple[date, str, str]] = {}
    level_of: dict[str, int] = {}
    called: set[str] = set()

    def at(key: tuple[date, str, str]) -> Counter[str]:
        return work.setdefault(key, Counter())

    def hour(moment: datetime, service: str) -> Counter[str]:
        return hours.setdefault((moment.astimezone(SHANGHAI).hour, service), Counter())

    for day, fact in days.facts:
        match fact:
            case facts.TicketGranted():
                issued[fact.ticket], service_of[fact.ticket] = fact.at, fact.service
                hour(fact.at, fact.service)["tickets"] += 1
            case facts.TicketCalled(times=1):
                key = (day, fact.service, fact.window)
                visit_of[fact.visit] = (key, fact.at)
                at(key)["visits"] += 1
                at(key)["calls"] += 1
                hour(fact.at, fact.service)["visits"] += 1
                if fact.ticket not in called:
                    called.add(fact.ticket)
                    wait = (fact.at - issued[fact.ticket]).total_seconds()
                    at(key).update({"waited": 1, "waited_us": round(wait * 1e6), "within_10": int(wait <= 600)})
            case facts.TicketCalled():
                at(visit_of[fact.visit][0])["calls"] += 1
            case facts.ServiceStarted():
                key, since = visit_of[fact.visit]
                at(key).update({"came": 1, "way_us": round((fact.at - since).total_seconds() * 1e6)})
            case facts.ServiceFinished():
                at(visit_of[fact.visit][0]).update({"served": 1, "attended": 1, "service_us": round(fact.took * 1e6)})
                hour(fact.at, fact.service)["served"] += 1
            case facts.TicketMissed():
                at(visit_of[fact.visit][0])["no_shows"] += 1
            case facts.TicketParked(took=float() as took):
                at(visit_of[fact.visit][0]).update({"attended": 1, "service_us": round(took * 1e6)})
            case facts.TicketMoved(visit=str() as visit) if not fact.next:
                if fact.took is not None:
                    at(visit_of[visit][0]).update({"attended": 1, "service_us": round(fact.took * 1e6)})
            case ratings.RatingInvited():
                rating_of[fact.rating] = (day, fact.service, fact.window)
                at(rating_of[fact.rating])["invited"] += 1
            case ratings.RatingStored():
                level_of[fact.rating] = fact.level
    for rating, level in level_of.items():
        at(rating_of[rating])[f"level_{level}"] += 1
    return work, hours


def said(counts: Counts | HourCounts, names: Mapping[str, int]) -> dict[str, int]:
    """What a count says under the names that were counted by hand, and whatever else it says that is not nothing."""
    untold = {"tickets", "unserved", "void"} if isinstance(counts, Counts) else {"waited", "waited_us"}
    own = {
        name: getattr(counts, name)
        for name in counts.names()
        if not name.startswith(("longest", "within")) and name not in untold
    }
    own |= {name: getattr(counts, name) for name in names}
    return {name: value for name, value in own.items() if value}


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(evenings)
def test_every_figure_is_what_the_facts_say(connection: Connection, rules: HallRules, evening: list[tuple[Any, int]]) -> None:
    days = live(rules, evening)
    span = Span(f"hall-{next(_halls)}", EVENING.date(), EVENING.date() + timedelta(days=2), SHANGHAI)
    work, hours = by_hand(days)
    with connection.begin():
        write(connection, span.hall, days.batch, 1, 1)
        found = count(connection, span)
        merged: dict[tuple[date, str, str], Counts] = {}
        for row in found.work:
            key = (row.day, row.service, row.window)
            merged[key] = merged.get(key, Counts()) + row.counts
        for key, counts in merged.items():
            names = work.get(key, Counter[str]())
            assert said(counts, names) == {name: value for name, value in names.items() if value}, key
        assert {key for key, names in work.items() if names.total()} <= set(merged)
        by_hour: dict[tuple[int, str], HourCounts] = {}
        for each in found.hours:
            by_hour[each.hour, each.service] = by_hour.get((each.hour, each.service), HourCounts()) + each.counts
        assert {key: said(value, {}) for key, value in by_hour.items()} == {key: dict(value) for key, value in hours.items()}
        from_rows = summed(connection, span)
        assert from_rows == Summed.of(found)
        for missing_day in missing(connection, span.hall, SHANGHAI, span.last + timedelta(days=1)):
            roll_up(connection, missing_day, days.now)
        assert summed(connection, span) == from_rows, "a roll-up says the same as the rows"
