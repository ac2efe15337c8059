"""Sums of roll-ups, made by the database: a year is then read as some hundred rows and not as tens of thousands."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Column, Connection, Table, cast, func, select

from controller.figures import Additive, Counts, DeviceCounts, HourCounts, RoomHourCounts, RoomUse, StayCounts
from controller.store import tables
from controller.store.counting import Span
from controller.summing import Summed

A = TypeVar("A", bound=Additive)


def kept_work(connection: Connection, span: Span) -> Summed:
    """What the roll-ups say of tickets, visits, ratings and stays of these days."""
    work, hours, rooms, by_hour = tables.day_work, tables.day_hours, tables.day_rooms, tables.day_room_hours
    by_room = select(rooms.c.day, rooms.c.room, *(rooms.c[name] for name in StayCounts.names()))
    found = connection.execute(by_room.where(within(rooms, span)).order_by(rooms.c.day, rooms.c.room))
    return Summed(
        days=_single(connection, work, span, Counts, work.c.day),
        services=_single(connection, work, span, Counts, work.c.service),
        windows=_single(connection, work, span, Counts, work.c.window),
        staff=_single(connection, work, span, Counts, work.c.staff),
        hours=_single(connection, hours, span, HourCounts, hours.c.hour),
        load=_summed(connection, hours, span, HourCounts, hours.c.service, hours.c.hour),
        rooms=tuple(RoomUse(StayCounts(*row[2:]), *row[:2]) for row in found),
        room_hours=_summed(connection, by_hour, span, RoomHourCounts, by_hour.c.room, by_hour.c.cubicle, by_hour.c.hour),
    )


def kept_devices(connection: Connection, span: Span) -> Summed:
    """What the roll-ups say of how devices were."""
    table = tables.day_devices
    return Summed(
        devices=_summed(connection, table, span, DeviceCounts, table.c.node, table.c.device),
        device_days=_single(connection, table, span, DeviceCounts, table.c.day),
    )


def within(table: Table, span: Span) -> Any:
    """Whether a row of a roll-up is of these days."""
    return (table.c.hall == span.hall) & (table.c.day >= span.first) & (table.c.day <= span.last)


def _single(connection: Connection, table: Table, span: Span, kind: type[A], key: Column[Any]) -> Mapping[Any, A]:
    return {found: counts for (found,), counts in _summed(connection, table, span, kind, key).items()}


def _summed(connection: Connection, table: Table, span: Span, kind: type[A], *keys: Column[Any]) -> Mapping[Any, A]:
    """By `keys`; PostgreSQL would give sums as decimals, and they fit whole numbers."""
    sums = [
        (func.max if name.startswith("longest") else func.sum)(table.c[name], type_=BigInteger).label(name)
        for name in kind.names()
    ]
    query = select(*keys, *(cast(each, BigInteger) for each in sums)).where(within(table, span)).group_by(*keys)
    return {tuple(row[: len(keys)]): kind(*row[len(keys) :]) for row in connection.execute(query)}
