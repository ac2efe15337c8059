"""The kiosk's agent over simulated keys and printer: what a citizen gets, and what staff and controller hear."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from contract.commands import Identify, PrintSlip, SelfTest
from contract.events import TicketNotPrinted, TicketPrinted
from contract.ticketing import TicketGrant, TicketRequest
from contract.topics import COMMAND, KIOSK_OFFER
from contract.values import Text
from firmware.agents.kiosk_job import from_grant
from firmware.agents.kiosk_journal import KioskJournal
from tests.keys.running import command
from tests.kiosk.hall import HALL_TIME, LAND, SOCIAL, URGENT, KioskStation, kiosk, lease, offer
from tests.kiosk.test_kiosk_journal import damage

pytestmark = pytest.mark.timeout(60)


async def test_a_press_becomes_a_ticket_and_the_controller_hears_that_it_was_printed(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        await at.press()
        (page,) = await at.tickets(1)
        assert "社会保障" in page.text
        assert "A001" in page.text
        assert "您前面还有 4 人" in page.text
        assert page.qr == ("https://hall.example/t/ticket-001",)
        await at.station.until(lambda: at.station.facts)
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001")]


async def test_a_priority_key_asks_for_priority_and_the_ticket_says_so(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        await at.press(URGENT)
        (page,) = await at.tickets(1)
        assert "优先" in page.text
        assert at.station.requests[0].priority == "priority"


async def test_the_ticket_of_an_appointment_says_so(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.station.ticket_class = "appointment"
        await at.press()
        (page,) = await at.tickets(1)
        assert "预约 APPOINTMENT" in page.text


async def test_a_request_goes_stale_with_the_citizens_patience(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        await at.press()
        await at.tickets(1)
        request = at.station.requests[0]
        assert request.not_after - request.at == timedelta(seconds=at.config.patience)


async def test_drumming_on_a_key_gives_one_ticket_and_a_count(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(), patience=60.0) as at:
        at.station.silent = True
        for repeated in range(5):
            await at.press()
            await at.station.until(lambda seen=repeated: at.station.counts["repeated-press"] == seen)  # type: ignore[misc]
        assert len(at.station.requests) == 1


async def test_two_keys_at_once_give_two_tickets(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        await asyncio.gather(at.press(SOCIAL), at.press(LAND))
        pages = await at.tickets(2)
        assert {page.qr for page in pages} == {("https://hall.example/t/ticket-001",), ("https://hall.example/t/ticket-002",)}


async def test_a_refusal_is_explained_on_paper_and_no_ticket_is_given(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.station.refuse = True
        await at.press()
        (page,) = await at.tickets(1)
        assert "今日号已取完" in page.text
        assert page.qr == ()
        assert not at.station.facts


async def test_a_closed_service_is_explained_on_paper_and_not_asked_for(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(closed=Text(zh="下午两点开始办理", en="Open from 2 pm"))) as at:
        await at.press()
        (page,) = await at.tickets(1)
        assert "下午两点开始办理" in page.text
        assert not at.station.requests
        assert at.station.counts["refused-press"] == 1


@pytest.mark.parametrize(
    ("hand", "code", "touch", "undo"),
    [
        ("run_out", "paper-out", "new roll, print side up", "load_paper"),
        ("open_cover", "cover-open", "close the printer's cover", "close_cover"),
        ("power_off", "printer-silent", "switched on", "power_on"),
    ],
)
async def test_what_stops_the_printer_stops_the_offer_until_it_is_mended(
    tmp_path: Path, hand: str, code: str, touch: str, undo: str
) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        getattr(at.printer, hand)()
        await at.code(code)
        condition, _, _, what_to_touch = at.station.states[-1]
        assert condition == "fault"
        assert what_to_touch is not None
        assert touch in what_to_touch.en
        await at.press()
        await at.station.until(lambda: at.station.counts["refused-press"] == 1)
        assert not at.station.requests
        getattr(at.printer, undo)()
        await at.code("ok")
        await at.press()
        await at.tickets(1)


async def test_low_paper_is_said_and_tickets_go_on(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.printer.near_end()
        await at.code("paper-low")
        assert at.station.states[-1][0] == "attention"
        await at.press()
        await at.tickets(1)


async def test_a_pulled_cable_is_a_fault_and_putting_it_back_is_enough(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.port.unplug()
        await at.code("printer-missing")
        at.port.plug()
        await at.code("ok")
        await at.press()
        await at.tickets(1)


async def test_paper_that_ends_amid_a_ticket_is_printed_again_with_a_mark(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.printer.run_out(after=20)
        await at.press()
        await at.code("paper-out")
        await at.station.until(lambda: at.station.counts["unsure-ticket"] == 1)
        assert not at.station.facts
        at.printer.load_paper()
        await at.station.until(lambda: at.station.facts)
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001", reprint=True)]
        assert "补打" in at.pages[-1].text
        assert "A001" in at.pages[-1].text


async def test_an_unsure_ticket_that_is_no_longer_fresh_is_given_up(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.printer.run_out(after=20)
        await at.press()
        await at.station.until(lambda: at.station.counts["unsure-ticket"] == 1)
        at.station.clock.skip(120)
        await at.station.until(lambda: at.station.facts)
        (fact,) = at.station.facts
        assert isinstance(fact, TicketNotPrinted)
        assert fact.unsure


async def test_an_unsure_ticket_stays_fresh_when_the_clock_is_set_an_hour_ahead(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.printer.run_out(after=20)
        await at.press()
        await at.station.until(lambda: at.station.counts["unsure-ticket"] == 1)
        at.station.clock.set_ahead(3600)
        at.printer.load_paper()
        await at.station.until(lambda: at.station.facts)
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001", reprint=True)]


async def test_a_ticket_that_a_power_cut_interrupted_is_printed_again_with_a_mark(tmp_path: Path) -> None:
    station = KioskStation(tmp_path)
    leave_begun(station, tmp_path)
    async with kiosk(tmp_path, station=station, told=offer()) as at:
        (page,) = await at.tickets(1)
        assert "补打" in page.text
        await at.station.until(lambda: at.station.facts)
        assert at.station.facts == [TicketPrinted(ticket="ticket-000", number="A000", reprint=True)]


async def test_an_old_interrupted_ticket_is_reported_and_not_printed(tmp_path: Path) -> None:
    station = KioskStation(tmp_path)
    leave_begun(station, tmp_path)
    station.clock.skip(600)
    async with kiosk(tmp_path, station=station, told=offer()) as at:
        await at.station.until(lambda: at.station.facts)
        (fact,) = at.station.facts
        assert isinstance(fact, TicketNotPrinted)
        assert fact.unsure
        assert not at.pages


def leave_begun(station: KioskStation, folder: Path) -> None:
    """What a journal looks like when the power fails while a ticket is printed."""
    now = station.clock.now()
    request = TicketRequest(id="request-0", kiosk="kiosk-1", service="social", at=now, not_after=now)
    grant = station.reply(request)
    assert isinstance(grant, TicketGrant)
    job = from_grant(grant, offer())
    with KioskJournal(folder / "kiosk-1.sqlite") as journal:
        journal.begin(job)


async def test_a_full_outbox_stops_the_offer_and_loses_nothing(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.station.full = True
        await at.press()
        await at.tickets(1)
        await at.code("disk-full")
        await at.press()
        await at.station.until(lambda: at.station.counts["refused-press"] == 1)
        at.station.full = False
        await at.code("ok")
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001")]


async def test_a_kiosk_that_nobody_offers_anything_says_so(tmp_path: Path) -> None:
    async with kiosk(tmp_path, ready=False) as at:
        await at.code("no-offer")
        await at.press()
        await at.station.until(lambda: at.station.counts["refused-press"] == 1)
        at.station.tell(KIOSK_OFFER, offer())
        await at.code("ok")


async def test_commands_are_carried_out_once_and_answered(tmp_path: Path) -> None:
    slip = PrintSlip(slip="slip0001", title=Text(zh="受理凭证", en="Receipt"), lines=("材料齐全",), reprint=True)
    async with kiosk(tmp_path, told=offer()) as at:
        order = command("kiosk-1", slip)
        for message in (command("kiosk-1", SelfTest()), order, order, command("kiosk-1", Identify())):
            at.station.tell(COMMAND, message)
        await at.station.until(lambda: len(at.station.answers) == 3)
        assert [answer.outcome for answer in at.station.answers] == ["done", "done", "done"]
        test_page, receipt, name = at.pages
        assert "打印测试" in test_page.text
        assert "取号打印机" in test_page.text
        assert "/dev/serial/by-id/printer  80 mm  gbk  115200" in test_page.text
        assert "补打" in receipt.text
        assert "slip0001" in receipt.text
        assert "kiosk-1" in name.text


async def test_a_command_that_cannot_be_printed_is_answered_so(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.printer.open_cover()
        await at.code("cover-open")
        at.station.tell(COMMAND, command("kiosk-1", SelfTest()))
        await at.station.until(lambda: at.station.answers)
        assert at.station.answers[0].outcome == "failed"


async def test_a_held_key_gives_one_ticket_and_the_time_on_it_is_the_halls(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.simulation.lines.hold(SOCIAL.line)
        (page,) = await at.tickets(1)
        assert f"{at.station.clock.now().astimezone(HALL_TIME):%Y-%m-%d %H:%M}" in page.text
        await at.station.until(lambda: at.station.facts)
        assert len(at.pages) == 1


async def test_a_printer_without_answers_gives_tickets_that_were_sent(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(), answers=False) as at:
        await at.press()
        await at.station.until(lambda: at.station.facts)
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001", proof="sent")]


async def test_a_damaged_journal_is_set_aside_and_todays_lease_with_it(tmp_path: Path) -> None:
    damage(tmp_path / "kiosk-1.sqlite")
    async with kiosk(tmp_path, told=offer(block=lease())) as at:
        assert at.station.counts["journal-set-aside"] == 1
        await at.press()
        await at.tickets(1)
        at.station.lose_controller()
        await at.code("no-numbers")


async def test_a_proven_ticket_is_told_as_soon_as_the_disk_takes_its_end(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        at.printer.slow_down(2000)
        await at.press()
        with closing(sqlite3.connect(tmp_path / "kiosk-1.sqlite", isolation_level=None)) as other:
            await at.station.until(lambda: other.execute("SELECT count(*) FROM tickets").fetchone() == (1,))
            other.execute("BEGIN IMMEDIATE")
            await at.tickets(1)
            await at.station.until(lambda: at.station.counts["lost-press"] == 1, seconds=20)
            assert not at.station.facts
            other.execute("ROLLBACK")
        await at.station.until(lambda: at.station.facts)
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001")]
