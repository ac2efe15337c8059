"""The rules of upkeep: when a task is due, how long paper lasts, when a room's check is late, and what is on a round."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contract.settings import BadSettings, parse
from controller.calendar import HallCalendar
from controller.config import HallConfig
from controller.config_hours import Calendar, Hours, Names
from controller.config_parts import Room
from controller.config_upkeep import Supply, Upkeep, UpkeepTask
from controller.upkeep import checks, inventory, plans, supplies
from controller.upkeep.defaults import PAPER, SUPPLIES, TASKS
from controller.upkeep.facts import PaperFed, SupplyFilled, UpkeepBegan, UpkeepDone
from controller.upkeep.inventory import Appliance
from controller.upkeep.state import UpkeepState, apply, key, next_day, printed
from tests.controller.halls import NOON, hall, text

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
TODAY = NOON.date()
"""A Monday."""
WORK = HallCalendar(Hours(), Calendar(), SHANGHAI)
KIOSK = Appliance("kiosk-1", "kiosk", "entrance", "", "door", None)
NAME = Names(zh="测试", en="Test")


def task(**often: object) -> UpkeepTask:
    return UpkeepTask(id="task", name=NAME, kinds=("kiosk",), **often)  # type: ignore[arg-type]


def due_on(state: UpkeepState, one: UpkeepTask, now: datetime = NOON) -> plans.Due:
    (due,) = plans.due(state, Upkeep(defaults=False, task=(one,)), (KIOSK,), now, SHANGHAI)
    return due


def done(days_ago: float, tickets: int = 0) -> UpkeepDone:
    return UpkeepDone(at=NOON - timedelta(days=days_ago), record="r", device="kiosk-1", task="task", by="web:li", tickets=tickets)


BEGAN = apply(UpkeepState(), UpkeepBegan(at=NOON))


def test_what_was_never_done_is_due_so_many_days_after_this_hall_began() -> None:
    assert due_on(BEGAN, task(days=30)).on == TODAY + 30 * DAY
    assert due_on(BEGAN, task(days=30)).last is None


def test_a_task_is_due_again_so_many_days_after_it_was_done_and_late_the_day_after() -> None:
    state = apply(BEGAN, done(30))
    found = due_on(state, task(days=30))
    assert (found.on, found.at_hand(TODAY), found.late(TODAY)) == (TODAY, True, False)
    assert found.late(TODAY + DAY)


def test_tickets_make_a_task_due_before_its_days_do() -> None:
    state = apply(BEGAN, done(1, tickets=0))
    for _ in range(99):
        state = printed(state, "kiosk-1", TODAY)
    assert due_on(state, task(days=30, tickets=100)).on == TODAY + 29 * DAY
    found = due_on(printed(state, "kiosk-1", TODAY), task(days=30, tickets=100))
    assert (found.on, found.why) == (TODAY, "tickets")


def test_a_task_of_a_weekday_that_was_missed_is_late_and_one_record_makes_it_good() -> None:
    began = apply(UpkeepState(), UpkeepBegan(at=NOON - 10 * DAY))
    assert due_on(began, task(weekdays=("mon", "fri"))).on == TODAY - 10 * DAY, "the day on which it began counts"
    late = due_on(began, task(weekdays=("thu",)))
    assert (late.on, late.late(TODAY)) == (TODAY - 4 * DAY, True)
    assert due_on(apply(began, done(0)), task(weekdays=("thu",))).on == TODAY + 3 * DAY


@given(st.integers(1, 400), st.integers(0, 800), st.sets(st.sampled_from(("mon", "wed", "sun")), max_size=3))
def test_a_task_is_never_due_before_it_was_done_and_never_later_than_its_days(days: int, ago: int, weekdays: set[str]) -> None:
    found = due_on(apply(BEGAN, done(ago)), task(days=days, weekdays=tuple(sorted(weekdays))))
    assert found.last is not None
    last = found.last.astimezone(SHANGHAI).date()
    assert last < found.on <= last + days * DAY
    if weekdays:
        assert found.on <= last + 7 * DAY


def test_a_task_of_the_hall_takes_the_place_of_the_one_that_comes_with_us() -> None:
    own = UpkeepTask(id="clean-head", name=NAME, kinds=("kiosk",), days=5)
    found = plans.tasks_of(Upkeep(task=(own,)), KIOSK)
    assert [t.days for t in found if t.id == "clean-head"] == [5]
    assert {t.id for t in found} == {"clean-head", "kiosk-week"}
    assert plans.tasks_of(Upkeep(defaults=False), KIOSK) == ()


def test_what_comes_with_us_says_everything_in_both_languages() -> None:
    for known in TASKS:
        assert known.steps, known.id
        assert len({step.id for step in known.steps}) == len(known.steps)
        for name in (known.name, *(step.name for step in known.steps)):
            assert name.zh != name.en
    assert len({known.id for known in TASKS}) == len(TASKS)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('[[upkeep.task]]\nid = "x"\nname = { zh = "x", en = "x" }\ndays = 3', "is for nobody"),
        ('[[upkeep.task]]\nid = "x"\nname = { zh = "x", en = "x" }\nkinds = ["kiosk"]', "is never due"),
        (
            '[[upkeep.supply]]\nid = "x"\nname = { zh = "x", en = "x" }\nkinds = ["kiosk"]\nper = "task"\nlasts = 1\nwarn = 0',
            "`task` belongs to",
        ),
    ],
)
def test_a_plan_that_means_nothing_is_refused_with_words(table: str, says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        parse(f"{text('sqlite://')}\n{table}\n", HallConfig, name="hall.toml")


def test_devices_stand_in_the_order_of_a_walk_with_their_nodes() -> None:
    found = inventory.of(hall())
    assert [one.id for one in found] == [
        "entrance", "kiosk-1", "kiosk-2", "scanner-1", "room-node", "room-1", "desk", "caller-1", "rater-1", "strip-1",
    ]  # fmt: skip
    assert {one.id: (one.kind, one.zone, one.room) for one in found if one.id in ("room-1", "rater-1", "desk")} == {
        "room-1": ("room", None, "nursery"), "rater-1": ("rater", "east", None), "desk": ("node", "east", None),
    }  # fmt: skip


# Consumables


def fed(state: UpkeepState, day: date, mm: int, tickets: int) -> UpkeepState:
    state = apply(state, PaperFed(at=NOON, device="kiosk-1", day=day, mm=mm, reads=0))
    for _ in range(tickets):
        state = printed(state, "kiosk-1", day)
    return state


def filled(state: UpkeepState, amount: float = 80.0) -> UpkeepState:
    meter = state.meter("kiosk-1")
    return apply(
        state,
        SupplyFilled(at=NOON, device="kiosk-1", supply=PAPER, amount=amount, by="web:li", mm=meter.mm, tickets=meter.tickets),
    )


def paper(state: UpkeepState, said_mm: int | None = None, now: datetime = NOON) -> supplies.Left:
    return supplies.left(state, Upkeep(), KIOSK, SUPPLIES[0], now, SHANGHAI, WORK, said_mm)


def test_nobody_knows_how_much_paper_is_left_until_a_roll_was_noted_or_the_kiosk_says_so() -> None:
    assert (paper(BEGAN).left, paper(BEGAN).tickets, paper(BEGAN).low) == (None, None, False)
    assert (paper(BEGAN, said_mm=22_000).left, paper(BEGAN, said_mm=22_000).tickets) == (22.0, 200)


def test_paper_that_came_out_before_the_roll_was_put_in_is_not_missing_from_it() -> None:
    state = fed(filled(fed(BEGAN, TODAY, 50_000, 0)), TODAY, 30_000, 0)
    assert paper(state).left == 50.0


def test_a_halls_own_tickets_say_how_many_are_left_and_when_it_is_low() -> None:
    state = fed(filled(BEGAN, 20.0), TODAY, 10_000, 100)
    found = paper(state)
    assert (found.left, found.tickets, found.low) == (10.0, 100, True)
    assert not paper(fed(filled(BEGAN, 80.0), TODAY, 10_000, 100)).low


def test_paper_lasts_until_the_working_day_on_which_the_hall_will_have_used_it_up() -> None:
    state = BEGAN
    for n in range(1, 6):
        state = fed(state, TODAY - n * DAY, 10_000, 100)
    # Ten metres a day, today (Monday) still to come: 35 m are gone on Thursday, 45 m on Friday, 55 m on the next Monday.
    for metres, days in ((5.0, 0), (35.0, 3), (45.0, 4), (55.0, 7)):
        assert paper(filled(state, metres)).until == TODAY + days * DAY, metres
    half_used = fed(filled(state, 40.0), TODAY, 5_000, 50)
    assert paper(half_used).until == TODAY + 3 * DAY, "what was used today is not used again"
    assert paper(filled(BEGAN)).until is None, "no day is over yet"


@given(st.lists(st.tuples(st.integers(0, 20_000), st.booleans()), max_size=30))
def test_paper_left_and_paper_that_came_out_make_a_roll(prints: list[tuple[int, bool]]) -> None:
    state, since = filled(BEGAN), 0
    for mm, new in prints:
        if new:
            state, since = filled(state), 0
        state, since = fed(state, TODAY, mm, 1), since + mm
    assert paper(state).left == pytest.approx(max(0.0, 80.0 - since / 1000))


def test_cleaning_cards_and_the_cutter_are_counted() -> None:
    cards, cutter = SUPPLIES[1], SUPPLIES[2]
    state = BEGAN
    for _ in range(8):
        state = apply(state, replace(done(1), task="clean-head"))
        state = printed(state, "kiosk-1", TODAY)

    def left(supply: Supply) -> supplies.Left:
        return supplies.left(state, Upkeep(), KIOSK, supply, NOON, SHANGHAI, WORK)

    assert (left(cards).left, left(cards).low) == (2.0, True)
    assert (left(cutter).left, left(cutter).low) == (999_992.0, False)
    state = apply(state, SupplyFilled(at=NOON, device="kiosk-1", supply="cards", amount=20.0, by="web:li", times=8))
    assert (left(cards).left, left(cards).low) == (20.0, False)


def test_a_new_day_lets_old_days_of_paper_go_and_rounds_begin_anew() -> None:
    state = next_day(fed(fed(BEGAN, TODAY - 40 * DAY, 1000, 1), TODAY, 500, 1), TODAY)
    assert [use.day for use in state.meter("kiosk-1").days] == [TODAY]
    assert (state.meter("kiosk-1").mm, state.meter("kiosk-1").tickets) == (1500, 2)
    assert key("kiosk-1", "paper") == "kiosk-1/paper"


# Rooms

ROOM = Room(id="nursery", name=NAME, checks=("08:30", "12:00", "16:00"), grace=20.0)


def at(clock: str, day: date = TODAY) -> datetime:
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=SHANGHAI)


def test_a_check_is_wanted_from_half_an_hour_before_its_time_and_late_after_its_grace() -> None:
    assert checks.due(ROOM, WORK, None, at("07:59")) is None
    assert checks.due(ROOM, WORK, None, at("08:00")) == at("08:30")
    assert not checks.is_late(ROOM, at("08:30"), at("08:50"))
    assert checks.is_late(ROOM, at("08:30"), at("08:51"))
    assert checks.due(ROOM, WORK, at("08:05"), at("09:00")) is None
    assert checks.due(ROOM, WORK, at("07:55"), at("09:00")) == at("08:30"), "a check that was too early is none"
    assert checks.following(ROOM, WORK, at("17:00")) == at("08:30", TODAY + DAY)


def test_nobody_is_reminded_on_a_day_on_which_the_hall_does_not_work() -> None:
    sunday = TODAY - DAY
    assert checks.due(ROOM, WORK, None, at("12:00", sunday)) is None
    assert checks.times(ROOM, sunday, WORK) == ()
    assert checks.sheet(ROOM, sunday, WORK, [at("12:00", sunday)], NOON) == ()


def test_the_sheet_of_a_day_says_what_became_of_each_time() -> None:
    made = [at("08:20"), at("12:45"), at("08:40")]
    found = checks.sheet(ROOM, TODAY, WORK, made, at("15:00"))
    assert [(slot.standing, slot.checked) for slot in found] == [
        ("done", at("08:20")), ("late", at("12:45")), ("ahead", None),
    ]  # fmt: skip
    assert [slot.standing for slot in checks.sheet(ROOM, TODAY, WORK, [], at("16:10"))] == ["missed", "missed", "due"]


@given(st.lists(st.integers(0, 24 * 60 - 1), max_size=12), st.integers(0, 24 * 60 - 1))
def test_the_sheet_and_the_reminder_agree(minutes: list[int], now: int) -> None:
    moment = at("00:00") + timedelta(minutes=now)
    made = sorted(at("00:00") + timedelta(minutes=minute) for minute in minutes if minute <= now)
    found = checks.sheet(ROOM, TODAY, WORK, made, moment)
    due = checks.due(ROOM, WORK, made[-1] if made else None, moment)
    at_hand = checks.at_hand(ROOM, WORK, moment)
    slot = next((slot for slot in found if slot.at == at_hand), None)
    if slot is None:
        assert due is None
    else:
        assert (due is not None) == (slot.standing in ("due", "missed"))
        if due is not None:
            assert (slot.standing == "missed") == checks.is_late(ROOM, due, moment)
    assert len({slot.checked for slot in found if slot.checked}) == sum(slot.checked is not None for slot in found)
