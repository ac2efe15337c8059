"""Projection of upkeep: what its facts write into the tables for questions."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from controller.store import tables_upkeep
from controller.store.writes import Change, Put, Write
from controller.upkeep import facts


def _done(fact: facts.UpkeepDone, day: date) -> tuple[Write, ...]:
    row = {
        "record": fact.record, "day": day, "at": fact.at, "device": fact.device, "task": fact.task, "by": fact.by,
        "wrong": ",".join(fact.wrong), "note": fact.note,
    }  # fmt: skip
    return (Put(tables_upkeep.upkeep_records, row),)


def _tested(fact: facts.UpkeepTested, _: date) -> tuple[Write, ...]:
    said = {"tested": fact.outcome, "test_zh": fact.what.zh, "test_en": fact.what.en}
    return (Change(tables_upkeep.upkeep_records, {"record": fact.record}, said),)


def _filled(fact: facts.SupplyFilled, _: date) -> tuple[Write, ...]:
    row = {"device": fact.device, "supply": fact.supply, "at": fact.at, "amount": fact.amount, "by": fact.by}
    return (Put(tables_upkeep.supply_fills, row),)


def _job(fact: facts.JobOpened, _: date) -> tuple[Write, ...]:
    row = {
        "job": fact.job, "opened": fact.at, "place": fact.place, "task": fact.task, "wrong": ",".join(fact.wrong),
        "note": fact.note, "by": fact.by,
    }  # fmt: skip
    return (Put(tables_upkeep.jobs, row),)


def _closed(fact: facts.JobClosed, _: date) -> tuple[Write, ...]:
    return (Change(tables_upkeep.jobs, {"job": fact.job}, {"closed": fact.at, "closed_by": fact.by, "closed_note": fact.note}),)


def _late(fact: facts.RoomCheckLate, _: date) -> tuple[Write, ...]:
    return (Put(tables_upkeep.room_lates, {"room": fact.room, "slot": fact.slot, "at": fact.at}),)


ROWS: Mapping[type[Any], Callable[[Any, date], tuple[Write, ...]]] = {
    facts.UpkeepDone: _done,
    facts.UpkeepTested: _tested,
    facts.SupplyFilled: _filled,
    facts.JobOpened: _job,
    facts.JobClosed: _closed,
    facts.RoomCheckLate: _late,
}
