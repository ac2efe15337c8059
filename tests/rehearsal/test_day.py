"""A played day adds up, on both databases; the same seed is the same day; what does not add up is found."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from controller.config import load
from controller.store.reading import reading
from hallware.commands.rehearse import BUSY
from hallware.main import main
from hallware.rehearsal import audit
from hallware.rehearsal.crowd import Habits, crowd
from hallware.rehearsal.day import Day, staffed

MONDAY = date(2026, 11, 23)
FEW = ("window-7", "window-8", "window-15", "window-19")
"""Enough for every service, and too few for nobody to wait."""


def played(store: str, tickets: int = 60, seed: int = 7, first: tuple[str, ...] = ()) -> Day:
    """A small day; with `first` at the few windows that serve these services before others."""
    config = load(BUSY)
    windows = tuple(
        replace(w, first=tuple(s for s in first if s in w.services)) for w in config.window if not first or w.id in FEW
    )
    day = Day(
        staffed(replace(config, window=windows), store),
        MONDAY,
        tickets,
        seed,
        Habits(absent=0.2, parked=0.2, moved=0.2, booked=0.5),
    )

    async def play() -> None:
        await day.service.open()
        owner = asyncio.create_task(day.service.run())
        try:
            await day.play()
        finally:
            owner.cancel()
            await asyncio.gather(owner, return_exceptions=True)
            await day.service.close()

    asyncio.run(play())
    return day


def test_what_people_saw_is_what_is_stored_and_every_call_was_in_turn(database: str) -> None:
    day = played(database)
    with reading(database) as connection:
        sums = audit.sums(day.seen, connection, "busy")
        fair = audit.fairness(connection, day.config)
        places = audit.places(connection, "busy")
        assert [s for s in sums if s.seen != s.stored] == []
        assert fair.out_of_turn == []
        assert fair.calls >= 60
        assert fair.longest_run <= day.config.calling.priority_run
        assert sum(places.values()) == day.seen.tickets == 60
        assert set(places) <= {"done", "no-show", "unserved"}
        assert audit.unattributed(connection, "busy") == 0
    assert day.seen.no_shows > 0
    assert day.seen.parked > 0
    assert day.seen.moved > 0
    assert day.seen.checked_in > 0


def test_windows_that_serve_something_first_are_judged_by_that(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'hall.db'}"
    day = played(store, tickets=150, first=("civil-affairs", "market"))
    plain = replace(day.config, window=tuple(replace(window, first=()) for window in day.config.window))
    with reading(store) as connection:
        assert audit.fairness(connection, day.config).out_of_turn == []
        assert any("came before" in why for why in audit.fairness(connection, plain).out_of_turn), "some were called first"
        strict = replace(day.config, calling=replace(day.config.calling, first_run=1))
        assert any("goes first" in why for why in audit.fairness(connection, strict).out_of_turn), "several in a row"


def test_the_same_seed_is_the_same_crowd_and_another_one_is_not() -> None:
    day = Day(staffed(load(BUSY), "sqlite://"), MONDAY, 100, 7, Habits())
    again = Day(staffed(load(BUSY), "sqlite://"), MONDAY, 100, 7, Habits())
    other = Day(staffed(load(BUSY), "sqlite://"), MONDAY, 100, 8, Habits())
    assert day.people == again.people != other.people


def test_people_come_while_the_hall_is_open_and_service_takes_as_long_as_expected_on_average() -> None:
    day = Day(staffed(load(BUSY), "sqlite://"), MONDAY, 10, 1, Habits())
    people = crowd(5000, day.config.service, day.openings, Habits(), day.chance)
    assert all(any(o.opens <= p.arrives < o.closes for o in day.openings) for p in people)
    for service in day.config.service:
        took = [p.takes for p in people if p.service == service.id]
        assert 0.9 < sum(took) / len(took) / service.expected < 1.1


def test_a_call_out_of_turn_is_found(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    day = played(url)
    with closing(sqlite3.connect(tmp_path / "hall.db")) as database, database:
        called = "kind = 'ticket-called' AND body LIKE '%\"times\":1,%' AND body NOT LIKE '%\"chosen\":true%'"
        rows = database.execute(f"SELECT number, body FROM facts WHERE {called} ORDER BY number").fetchall()
        (first, early), (last, late) = rows[0], rows[-1]
        database.executemany("UPDATE facts SET body = ? WHERE number = ?", [(late, first), (early, last)])
    with reading(url) as connection:
        assert audit.fairness(connection, day.config).out_of_turn


def test_a_closed_day_and_a_silly_number_are_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--day", "2026-11-22"]) == 2
    assert "the hall is closed on 2026-11-22" in capsys.readouterr().err
    assert main(["rehearse", "--tickets", "0"]) == 2


def test_the_command_prints_its_sums_and_says_that_they_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--tickets", "20", "--seed", "3", "--day", "2026-11-23"]) == 0
    said = capsys.readouterr().out
    assert "it adds up" in said
    assert "DIFFERS" not in said
