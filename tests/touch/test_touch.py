"""A touch screen over a simulated printer: what a touch comes to, and what the screen says of it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.events import HelpAsked, TicketIssued, TicketPrinted
from contract.helping import HelpSpot, HelpState
from contract.scanning import ScanReply
from contract.settings import BadSettings, parse
from contract.topics import HELP_STATE, KIOSK_OFFER
from contract.values import Text
from firmware.agents import kiosk_touch
from firmware.config import NodeConfig, ServiceKey
from tests.touch.screens import CLOSING, TouchKiosk, offer, touch_kiosk

pytestmark = pytest.mark.timeout(60)


def card(screen: dict[str, Any], service: str) -> dict[str, Any]:
    """One service on the screen."""
    return next(card for card in screen["cards"] if card["service"] == service)


async def test_a_touch_becomes_a_ticket_with_its_wait_on_screen_and_paper(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        said = await at.post("/take", service="social")
        assert (said["became"], said["number"], said["ahead"]) == ("printed", "A001", 4)
        assert said["wait"] == {"low": 10, "high": 20}
        (page,) = await at.tickets(1)
        assert "预计等候 10-20 分钟" in page.text
        await at.station.until(lambda: at.station.facts)
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001")]


async def test_several_services_and_priority_stand_on_one_ticket(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        said = await at.post("/take", service="social", then=["land", "civil"], priority=True)
        assert [name["en"] for name in said["then"]] == ["Land registry", "Civil affairs"]
        assert said["priority"] is True
        request = at.station.requests[0]
        assert (request.then, request.priority) == (("land", "civil"), "priority")
        (page,) = await at.tickets(1)
        assert "随后办理 不动产登记、民政事务" in page.text


async def test_an_order_that_comes_twice_gives_one_ticket_and_one_answer(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        first, second = await asyncio.gather(*(at.post("/take", "order-0001", service="social") for _ in range(2)))
        assert first == second
        assert await at.post("/take", "order-0001", service="social") == first
        assert len(at.station.requests) == len(at.pages) == 1


async def test_two_orders_at_once_give_one_ticket(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        said = await asyncio.gather(*(at.post("/take", service="social") for _ in range(3)))
        assert sorted(one["became"] for one in said) == ["busy", "busy", "printed"]
        assert len(at.station.requests) == len(at.pages) == 1
        assert at.station.counts["repeated-press"] == 2


async def test_a_browser_that_goes_away_while_it_prints_has_its_ticket_all_the_same(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        order = asyncio.create_task(at.post("/take", service="social"))
        await at.station.until(lambda: at.station.requests)
        order.cancel()
        await at.tickets(1)
        await at.station.until(lambda: at.station.facts)


async def test_the_screen_tells_of_each_service_how_many_wait_and_how_long_or_why_it_is_closed(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        screen = await at.screen()
        assert (card(screen, "social")["waiting"], card(screen, "social")["wait"]) == (5, {"low": 10, "high": 20})
        shut = card(screen, "market")
        assert (shut["open"], shut["why"]["zh"], shut["waiting"]) == (False, "今日号已取完", None)
        assert (screen["away"], screen["as_of"], screen["out"]) == (False, None, None)
        assert [notice["text"]["en"] for notice in screen["notices"]] == [CLOSING.text.en]
        said = await at.post("/take", service="market")
        assert (said["became"], said["why"]["zh"]) == ("refused", "今日号已取完")
        assert not at.pages, "the screen says it, no paper is spent"


async def test_without_a_controller_the_number_is_leased_and_figures_say_how_old_they_are(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path, stale=60) as at:
        at.station.lose_controller()
        await at.code("on-lease")
        screen = await at.screen()
        assert screen["away"] is True
        assert screen["as_of"] is not None
        assert card(screen, "social")["waiting"] == 5
        assert card(screen, "land")["open"] is False, "it has no numbers of its own"
        said = await at.post("/take", service="social", then=["land"])
        assert said["number"] == "A901"
        assert "ahead" not in said
        (page,) = await at.tickets(1)
        assert "等候时间未知" in page.text
        issued = next(fact for fact in at.station.facts if isinstance(fact, TicketIssued))
        assert issued.then == ("land",)
        at.station.clock.skip(61)
        screen = await at.screen()
        assert (card(screen, "social")["waiting"], screen["as_of"]) == (None, None), "what is too old is not shown"
        assert screen["notices"] == []


async def test_a_silent_controller_costs_a_citizen_no_more_than_the_patience(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path, patience=0.3) as at:
        at.station.silent = True
        said = await at.post("/take", service="social")
        assert (said["number"], "ahead" in said) == ("A901", False)
        assert (await at.post("/take", service="land"))["became"] == "refused"


async def test_paper_out_is_said_with_where_to_go_and_heals_by_itself(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path, desk=Text(zh="3号咨询台", en="desk 3")) as at:
        at.printer.run_out()
        await at.code("paper-out")
        screen = await at.screen()
        assert screen["out"] == {
            "zh": "取号机缺纸，请到3号咨询台取号",
            "en": "The kiosk is out of paper. Please take a ticket at desk 3",
        }
        said = await at.post("/take", service="social")
        assert (said["became"], said["why"]) == ("refused", screen["out"])
        assert not at.station.requests
        at.printer.load_paper()
        await at.code("ok")
        assert (await at.screen())["out"] is None


async def test_a_ticket_on_which_the_paper_ends_is_not_called_printed(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        at.printer.run_out(after=20)
        said = await at.post("/take", service="social")
        assert (said["became"], said["number"]) == ("unsure", "A001")
        assert "补打" in said["why"]["zh"]
        at.printer.load_paper()
        await at.station.until(lambda: at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001", reprint=True)])


async def test_a_refusal_of_the_controller_stands_on_the_screen(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        at.station.refuse = True
        said = await at.post("/take", service="social")
        assert (said["became"], said["why"]["zh"]) == ("refused", "今日号已取完")
        assert not at.pages


async def test_an_appointment_is_checked_in_by_its_code_and_its_slip_is_waited_for(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        said = asyncio.create_task(at.post("/check-in", "order-0001", code="20261125"))
        await at.station.until(lambda: at.scans)
        assert (at.scans[0].kind, at.scans[0].slip) == ("appointment", "kiosk-1")
        await at.print_slip()
        assert (await said) == {"became": "checked-in", "number": "A007", "ahead": 1, "wait": {"low": 3, "high": 8}}
        assert "A007" in at.pages[0].text


async def test_a_code_that_is_none_is_refused_in_the_controllers_words(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        said = await at.post("/check-in", code="11111111")
        assert (said["became"], said["why"]["en"]) == ("refused", "There is no such appointment")
        at.station.lose_controller()
        await at.code("on-lease")
        said = await at.post("/check-in", code="20261125")
        assert (said["became"], said["why"]["zh"]) == ("refused", "暂时无法签到，请到服务台")


async def test_a_check_in_whose_slip_jams_still_tells_its_number(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        said = asyncio.create_task(at.post("/check-in", "order-0001", code="20261125"))
        await at.station.until(lambda: at.scans)
        await at.do("run_out")
        await at.print_slip()
        answer = await said
        assert (answer["became"], answer["number"]) == ("checked-in", "A007")
        assert "请记住号码" in answer["why"]["zh"]


async def test_a_call_for_help_is_a_fact_and_the_screen_says_when_somebody_comes(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at:
        assert (await at.post("/help"))["became"] == "help-asked"
        assert at.station.facts == [HelpAsked(place="zone-a")]
        assert (await at.screen())["help"] == "asked"
        now = at.station.clock.now()
        for spot in (HelpSpot(asked=now), HelpSpot(answered=now + timedelta(seconds=1))):
            at.station.tell(HELP_STATE, HelpState(place="zone-a", at=now, spots=(spot,)))
        await at.station.until(lambda: at.station._topics["help-state"].empty())
        assert (await at.screen())["help"] == "coming"
        at.station.full = True
        said = await at.post("/help")
        assert (said["became"], "请直接到服务台" in said["why"]["zh"]) == ("refused", True)


async def test_what_the_scanner_beside_it_was_told_stands_on_the_screen_for_a_while(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path, scanner="scanner-1") as at:
        what = Text(zh="A012 在排队，前面 3 人", en="A012 waits: 3 ahead")
        await at.screen()
        at.station.tell_neighbours(ScanReply(request="scan-0001", outcome="found", what=what), "scanner-1")
        await asyncio.sleep(0)
        assert (await at.screen())["scanned"] == {"id": "scan-0001", "good": True, "what": {"zh": what.zh, "en": what.en}}
        at.station.clock.skip(13)
        assert (await at.screen())["scanned"] is None


@pytest.mark.parametrize(
    ("change", "order"),
    [
        ({"priority": False}, {"service": "social", "priority": True}),
        ({"several": 1}, {"service": "social", "then": ["land"]}),
        ({}, {"service": "social", "then": ["social"]}),
        ({}, {"service": "social", "then": ["market"]}),
        ({}, {"service": "moon"}),
    ],
)
async def test_what_the_plan_does_not_allow_is_refused(tmp_path: Path, change: dict[str, Any], order: dict[str, Any]) -> None:
    async with touch_kiosk(tmp_path, **change) as at:
        assert (await at.post("/take", **order))["became"] == "refused"
        assert not at.station.requests
        assert (await at.post("/take", service="social"))["became"] == "printed", "the screen is free again"


async def test_keys_beside_the_screen_go_on_and_share_its_printer(tmp_path: Path) -> None:
    key = ServiceKey(line=5, service="social")
    async with touch_kiosk(tmp_path, keys=(key,)) as at:
        await asyncio.gather(at.press(key), at.post("/take", service="social"))
        pages = await at.tickets(2)
        assert len({page.qr for page in pages}) == 2


async def test_a_new_offer_reaches_the_page_that_looks_at_once(tmp_path: Path) -> None:
    async with touch_kiosk(tmp_path) as at, at.browser() as client, client.stream("GET", "/live") as stream:
        lines = (line async for line in stream.aiter_lines() if line.startswith("data: "))
        assert "A区" in await anext(lines)
        full = msgspec.structs.replace(offer(version=2), hall_name=Text(zh="新大厅", en="New hall"))
        at.station.tell(KIOSK_OFFER, full)
        async with asyncio.timeout(2):
            assert "新大厅" in await anext(lines)


async def test_the_beat_comes_also_while_much_happens_that_changes_nothing_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kiosk_touch, "BEAT", 0.2)

    async def chatter(at: TouchKiosk) -> None:
        while True:
            at.station.tell(KIOSK_OFFER, offer())
            await asyncio.sleep(0.02)

    async with touch_kiosk(tmp_path) as at, at.browser() as client, client.stream("GET", "/live") as stream:
        lines = (line.partition('"hall"')[2] async for line in stream.aiter_lines() if line.startswith("data: "))
        shown = await anext(lines)
        talking = asyncio.create_task(chatter(at))
        async with asyncio.timeout(5):
            assert await anext(lines) == shown
        talking.cancel()


NODE = """
node = { id = "n", hall = "h" }
[[device]]
kind = "kiosk"
id = "kiosk-1"
printer = { wire = "/dev/usb/lp0" }
"""


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("", "needs `keys`, or a `touch` screen"),
        ("touch = { port = 80 }", "port"),
        ('touch = { languages = ["zh", "zh"] }', "language"),
        ("touch = { several = 9 }", "several"),
        ("touch = { adress = 1 }", "adress"),
    ],
)
def test_a_wrong_setting_is_named(more: str, says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        parse(NODE + more, NodeConfig, name="node.toml")


def test_two_screens_need_two_ports() -> None:
    other = NODE.replace("kiosk-1", "kiosk-2").replace("lp0", "lp1").partition("[[device]]")[2]
    with pytest.raises(BadSettings, match="port of a touch screen"):
        parse(f"{NODE}touch = {{}}\n[[device]]{other}touch = {{}}", NodeConfig, name="node.toml")
