"""No two slips bear one number, whatever backup a hall goes on from, and however often."""

import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import dispatch
from contract.health import NodeStatus
from contract.topics import NODE_STATUS
from controller import slips
from controller.config_rules import SlipNumbers, SlipRules
from controller.slips import SlipIssued, SlipState
from hallware.main import main
from link.hearing import Heard
from tests.controller.halls import hall, sqlite, text
from tests.controller.play import token
from tests.controller.test_days import Night
from tests.controller.test_slips import FILLED, FORMS, HANDOVER, ORDER
from tests.postgres import Postgres, _programs

SHANGHAI = ZoneInfo("Asia/Shanghai")


def issue(state: SlipState, now: datetime, rules: SlipRules) -> tuple[SlipState, str]:
    """One more slip."""
    day = now.astimezone(SHANGHAI).date()
    found = slips.issue(state, HANDOVER, FILLED, token(), "web:li", now, day, rules)
    assert isinstance(found, SlipIssued)
    return slips.apply(state, found), found.number


steps = st.lists(st.sampled_from(["issue", "issue", "issue", "backup", "restore", "restore blindly", "night"]), max_size=40)


@given(steps, st.sampled_from(["day", "year"]))
def test_no_number_comes_twice_in_a_life_of_backups_and_restores(life: list[str], restart: Any) -> None:
    rules, now = SlipRules(restart=restart), datetime(2026, 12, 30, 1, tzinfo=UTC)
    state = backup = SlipState()
    given_out = list[str]()
    for step in life:
        now += timedelta(hours=14) if step == "night" else timedelta(seconds=7)
        match step:
            case "issue":
                state, number = issue(state, now, rules)
                given_out.append(number)
            case "backup":
                backup = state
            case "restore" | "restore blindly":
                lost = state if step == "restore" else None
                state = slips.apply(backup, slips.goes_on(backup, lost, now, SHANGHAI))
            case _:
                state = slips.taken_over(state.counters, slips.carried(state), state.mark)
    assert len(set(given_out)) == len(given_out), given_out


@pytest.mark.parametrize(("restart", "today", "next_year"), [
    ("day", "20261231R080000-0001", "20270101-0001"), ("year", "JJ-2026R1231080000-0001", "JJ-2027-0001"),
])  # fmt: skip
def test_a_series_of_its_own_ends_with_its_day_or_year(restart: Any, today: str, next_year: str) -> None:
    own = SlipNumbers(template="handover", prefix="" if restart == "day" else "JJ-")
    rules, now = SlipRules(restart=restart, numbers=(own,)), datetime(2026, 12, 31, tzinfo=UTC)
    state = slips.apply(SlipState(), slips.goes_on(SlipState(), None, now, SHANGHAI))
    state, number = issue(state, now, rules)
    assert number == today
    assert issue(state, now + timedelta(days=1), rules)[1] == next_year
    earlier = slips.written(rules, "handover", f"{date(2026, 12, 30):%Y%m%d}", 1, state.mark)
    assert earlier is not None
    assert "R" in earlier, "also when the clock is set back"


def night(store: str) -> Night:
    """The hall now, with its slips."""
    found = Night(hall(store))
    found.now = datetime.now(UTC)
    return found


async def begin(found: Night) -> None:
    """Its kiosk's node is there."""
    await found.service.open()
    found.service.take_forms(FORMS)
    status = NodeStatus(node="entrance", session=token(), state="online", at=found.now, version="1", devices=("kiosk-1",))
    found.service.hear(NODE_STATUS, Heard(status, {"hall": "centre", "node": "entrance"}, retained=False))
    await found.work()


async def numbers(found: Night, count: int) -> list[str]:
    """So many slips."""
    return [str((await found.ask(ORDER)).slip) for _ in range(count)]


@pytest.mark.parametrize("readable", [True, False])
async def test_a_hall_that_goes_on_from_a_backup_gives_no_slips_number_again(
    tmp_path: Path, readable: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    config, backup = tmp_path / "hall.toml", tmp_path / "copy.db"
    config.write_text(text(sqlite(tmp_path)), encoding="utf-8")
    first = night(sqlite(tmp_path))
    await begin(first)
    seen = await numbers(first, 2)
    assert main(["backup", str(config), "--into", str(backup)]) == 0
    seen += await numbers(first, 3)
    await first.service.close()
    for restores in range(2):
        if not readable:
            (tmp_path / "hall.db").write_bytes(b"no database" * 1000)
        assert main(["restore", str(backup), str(config)]) == 0
        again = night(sqlite(tmp_path))
        await begin(again)
        seen += await numbers(again, 2)
        lost = dispatch.ReprintSlip(template="handover", number=seen[3], at="kiosk-1", why="lost")
        assert (await again.ask(lost)).code == "unknown-slip"
        kept = dispatch.ReprintSlip(template="handover", number=seen[-1], at="kiosk-1", why="lost")
        assert (await again.ask(kept)).outcome == "done", "its new numbers are numbers like all others"
        await again.service.close()
        assert len(set(seen)) == len(seen), (restores, seen)
        again.now += timedelta(seconds=1)
    said = capsys.readouterr().out
    assert ("go on behind those given since the backup: handover" in said) == readable
    assert ("a series of their own" in said) != readable
    assert [number.rpartition("-")[2] for number in seen[5:7]] == (["0006", "0007"] if readable else ["0003", "0004"])


async def test_a_hall_in_postgresql_is_told_that_its_database_was_put_back(
    postgres: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, config, dump = postgres.new_database(), tmp_path / "hall.toml", tmp_path / "hall.dump"
    config.write_text(text(store), encoding="utf-8")
    plain = store.replace("+psycopg", "")
    first = night(store)
    await begin(first)
    seen = await numbers(first, 1)
    tool("pg_dump", "--format=custom", f"--file={dump}", plain)
    seen += await numbers(first, 2)
    ticket = (await first.ask(dispatch.IssueTicket(service="social"))).number
    assert main(["restore", "--numbers", str(config)]) == 1, "while a controller is running"
    await first.service.close()
    tool("pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={plain}", str(dump))
    capsys.readouterr()
    assert main(["restore", "--numbers", str(config)]) == 0
    assert "not given again today: A001–A200" in capsys.readouterr().out
    again = night(store)
    await begin(again)
    seen += await numbers(again, 2)
    assert len(set(seen)) == len(seen)
    assert ticket == "A001"
    assert (await again.ask(dispatch.IssueTicket(service="social"))).number == "A201"
    await again.service.close()


def tool(program: str, *words: str) -> None:
    """A program of PostgreSQL's."""
    subprocess.run([_programs() / program, *words], check=True, capture_output=True)


@pytest.mark.parametrize("words", [["hall.toml"], ["copy.db", "hall.toml", "--numbers"]])
def test_a_restore_without_a_backup_is_one_of_numbers_alone(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hall.toml").write_text(text(sqlite(tmp_path)), encoding="utf-8")
    assert main(["restore", *words]) == 2
    assert "without one only with --numbers" in capsys.readouterr().err
