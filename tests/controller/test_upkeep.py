"""Upkeep in a hall: orders become records, what devices say of their paper is believed, and all of it outlives the night."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contract.commands import CommandAnswer
from contract.events import RoomChecked
from contract.health import DeviceState, NodeStatus
from contract.settings import parse
from contract.topics import COMMAND, COMMAND_ANSWER, DEVICE_STATE, NODE_STATUS
from contract.upkeep import CheckRoom, CloseJob, DescribeDevice, FillSupply, OpenJob, RecordUpkeep, TickOff
from contract.values import Text
from controller.config import HallConfig
from controller.service import HallService
from controller.store import tables_upkeep
from link.hearing import Heard
from tests.controller.halls import NOON, text
from tests.controller.test_days import Night

TODAY = NOON.date()
DAY = timedelta(days=1)
WORDS = Text(zh="正常", en="fine")


def night(database: str, more: str = "") -> Night:
    """A hall whose clock is set by hand, with a plan of its own."""
    return Night(parse(f"{text(database)}\n{more}", HallConfig, name="hall.toml"))


def says(hall: Night, counts: dict[str, int]) -> None:
    """A kiosk's state with its counters."""
    state = DeviceState(
        device="kiosk-1", kind="kiosk", condition="ready", code="ok", what=WORDS, since=hall.now, counts=counts
    )  # fmt: skip
    hall.service.hear(DEVICE_STATE, Heard(state, {"hall": "centre", "node": "entrance", "device": "kiosk-1"}, retained=True))


def turns(hall: Night, condition: str, code: str, what: Text) -> None:
    """A kiosk says how it is."""
    state = DeviceState(device="kiosk-1", kind="kiosk", condition=condition, code=code, what=what, since=hall.now)  # type: ignore[arg-type]
    hall.service.hear(DEVICE_STATE, Heard(state, {"hall": "centre", "node": "entrance", "device": "kiosk-1"}, retained=True))


def is_there(hall: Night) -> None:
    status = NodeStatus(node="entrance", session="session-1", state="online", at=hall.now, version="1", devices=("kiosk-1",))
    hall.service.hear(NODE_STATUS, Heard(status, {"hall": "centre", "node": "entrance"}, retained=False))


def paper(hall: Night) -> Any:
    return next(s for s in hall.service.upkeep().supplies if (s.device, s.supply) == ("kiosk-1", "paper"))


async def test_a_record_moves_the_day_on_which_it_is_due_and_what_was_wrong_opens_a_job(database: str) -> None:
    hall = night(database)
    await hall.service.open()
    done = await hall.ask(RecordUpkeep(device="kiosk-1", task="clean-head", wrong=("cutter",), note="切纸不齐"))
    assert done.outcome == "done"
    task = next(t for t in hall.service.upkeep().tasks if (t.device, t.task) == ("kiosk-1", "clean-head"))
    assert (task.on, task.last) == (TODAY + 30 * DAY, NOON)
    (row,) = await hall.service.books.records(TODAY, TODAY)
    assert (row.by, row.wrong, row.note, row.tested) == ("web:li", ("cutter",), "切纸不齐", None)
    (job,) = hall.service.view().upkeep.jobs
    assert (job.place, [line.en for line in job.wrong]) == ("kiosk-1", ["The cutter cuts clean and nothing jams"])
    await hall.ask(CloseJob(job=job.job, note="换刀"))
    assert hall.service.view().upkeep.jobs == ()
    (kept,) = await hall.service.books.jobs(TODAY, TODAY)
    assert (kept.closed_by, kept.closed_note, kept.task) == ("web:li", "换刀", "clean-head")
    await hall.service.close()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (RecordUpkeep(device="nothing", task="clean-head"), "unknown-device"),
        (RecordUpkeep(device="kiosk-1", task="sound-check"), "unknown-task"),
        (RecordUpkeep(device="kiosk-1", task="clean-head", wrong=("pixels",)), "unknown-item"),
        (DescribeDevice(device="nothing"), "unknown-device"),
        (FillSupply(device="desk", supply="paper"), "unknown-supply"),
        (CheckRoom(room="cellar"), "unknown-room"),
        (CheckRoom(room="nursery", wrong=("pixels",)), "unknown-item"),
        (OpenJob(place="cellar", note="x"), "unknown-place"),
        (CloseJob(job="job-00000001"), "unknown-job"),
    ],
)
async def test_what_does_not_exist_is_refused(order: Any, code: str) -> None:
    hall = night("sqlite://")
    await hall.service.open()
    assert (await hall.ask(order)).code == code
    await hall.service.close()


async def test_the_self_test_of_a_record_is_sent_and_its_answer_put_to_it(database: str) -> None:
    hall = night(database)
    await hall.service.open()
    await hall.ask(RecordUpkeep(device="kiosk-1", task="clean-head", test=True))
    (away,) = await hall.service.books.records(TODAY, TODAY)
    assert (away.tested, away.test and away.test.en) == ("refused", "node entrance is not there")
    is_there(hall)
    await hall.work()
    hall.now += timedelta(minutes=1)
    await hall.ask(RecordUpkeep(device="kiosk-1", task="clean-head", test=True))
    (command,) = hall.letters(COMMAND)
    answer = CommandAnswer(id=command.id, device="kiosk-1", at=hall.now, outcome="done", what=Text(zh="已打印", en="printed"))
    hall.service.hear(COMMAND_ANSWER, Heard(answer, {"hall": "centre", "node": "entrance", "device": "kiosk-1"}, retained=False))
    await hall.work()
    newest, _ = await hall.service.books.records(TODAY, TODAY, "kiosk-1")
    assert (newest.tested, newest.test) == ("done", Text(zh="已打印", en="printed"))
    assert await hall.service.books.records(TODAY, TODAY, "desk") == []
    await hall.service.close()


async def test_paper_is_reckoned_from_rolls_and_what_the_kiosk_says_came_out(database: str) -> None:
    hall = night(database)
    await hall.service.open()
    says(hall, {"paper-mm": 3_000})
    await hall.ask(FillSupply(device="kiosk-1", supply="paper", amount=50.0))
    for mm in (3_100, 3_700, 8_000):
        says(hall, {"paper-mm": mm})
        await hall.work()
    assert paper(hall).left == 45.0
    says(hall, {"paper-mm": 2_000})
    await hall.work()
    assert paper(hall).left == 43.0, "the kiosk was started anew: its counter begins at nothing"
    says(hall, {"paper-mm": 2_500, "new-roll": 1})
    await hall.work()
    assert (paper(hall).left, paper(hall).of) == (80.0, 80.0), "it has seen a new roll"
    await hall.service.close()


async def test_everything_outlives_a_restart_and_the_night(database: str) -> None:
    hall = night(database)
    await hall.service.open()
    await hall.ask(DescribeDevice(device="kiosk-1", serial="SN-7", asset="政务-0031", place="大门左侧", notes="借用"))
    await hall.ask(RecordUpkeep(device="kiosk-1", task="clean-head"))
    await hall.ask(OpenJob(place="nursery", note="灯不亮"))
    await hall.ask(TickOff(item="ill:kiosk-1:paper-low"))
    says(hall, {"paper-mm": 9_000})
    await hall.work()
    before = hall.service.upkeep()
    for hours in (0, 24):
        await hall.service.close()
        hall.now += timedelta(hours=hours)
        hall.service = HallService(hall.service.config, say=hall.said.extend, clock=lambda: hall.now)
        await hall.service.open()
        after = hall.service.upkeep()
        assert (after.devices, after.jobs) == (before.devices, before.jobs)
        assert [(task.on, task.last) for task in after.tasks] == [(task.on, task.last) for task in before.tasks]
        assert len(after.ticked) == (0 if hours else 1), "a round begins anew in the morning"
    says(hall, {"paper-mm": 9_400})
    await hall.work()
    assert hall.service._state.upkeep.meter("kiosk-1").mm == 9_000, "less than half a metre is told later"
    await hall.service.close()


async def test_a_devices_history_has_each_reason_with_its_words_and_nothing_twice(database: str) -> None:
    hall = night(database)
    low, out = Text(zh="纸快用完", en="paper low"), Text(zh="缺纸", en="out of paper")
    said = [("ready", "ok", WORDS), ("attention", "paper-low", low), ("fault", "paper-out", out), ("fault", "cover-open", WORDS)]
    await hall.service.open()
    for condition, code, what in said:
        turns(hall, condition, code, what)
        await hall.work()
        hall.now += timedelta(minutes=5)
    await hall.service.close()
    hall.service = HallService(hall.service.config, say=hall.said.extend, clock=lambda: hall.now)
    await hall.service.open()
    is_there(hall)
    turns(hall, *said[-1])
    await hall.work()
    found = await hall.service.books.turns(TODAY, TODAY, "entrance", "kiosk-1")
    assert [(row.condition, row.code, row.what) for row in found] == said[::-1], "what is only heard again is no turn"
    assert [row.at for row in found] == [NOON + timedelta(minutes=m) for m in (15, 10, 5, 0)]
    whole = await hall.service.books.all_turns(TODAY, TODAY)
    assert [row for row in whole if row.device] == found
    assert [(row.node, row.condition, row.code) for row in whole if not row.device] == [("entrance", "online", "")]
    (kiosk,) = [row for row in (await hall.service.report(TODAY, TODAY)).devices if row.device == "kiosk-1"]
    assert (kiosk.troubles, kiosk.attention, kiosk.down) == (1, 300.0, 42600.0), "another reason is not another trouble"
    await hall.service.close()


CHECKS = '[[room]]\nid = "family"\nname = { zh = "家庭室", en = "Family room" }\nchecks = ["11:00", "14:00"]\n'


async def test_a_room_that_is_not_checked_in_time_is_told_once_and_until_it_is(database: str) -> None:
    hall = night(database, CHECKS)
    await hall.service.open()

    def room() -> Any:
        return next(room for room in hall.service.view().rooms if room.room == "family")

    assert (room().due, room().late) == (NOON - timedelta(hours=1), True)
    await hall.work()
    book = await hall.service.books.rooms(TODAY, TODAY)
    assert [(late.room, late.slot) for late in book.lates] == [("family", NOON - timedelta(hours=1))]
    hall.now += timedelta(minutes=90)
    await hall.work()
    assert (room().due, room().late) == (NOON + timedelta(hours=2), False), "the next one is due, and not late yet"
    hall.now = NOON
    await hall.ask(CheckRoom(room="family", wrong=("bin",), note="满了"))
    assert (room().due, room().late, room().next) == (None, False, NOON + timedelta(hours=2))
    book = await hall.service.books.rooms(TODAY, TODAY)
    assert [(check.by, check.wrong, check.note) for check in book.checks] == [("web:li", ("bin",), "满了")]
    (job,) = hall.service.view().upkeep.jobs
    assert [line.zh for line in job.wrong] == ["垃圾桶已清空"]
    await hall.service.close()


async def test_the_key_in_the_room_is_a_check_too(database: str) -> None:
    hall = night(database)
    await hall.service.open()
    await hall.report("room-1", RoomChecked(room="nursery"), "room-node")
    (check,) = (await hall.service.books.rooms(TODAY, TODAY)).checks
    assert (check.room, check.by, check.wrong) == ("nursery", None, ())
    await hall.service.close()


async def test_who_did_what_stands_in_the_audit_log_and_consumables_in_their_table(database: str) -> None:
    hall = night(database)
    await hall.service.open()
    await hall.ask(FillSupply(device="kiosk-1", supply="cards"))
    (line,) = await hall.service.audit(TODAY)
    assert (line.actor, line.outcome) == ("web:li", "ok")
    assert '"fill-supply"' in line.what
    connection = hall.service._store._connection
    assert connection is not None
    with connection.begin():
        rows = connection.execute(select(tables_upkeep.supply_fills.c.supply, tables_upkeep.supply_fills.c.amount)).all()
    assert rows == [("cards", 10.0)]
    await hall.service.close()
