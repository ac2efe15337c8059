"""Devices' troubles: counted when they begin, timed while they last, over midnight and up to now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.health import DeviceState, NodeStatus
from contract.topics import DEVICE_STATE, NODE_STATUS
from contract.values import Text
from controller.figures import DeviceCounts, Troubles
from controller.store import tables, watching
from controller.store.counting import Span
from controller.store.store import Store
from controller.troubles import Turn, troubles
from link.hearing import Heard
from tests.controller.halls import NOON
from tests.controller.halls import hall as small_hall
from tests.controller.test_days import Night
from tests.examples import examples

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HOUR_US = HOUR // timedelta(microseconds=1)
TODAY = NOON.date()
DAYS = [(TODAY, NOON - 12 * HOUR, NOON + 12 * HOUR), (TODAY + DAY, NOON + 12 * HOUR, NOON + 36 * HOUR)]
_halls = count(1)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A store with all tables."""
    found = Store(database, "centre")
    found.open()
    yield found
    found.close()


def turn(hours: int, condition: str) -> Turn:
    return Turn("entrance", "kiosk-1", NOON + hours * HOUR, condition)


def test_a_trouble_over_midnight_counts_once_and_lasts_on_both_days() -> None:
    turns = [turn(-20, "ready"), turn(10, "fault"), turn(14, "attention"), turn(15, "ready")]
    assert troubles(turns, DAYS, NOON + 3 * DAY) == (
        Troubles(DeviceCounts(1, 0, 2 * HOUR_US, 24 * HOUR_US), TODAY, "entrance", "kiosk-1"),
        Troubles(DeviceCounts(0, HOUR_US, 2 * HOUR_US, 24 * HOUR_US), TODAY + DAY, "entrance", "kiosk-1"),
    )


def test_what_began_before_lasts_from_the_beginning_and_up_to_now() -> None:
    found = troubles([turn(-20, "fault")], DAYS[:1], NOON)
    assert found == (Troubles(DeviceCounts(0, 0, 12 * HOUR_US, 12 * HOUR_US), TODAY, "entrance", "kiosk-1"),)


def test_the_same_said_again_is_no_new_trouble_and_a_ready_device_has_none() -> None:
    assert [row.counts for row in troubles([turn(-1, "ready")], DAYS, NOON)] == [DeviceCounts(watched_us=HOUR_US)]
    again = [turn(-2, "attention"), turn(-1, "attention"), turn(0, "ready")]
    assert [row.counts for row in troubles(again, DAYS, NOON)] == [DeviceCounts(1, 2 * HOUR_US, 0, 2 * HOUR_US)]


def test_who_was_switched_off_on_purpose_is_not_watched() -> None:
    line = [turn(-2, "online"), turn(-1, "offline"), turn(2, "online")]
    assert [row.counts for row in troubles(line, DAYS[:1], NOON + 3 * HOUR)] == [DeviceCounts(watched_us=2 * HOUR_US)]


conditions = st.sampled_from(("ready", "busy", "attention", "fault", "lost", "offline"))
lines = st.lists(st.tuples(st.sampled_from(("kiosk-1", "board-1", "")), st.integers(0, 96 * 60), conditions), max_size=60)


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(lines, st.integers(0, 100))
def test_days_that_are_kept_say_what_their_turns_say(store: Store, line: list[tuple[str, int, str]], upto: int) -> None:
    """Any turns of four days, read at any hour, whichever of the days are over and rolled up by then."""
    hall, begins = f"hall-{next(_halls)}", NOON - 12 * HOUR
    found = {(device, begins + timedelta(minutes=at)): condition for device, at, condition in line}
    rows = [
        {"hall": hall, "node": "entrance", "device": device, "at": at, "condition": condition}
        for (device, at), condition in found.items()
    ]
    now = max([begins + timedelta(hours=upto), *(at for _, at in found)])
    span = Span(hall, TODAY, TODAY + 3 * DAY, ZoneInfo("Asia/Shanghai"))
    assert store._connection is not None
    with store._connection.begin():
        if rows:
            store._connection.execute(tables.device_turns.insert(), rows)
        before = watching.summed(store._connection, span, now)
        while watching.keep(store._connection, hall, span.timezone, now.astimezone(span.timezone).date(), now) is not None:
            pass
        assert watching.summed(store._connection, span, now) == before
    total = DeviceCounts.sum(before.devices.values())
    assert total == DeviceCounts.sum(before.device_days.values())
    assert total.attention_us + total.down_us <= total.watched_us
    alive = [(device, max(line_begins, begins)) for device, line_begins in _firsts(found).items()]
    switched_off = sum((_off(found, device, now) for device, _ in alive), timedelta())
    watched = sum((min(now, span.ends) - since for _, since in alive), timedelta()) - switched_off
    assert total.watched_us == watched // timedelta(microseconds=1)


def _firsts(found: dict[tuple[str, datetime], str]) -> dict[str, datetime]:
    return {device: min(at for own, at in found if own == device) for device, _ in found}


def _off(found: dict[tuple[str, datetime], str], device: str, now: datetime) -> timedelta:
    own = sorted((at, condition) for (name, at), condition in found.items() if name == device)
    ends = [at for at, _ in own[1:]] + [min(now, NOON + 84 * HOUR)]
    return sum((end - at for (at, condition), end in zip(own, ends, strict=True) if condition == "offline"), timedelta())


async def test_a_report_tells_what_devices_and_nodes_said(database: str) -> None:
    night = Night(small_hall(database))
    service = night.service
    await service.open()

    async def says(condition: str) -> None:
        words = Text(zh="纸", en="paper")
        state = DeviceState(device="kiosk-1", kind="kiosk", condition=condition, code="ok", what=words, since=night.now)  # type: ignore[arg-type]
        service.hear(DEVICE_STATE, Heard(state, {"hall": "centre", "node": "entrance", "device": "kiosk-1"}, retained=True))
        await night.work()

    async def there(state: str) -> None:
        status = NodeStatus(node="desk", session="session-1", state=state, at=night.now, version="1")  # type: ignore[arg-type]
        service.hear(NODE_STATUS, Heard(status, {"hall": "centre", "node": "desk"}, retained=False))
        await night.work()

    for condition, state in (("ready", "online"), ("attention", "online"), ("fault", "lost"), ("ready", "online")):
        await says(condition)
        await there(state)
        night.now += timedelta(minutes=10)
    found = (await service.report(TODAY, TODAY)).devices
    assert [(row.node, row.device, row.troubles, row.attention, row.down) for row in found] == [
        ("entrance", "kiosk-1", 1, 600.0, 600.0),
        ("desk", None, 1, 0.0, 600.0),
    ]
    await service.close()
