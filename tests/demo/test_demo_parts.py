"""The demonstration's parts: files at the wished speed, children that are never left behind, and a verdict that can fail."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert

from controller.config import load
from controller.store import tables
from firmware.config import KioskConfig, RoomConfig
from firmware.config import load as load_node
from hallware.demo import show
from hallware.demo.children import Child, ChildDied, Children
from hallware.demo.files import DemoFiles, demo_hall, new_passwords, touch_pages
from hallware.demo.tally import Tally, as_table, read_tally, verdict
from link.address import BrokerAddress
from tests.demo.bench_hall import until

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
GOOD = Tally(
    tickets=50, unprinted=0, calls=40, shown=40, delays=[0.02, 0.04, 0.09], served=30, no_shows=2, ratings=20, lapsed=4, stays=6
)


def test_files_are_read_by_controller_and_nodes(tmp_path: Path) -> None:
    files = DemoFiles(tmp_path / "demo")
    files.prepare()
    hall, nodes = files.write(demo_hall(2.0), BrokerAddress(port=1999, username="controller"), lambda: 8099)
    assert load(files.hall) == hall
    assert hall.http.port == 8099
    assert {load_node(path).node.id for path in nodes.values()} == {node.id for node in hall.node}
    assert load_node(nodes["room"]).broker.username == "room"
    kiosk = load_node(nodes["entrance"]).device[0]
    assert isinstance(kiosk, KioskConfig)
    assert kiosk.touch is not None
    assert touch_pages(hall) == {"kiosk-1": f"http://127.0.0.1:{kiosk.touch.port}/"}


def test_what_waits_for_people_follows_their_speed(tmp_path: Path) -> None:
    calm, brisk = demo_hall(1.0), demo_hall(4.0)
    assert brisk.calling.interval == calm.calling.interval / 4
    assert brisk.rating.window == calm.rating.window / 4
    files = DemoFiles(tmp_path)
    files.prepare()
    _, nodes = files.write(brisk, BrokerAddress(), lambda: 8099)
    (room,) = load_node(nodes["room"]).device
    assert isinstance(room, RoomConfig)
    assert room.stillness == pytest.approx(2.5 / 4)


def test_everybody_at_the_broker_has_a_password_of_their_own() -> None:
    passwords = new_passwords(demo_hall(1.0))
    assert {"controller", "viewer", "dispatch", "entrance", "room"} <= passwords.keys()
    assert len(set(passwords.values())) == len(passwords)


def test_good_run_is_called_good() -> None:
    lines = verdict(GOOD, 60, [("room", True)], [])
    assert all(line.good for line in lines)
    assert "WRONG" not in as_table(lines)
    assert "40 ms" in as_table(lines)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"tickets": 3}, "tickets printed"),
        ({"calls": 3, "shown": 3}, "calls"),
        ({"shown": 39}, "calls shown on a board"),
        ({"ratings": 0}, "ratings stored"),
        ({"stays": 0}, "stays stored"),
    ],
)
def test_run_that_falls_short_is_called_wrong(changed: dict[str, int], what: str) -> None:
    lines = verdict(replace(GOOD, **changed), 60, [("room", True)], [])  # type: ignore[arg-type]
    assert [line.en for line in lines if not line.good] == [what]


def test_lost_node_or_dead_process_is_called_wrong() -> None:
    lines = verdict(GOOD, 60, [("room", False), ("boards", True)], ["controller"])
    assert [(line.en, line.found) for line in lines if not line.good] == [
        ("nodes not online", "room"),
        ("processes that died", "controller"),
    ]


def test_tally_counts_this_run_and_what_boards_really_showed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hall.db'}"
    engine = create_engine(url)
    tables.metadata.create_all(engine)
    day, before, after = NOON.date(), NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)
    call = {"hall": "centre", "day": day, "visit": "v", "ticket": "t", "number": "A001", "window": "window-1", "times": 1}
    answer = {"hall": "centre", "node": "boards"}
    with engine.begin() as connection:
        connection.execute(
            insert(tables.calls),
            [call | {"call": "old", "at": before}, call | {"call": "new", "at": after}, call | {"call": "lost", "at": after}],
        )
        shown_at = after + timedelta(milliseconds=40)
        connection.execute(
            insert(tables.call_answers),
            [
                answer | {"call": "new", "device": "main-board", "at": shown_at, "outcome": "shown"},
                answer | {"call": "new", "device": "strip-1", "at": shown_at, "outcome": "shown"},
                answer | {"call": "lost", "device": "strip-1", "at": shown_at, "outcome": "late"},
            ],
        )
    engine.dispose()
    tally = read_tally(url, NOON)
    assert (tally.calls, tally.shown) == (2, 1)
    assert list(tally.delays) == pytest.approx([0.04, 0.04])


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


ENDLESS = python("import signal; print('here', flush=True); signal.pause()")
DEAF = python("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); signal.pause()")


async def started(words: list[str], tmp_path: Path, died: list[str], end_within: float = 5.0) -> Child:
    child = Child("child", words, tmp_path / "child.log", lambda child: died.append(child.name), end_within=end_within)
    await child.start()
    await until(lambda: "here" in child.last_lines())
    return child


def gone(pid: int | None) -> bool:
    return not Path(f"/proc/{pid}").exists()


async def test_child_that_ends_unasked_is_told_with_its_last_lines(tmp_path: Path) -> None:
    died: list[str] = []
    child = await started(python("print('here'); raise SystemExit('no paper')"), tmp_path, died)
    with pytest.raises(ChildDied, match="no paper"):
        await show.until(lambda: False, [child])
    await until(lambda: died == ["child"])
    assert child.code == 1


async def test_child_that_is_killed_or_stopped_on_purpose_is_no_news(tmp_path: Path) -> None:
    died: list[str] = []
    child = await started(ENDLESS, tmp_path, died)
    killed = child.pid
    await child.kill()
    assert gone(killed)
    await child.start()
    assert child.pid != killed
    await child.stop()
    assert gone(child.pid)
    assert died == []


async def test_child_that_does_not_listen_is_killed_in_the_end(tmp_path: Path) -> None:
    child = await started(DEAF, tmp_path, [], end_within=0.2)
    await child.stop()
    assert gone(child.pid)


async def test_no_child_outlives_its_group(tmp_path: Path) -> None:
    async with Children(lambda child: None) as children:
        group = await children.start(*((name, ENDLESS, tmp_path / f"{name}.log") for name in ("one", "two")))
        await until(lambda: all("here" in child.last_lines() for child in group))
    assert all(gone(child.pid) for child in group)
