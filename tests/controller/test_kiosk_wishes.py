"""What a kiosk with a screen needs of the controller: one ticket for several services, and the notices of the hall."""

from pathlib import Path

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.events import TicketIssued
from contract.values import Text
from tests.controller.play import Client, printed, running_hall, token


async def test_one_ticket_for_several_services_is_granted_printed_and_goes_on(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path) as hall:
        grant = await printed(client, "social", then=("civil",))
        assert [name.en for name in grant.then] == ["Civil affairs"]
        await client.ask(dispatch.CallNext(window="w1"))
        await client.ask(dispatch.Start(window="w1"))
        await client.ask(dispatch.Finish(window="w1"))
        found = hall._state.queue.tickets.get(grant.ticket)
        assert found is not None
        assert (found.service, found.state, found.rest) == ("civil", "waiting", ())
        assert (await client.request("social", then=("moon",))).code == "not-offered"
        assert (await client.request("social", kiosk="kiosk-2", then=("civil",))).code == "not-offered"
        for _ in range(3):
            await printed(client, "estate")
        assert (await client.request("social", then=("estate",))).code == "quota", "nobody is sent where no place is left"


async def test_a_leased_ticket_for_several_services_goes_on_too(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        await client.said(topics.KIOSK_OFFER, lambda offer: offer.services[0].lease, kiosk="kiosk-1")
        issued = TicketIssued(ticket=token(), number="A800", service="social", then=("civil", "moon"))
        await client.report("entrance", "kiosk-1", issued)
        await client.acked("entrance", 1)
        found = hall._state.queue.tickets.get(issued.ticket)
        assert found is not None
        assert found.rest == ("civil",)


async def test_a_kiosk_hears_what_the_hall_is_told(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path):
        for text, zones in (("今日17点闭馆", ()), ("西区停电", ("west",))):
            notice = dispatch.PostNotice(text=Text(zh=text, en=text), zones=zones)
            assert (await client.ask(notice)).outcome == "done"
        offer = await client.said(topics.KIOSK_OFFER, lambda offer: len(offer.notices) == 2, kiosk="kiosk-1")
        assert {line.text.zh for line in offer.notices} == {"今日17点闭馆", "西区停电"}
