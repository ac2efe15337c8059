"""The tally: what a run of the demonstration left in the controller's store, and whether that is a hall that works."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import Connection

from controller.store import tables

PER_MINUTE = {"tickets": 12, "calls": 8, "ratings": 3, "stays": 2}
"""What a minute must bring at least, far below what the people do, so that only a broken hall falls short."""


@dataclass(frozen=True)
class Tally:
    """What the store holds of one run."""

    tickets: int
    unprinted: int
    calls: int
    shown: int
    """Calls that at least one board has answered with `shown`."""
    delays: Sequence[float]
    """Seconds from each call to each board that showed it."""
    served: int
    no_shows: int
    ratings: int
    lapsed: int
    stays: int
    """Finished ones."""


@dataclass(frozen=True)
class Line:
    """One line of the verdict."""

    en: str
    zh: str
    found: str
    wanted: str
    good: bool


def read_tally(url: str, since: datetime) -> Tally:
    """Count what the store at `url` got since `since`."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _read(connection, since)
    finally:
        engine.dispose()


def _read(connection: Connection, since: datetime) -> Tally:
    tickets, calls, answers = tables.tickets, tables.calls, tables.call_answers
    ratings, stays, visits = tables.ratings, tables.stays, tables.visits

    def count(*wheres: object) -> int:
        return int(connection.scalar(select(func.count()).where(*wheres)) or 0)  # type: ignore[arg-type]

    shown = connection.execute(
        select(calls.c.call, calls.c.at, answers.c.at)
        .join(answers, (answers.c.hall == calls.c.hall) & (answers.c.call == calls.c.call))
        .where(calls.c.at >= since, answers.c.outcome == "shown")
    ).all()
    return Tally(
        tickets=count(tickets.c.printed >= since),
        unprinted=count(tickets.c.issued >= since, tickets.c.printed.is_(None)),
        calls=count(calls.c.at >= since),
        shown=len({call for call, _, _ in shown}),
        delays=[(at - called).total_seconds() for _, called, at in shown],
        served=count(visits.c.ended >= since, visits.c.outcome == "done"),
        no_shows=count(visits.c.ended >= since, visits.c.outcome == "no-show"),
        ratings=count(ratings.c.given >= since),
        lapsed=count(ratings.c.lapsed >= since, ratings.c.given.is_(None)),
        stays=count(stays.c.ended >= since),
    )


def verdict(tally: Tally, seconds: float, nodes: Iterable[tuple[str, bool]], died: Sequence[str]) -> list[Line]:
    """What was found beside what must be there; `nodes` says of each whether it is online, `died` who ended unasked."""
    least = {what: max(1, math.ceil(count * seconds / 60)) for what, count in PER_MINUTE.items()}
    offline = [node for node, online in nodes if not online]
    return [
        _at_least("tickets printed", "已打印号票", tally.tickets, least["tickets"]),
        _at_least("calls", "叫号", tally.calls, least["calls"]),
        Line("calls shown on a board", "已上屏叫号", str(tally.shown), "all", tally.shown == tally.calls),
        Line("call to board, median", "叫号上屏中位时延", _milliseconds(tally.delays), "", good=True),
        Line("services finished", "办结", str(tally.served), "", good=True),
        Line("no-shows", "过号", str(tally.no_shows), "", good=True),
        _at_least("ratings stored", "已存评价", tally.ratings, least["ratings"]),
        Line("not rated", "未评价", str(tally.lapsed), "", good=True),
        _at_least("stays stored", "已存使用记录", tally.stays, least["stays"]),
        Line("nodes not online", "不在线节点", ", ".join(offline) or "none", "none", not offline),
        Line("processes that died", "异常退出进程", ", ".join(died) or "none", "none", not died),
    ]


def _at_least(en: str, zh: str, found: int, least: int) -> Line:
    return Line(en, zh, str(found), f">= {least}", found >= least)


def _milliseconds(delays: Sequence[float]) -> str:
    return f"{1000 * statistics.median(delays):.0f} ms" if delays else "-"


def as_table(lines: Iterable[Line]) -> str:
    """The verdict for the terminal. Chinese stands last, where its width disturbs no column."""
    rows = [f"  {line.en:<24} {line.found:>10}  {line.wanted:<8} {_mark(line):<6} {line.zh}" for line in lines]
    return "\n".join(rows)


def _mark(line: Line) -> str:
    return "" if line.good and not line.wanted else "ok" if line.good else "WRONG"
