"""Without its controller a kiosk gives out the numbers of its lease, each once; a grant that comes too late goes to nobody."""

from datetime import timedelta
from pathlib import Path

from contract.events import TicketIssued, TicketNotPrinted, TicketPrinted
from tests.kiosk.hall import LAND, KioskStation, kiosk, lease, offer


async def test_without_a_controller_numbers_come_from_the_lease_and_each_once(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(block=lease())) as at:
        at.station.lose_controller()
        await at.code("on-lease")
        for count in (1, 2, 3):
            await at.press()
            await at.tickets(count)
            await at.station.until(lambda: len(at.station.facts) == 2 * len(at.pages))
        await at.code("no-numbers")
        assert ["A901" in page.text for page in at.pages] == [True, False, False]
        assert "A903" in at.pages[2].text
        assert "等候时间未知" in at.pages[0].text
        await at.station.until(lambda: len(at.station.facts) == 6)
        issued = [fact for fact in at.station.facts if isinstance(fact, TicketIssued)]
        printed = [fact for fact in at.station.facts if isinstance(fact, TicketPrinted)]
        assert [fact.number for fact in issued] == [fact.number for fact in printed] == ["A901", "A902", "A903"]
        await at.press()
        await at.station.until(lambda: at.station.counts["refused-press"] == 1)


async def test_a_silent_controller_is_waited_for_only_so_long(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(block=lease()), patience=0.3) as at:
        at.station.silent = True
        await at.press()
        (page,) = await at.tickets(1)
        assert "A901" in page.text
        await at.station.until(lambda: len(at.station.facts) == 2)
        assert isinstance(issued := at.station.facts[0], TicketIssued)
        assert issued.request == at.station.requests[0].id
        at.station.answer(at.station.reply(at.station.requests[0]))
        await at.press(LAND)
        await at.station.until(lambda: len(at.station.requests) == 2)
        assert len(at.station.facts) == 2, "a grant that the lease has overtaken is withdrawn by the issue itself"


async def test_a_grant_that_comes_too_late_goes_to_nobody(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(), patience=0.3) as at:
        at.station.silent = True
        await at.press()
        (page,) = await at.tickets(1)
        assert "请到服务台" in page.text
        reply = at.station.reply(at.station.requests[0])
        at.station.answer(reply)
        at.station.answer(reply)
        await at.station.until(lambda: at.station.facts)
        (fact,) = at.station.facts
        assert isinstance(fact, TicketNotPrinted)
        assert fact.ticket == "ticket-001"
        assert not fact.unsure


async def test_a_lease_of_another_day_is_worth_nothing(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(block=lease(day=lease().day - timedelta(days=1)))) as at:
        at.station.lose_controller()
        await at.code("no-numbers")


async def test_used_numbers_and_the_offer_outlive_a_restart_without_controller(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(block=lease())) as at:
        at.station.lose_controller()
        await at.code("on-lease")
        await at.press()
        await at.tickets(1)
        await at.station.until(lambda: len(at.station.facts) == 2)
    alone = KioskStation(tmp_path)
    alone.lose_controller()
    async with kiosk(tmp_path, station=alone, ready=False) as at:
        await at.code("on-lease")
        await at.press()
        (page,) = await at.tickets(1)
        assert "A902" in page.text
