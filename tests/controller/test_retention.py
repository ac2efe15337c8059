"""Retention: what is over goes, on both databases; reports of it stay, and the hall goes on from what is left."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from controller.appointments import AppointmentBooked, AppointmentMissed
from controller.config_rules import Retention
from controller.queue.facts import DayStarted
from controller.state import Fact
from controller.store import tables
from controller.store.counting import Span
from controller.store.projection import project
from controller.store.rollups import summed
from controller.store.store import Store, line
from controller.store.writes import AuditLine, Batch, Put
from tests.controller.halls import NOON
from tests.controller.test_store import granted

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
OLD, YESTERDAY, TODAY = NOON - 40 * DAY, NOON - DAY, NOON


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A hall with a day forty days ago, one yesterday, and today."""
    store = Store(database, "centre")
    store.open()
    store.load()
    for at in (OLD, YESTERDAY, TODAY):
        day = at.date()
        booked = AppointmentBooked(
            at=at,
            appointment=f"booked-{day}",
            code="12345678",
            service="social",
            slot=at + timedelta(hours=1),
            contact="138 0000",
        )
        ticket = granted(f"ticket-{day}")
        missed = AppointmentMissed(at=at + timedelta(hours=2), appointment=f"booked-{day}")
        facts: tuple[Fact, ...] = (DayStarted(at=at, day=day), type(ticket)(**{**_fields(ticket), "at": at}), booked, missed)
        batch = Batch(lines=[line(fact) for fact in facts])
        for fact in facts:
            for write in project(fact, day):
                batch.add(write)
        batch.audit.append(AuditLine(at, day, "web:li", '{"type":"book-appointment","contact":"138 0000"}', "ok"))
        store.commit(batch)
    while store.roll_up(NOON.date(), SHANGHAI, NOON):
        pass
    yield store
    store.close()


def _fields(fact: Any) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in fact.__struct_fields__}


def everything(store: Store) -> str:
    """All text of the hall's tables that could hold a contact."""
    assert store._connection is not None
    with store._connection.begin():
        columns = (tables.facts.c.body, tables.audit.c.what, tables.appointments.c.contact)
        return "\n".join(str(text) for column in columns for text in store._connection.execute(select(column)).scalars())


def test_old_days_go_with_their_journal_and_their_report_stays(store: Store) -> None:
    assert store._connection is not None
    span = Span("centre", OLD.date(), NOON.date(), SHANGHAI)
    with store._connection.begin():
        before = summed(store._connection, span)
    assert store.forget(Retention(rows=31), NOON, SHANGHAI) == OLD.date()
    assert store.forget(Retention(rows=31), NOON, SHANGHAI) is None
    with store._connection.begin():
        assert summed(store._connection, span) == before
        days = store._connection.execute(select(tables.tickets.c.day).order_by(tables.tickets.c.day)).scalars().all()
        assert days == [YESTERDAY.date(), NOON.date()]
        assert store._connection.execute(select(func.min(tables.facts.c.at))).scalar() == YESTERDAY
        assert store._connection.execute(select(func.min(tables.audit.c.day))).scalar() == YESTERDAY.date()
    assert [fact.at for fact in store.load().facts] == [NOON, NOON, NOON, NOON + timedelta(hours=2)]


def test_old_turns_of_devices_go_but_for_the_last_and_their_days_stay_as_they_were_counted(database: str) -> None:
    store = Store(database, "centre")
    store.open()
    store.load()
    days = [OLD.date(), OLD.date() + DAY]
    granted_then = [granted(f"ticket-{day}") for day in days]
    batch = Batch()
    for day, ticket in zip(days, granted_then, strict=True):
        for write in project(ticket, day):
            batch.add(write)
    for hours, device, condition in (
        (0, "kiosk-1", "ready"), (1, "kiosk-1", "fault"), (2, "kiosk-1", "ready"),
        (3, "board-1", "fault"), (30, "board-1", "ready"),
    ):  # fmt: skip
        row = {"node": "entrance", "device": device, "at": OLD + timedelta(hours=hours), "condition": condition}
        batch.add(Put(tables.device_turns, row))
    store.commit(batch)
    while store.roll_up(OLD.date() + 5 * DAY, SHANGHAI, NOON):
        pass
    span = Span("centre", days[0], days[1], SHANGHAI)
    connection = store._connection
    assert connection is not None
    with connection.begin():
        before = summed(connection, span)
    assert store.forget(Retention(rows=39), NOON, SHANGHAI) == days[0]
    with connection.begin():
        turns = tables.device_turns.c
        left = connection.execute(select(turns.device, turns.at).order_by(turns.at)).all()
        assert [(device, (at - OLD) // timedelta(hours=1)) for device, at in left] == [
            ("kiosk-1", 2),
            ("board-1", 3),
            ("board-1", 30),
        ], "how each was when the next day began"
        assert summed(connection, span) == before
    store.forget_rollups()
    while store.roll_up(OLD.date() + 5 * DAY, SHANGHAI, NOON):
        pass
    with connection.begin():
        assert summed(connection, span) == before, "days whose turns are gone are not counted anew"
    store.close()


def test_a_day_that_is_not_rolled_up_is_kept(store: Store) -> None:
    store.forget_rollups()
    assert store.forget(Retention(rows=31), NOON, SHANGHAI) is None


def test_by_default_contacts_go_after_a_month_and_rows_stay(store: Store) -> None:
    assert everything(store).count("138 0000") == 9
    assert store.forget(Retention(), NOON, SHANGHAI) is None
    assert everything(store).count("138 0000") == 6, "those of yesterday and today are still needed"
    store.forget(Retention(contacts=None), NOON, SHANGHAI)
    assert everything(store).count("138 0000") == 6
    assert len(store.load().facts) == 4
