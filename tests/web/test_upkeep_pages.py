"""Pages of upkeep: the round, the inventory, maintenance, rooms with their sheet, and their files."""

import csv
import io
from datetime import timedelta

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from contract.codec import decode
from contract.health import NodeStatus
from contract.upkeep import CheckRoom, FillSupply, OpenJob, RecordUpkeep
from contract.values import Text
from controller.hall_rules import HallRules
from controller.upkeep.facts import PaperFed, UpkeepTested
from controller.upkeep.round import stops, to_do
from controller.view import NodeView
from controller.view_upkeep import HelpRow, RoomBook, StayRow, TurnRow, UpkeepRow, UpkeepView
from controller.web.scenes import to_see_to
from tests.web.clock import Clock
from tests.web.hall import PaperHall, request

LANGUAGES = ("zh", "en")
PAPER_OUT = Text(zh="缺纸", en="out of paper")


def rows_of(answer: httpx.Response) -> list[list[str]]:
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
async def lived(hall: PaperHall, clock: Clock) -> PaperHall:
    """A hall in which something was done and something is due."""
    clock.pass_by(days=40)
    hall.books.pass_time()
    await hall.ask(
        request(hall, RecordUpkeep(device="kiosk-1", task="clean-head", wrong=("cutter",), note="=切纸不齐")), "web:li"
    )
    hall.books.happen(UpkeepTested(at=clock(), record="other", outcome="done", what=Text(zh="已打印", en="printed")))
    await hall.ask(request(hall, FillSupply(device="kiosk-1", supply="paper", amount=12.0)), "web:li")
    await hall.ask(request(hall, OpenJob(place="baby-room", note="灯不亮")), "web:wang")
    await hall.ask(request(hall, CheckRoom(room="baby-room", wrong=("bin",))), "web:wang")
    hall.books.stays.append(StayRow(room="baby-room", cubicle="a", started=clock(), lasted=900.0))
    hall.books.helps.append(HelpRow(place="baby-room", at=clock(), answered=clock() + timedelta(minutes=2)))
    hall.books.turned["kiosk-1"] = [
        TurnRow(at=clock(), node="entrance", device="kiosk-1", condition="fault", code="paper-out", what=PAPER_OUT),
        TurnRow(
            at=clock(), node="entrance", device="kiosk-1", condition="ready", code="ok", what=Text(zh="一切正常", en="all well")
        ),
    ]
    hall._change()
    return hall


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/round", "/inventory", "/inventory/kiosk-1", "/inventory/room", "/maintenance", "/rooms", "/rooms/sheet"]
)
async def test_every_page_is_there_in_both_languages(lived: PaperHall, staff: httpx.AsyncClient, path: str, lang: str) -> None:
    page = await staff.get(f"{path}?lang={lang}")
    assert page.status_code == 200
    assert "kiosk-1" in page.text or "baby-room" in page.text or ("母婴室" in page.text) or ("Baby room" in page.text)
    assert " style=" not in page.text


async def test_a_round_goes_through_the_hall_in_the_order_of_the_plan(lived: PaperHall) -> None:
    found = stops(lived.view(), lived.upkeep())
    assert [stop.id for stop in found] == ["entrance", "baby-room", "window-1"]
    kinds = {stop.id: [thing.kind for thing in stop.things] for stop in found}
    assert kinds["entrance"][:1] == ["ill"]
    assert {"supply", "job", "task"} <= set(kinds["entrance"])
    assert kinds["baby-room"].count("job") == 2
    assert kinds["baby-room"][0] == "lost", "a node is looked for where its devices are"
    assert to_do(found) == sum(len(things) for things in kinds.values())


async def test_a_round_has_every_machine_that_the_overview_counts(lived: PaperHall, staff: httpx.AsyncClient) -> None:
    view, trouble = lived.view(), Text(zh="内存不足", en="Memory is nearly full")
    fresh = [NodeView(node=node.node, place=node.place) for node in view.nodes]
    status = NodeStatus(node="entrance", session="s-1", state="online", at=view.at, version="1", trouble=trouble)
    nodes = (replace(fresh[0], node="entrance", status=status), *fresh[1:])
    lived._version += 1
    lived._view = replace(view, version=lived._version, nodes=nodes)
    things = [thing for stop in stops(lived.view(), lived.upkeep()) for thing in stop.things]
    found = [thing for thing in things if thing.kind in ("never", "node")]
    assert len(found) == to_see_to(lived.view())
    page = (await staff.get("/round?lang=en")).text
    assert "Memory is nearly full" in page
    assert page.count("make its card") == len(found) - 1


async def test_what_is_ticked_off_stays_until_it_is_another_trouble(lived: PaperHall, staff: httpx.AsyncClient) -> None:
    thing = stops(lived.view(), lived.upkeep())[0].things[0]
    order = {"id": "tick-0001", "do": {"type": "tick-off", "item": thing.id}}
    assert (await staff.post("/api/v1/actions", json=order)).json()["outcome"] == "done"
    again = stops(lived.view(), lived.upkeep())[0].things[0]
    assert again.ticked is not None
    assert again.ticked.by == "web:admin"
    assert "admin" in (await staff.get("/round")).text


@pytest.mark.parametrize(("lang", "said"), [
    ("zh", "一层母婴室：00:00 的检查逾期未做"), ("en", "Baby room, ground floor: the check of 00:00 is overdue"),
])  # fmt: skip
async def test_an_overdue_check_stands_on_the_overview_until_it_is_made(
    hall: PaperHall, clock: Clock, staff: httpx.AsyncClient, lang: str, said: str
) -> None:
    clock.pass_by(hours=int(clock().hour == 0))
    (room,) = hall.config.room
    hall.config = msgspec.structs.replace(hall.config, room=(msgspec.structs.replace(room, checks=("00:00",)),))
    hall.books.rules = HallRules.of(hall.config)
    hall.books.pass_time()
    assert said in (await staff.get(f"/?lang={lang}")).text
    told = (await staff.get("/metrics")).text
    assert 'hallware_room_check_late{room="baby-room"} 1.0' in told
    await hall.ask(request(hall, CheckRoom(room="baby-room")), "web:li")
    assert said not in (await staff.get(f"/?lang={lang}")).text
    assert 'hallware_room_check_late{room="baby-room"} 0.0' in (await staff.get("/metrics")).text


async def test_viewers_see_what_is_to_do_and_no_buttons(anybody: httpx.AsyncClient, accounts: object, lived: PaperHall) -> None:
    await anybody.get("/enter", params={"token": accounts.entry_link("one-viewer")})  # type: ignore[attr-defined]
    for path in ("/round", "/inventory/kiosk-1", "/maintenance", "/rooms"):
        page = (await anybody.get(path)).text
        assert "data-do" not in page, path


async def test_the_inventory_as_a_file_has_a_line_for_each_device_and_no_formula(
    lived: PaperHall, staff: httpx.AsyncClient
) -> None:  # fmt: skip
    rows = rows_of(await staff.get("/inventory/all.csv?lang=en"))
    assert rows[0][:3] == ["Device", "Kind", "Driver"]
    assert [row[0] for row in rows[1:]] == [one.device for one in lived.upkeep().devices]
    assert [row[2] for row in rows if row[0] == "rater-1"] == ["keypad"]


async def test_a_devices_history_names_the_code_and_the_reason_on_its_page_and_as_a_file(
    lived: PaperHall, staff: httpx.AsyncClient
) -> None:  # fmt: skip
    for lang, said in (("zh", "故障: 缺纸"), ("en", "Fault: out of paper")):
        page = (await staff.get(f"/inventory/kiosk-1?lang={lang}")).text
        assert f"{said} <code" in page
        assert ">paper-out</code>" in page
        assert ">ok</code>" not in page
    rows = rows_of(await staff.get(f"/inventory/turns.csv?day={lived.clock().date()}&lang=zh"))
    assert rows[0] == ["时间", "设备", "节点", "状态", "故障代码", "原因"]
    assert [row[1:] for row in rows[1:]] == [
        ["kiosk-1", "entrance", "故障", "paper-out", "缺纸"], ["kiosk-1", "entrance", "正常", "ok", "一切正常"],
    ]  # fmt: skip


async def test_records_as_a_file_say_who_did_what_and_found_what(lived: PaperHall, staff: httpx.AsyncClient) -> None:
    today = lived.clock().date()
    rows = rows_of(await staff.get(f"/maintenance/records.csv?first={today - timedelta(days=9)}&last={today}&lang=en"))
    assert rows[1][1:6] == [
        "kiosk-1", "Clean the print head", "web:li", "The cutter cuts clean and nothing jams", "'=切纸不齐",
    ]  # fmt: skip


async def test_the_daily_sheet_tells_everything_and_nothing_about_persons(lived: PaperHall, staff: httpx.AsyncClient) -> None:
    today = lived.clock().date()
    rows = rows_of(await staff.get(f"/rooms/sheet.csv?day={today}&lang=en"))
    said = [row[2] for row in rows[1:]]
    assert said.count("Stay") == 1
    assert "Call for help" in said
    assert any("Bin emptied" in row[6] for row in rows)
    (stay,) = [row for row in rows if row[2] == "Stay"]
    assert stay[4:] == ["15.0", "", ""]


@pytest.mark.parametrize("query", ["first=2026-01-01&last=2026-12-01", "day=yesterday", "first=2026-05-02&last=2026-05-01"])
async def test_a_sheet_of_days_that_cannot_be_shown_is_refused(staff: httpx.AsyncClient, query: str) -> None:
    for path in ("/rooms/sheet", "/rooms/sheet.csv"):
        assert (await staff.get(f"{path}?{query}")).status_code == 400


async def test_a_device_that_is_not_there_has_no_page(staff: httpx.AsyncClient) -> None:
    assert (await staff.get("/inventory/nothing")).status_code == 404


async def test_programs_get_the_same(lived: PaperHall, staff: httpx.AsyncClient) -> None:
    assert decode((await staff.get("/api/v1/upkeep")).content, UpkeepView) == lived.upkeep()
    (row,) = decode((await staff.get("/api/v1/upkeep/records")).content, list[UpkeepRow])
    assert (row.device, row.wrong) == ("kiosk-1", ("cutter",))
    assert len((await staff.get("/api/v1/upkeep/jobs")).json()) == 3
    assert len(decode((await staff.get("/api/v1/rooms/book")).content, RoomBook).checks) == 1


async def test_the_page_says_for_how_many_tickets_the_paper_is_enough(lived: PaperHall, staff: httpx.AsyncClient) -> None:
    lived.books.happen(PaperFed(at=lived.clock(), device="kiosk-1", day=lived.clock().date(), mm=1_000, reads=1_000))
    lived._change()
    page = (await staff.get("/inventory/kiosk-1?lang=en")).text
    assert "About 11.0 m left, enough for 100 tickets" in page
