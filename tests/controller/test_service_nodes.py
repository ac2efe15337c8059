"""The controller over a real broker, towards its nodes: events in order, kiosks alone, rooms, devices, commands, a full store."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.commands import CommandAnswer
from contract.dispatch import DispatchRequest
from contract.events import (
    HelpAsked,
    RoomChecked,
    StayEnded,
    StayLong,
    StayStarted,
    TicketIssued,
    TicketNotPrinted,
    TicketPrinted,
)
from contract.health import DeviceState
from contract.values import Text
from controller.service import HallService
from tests.controller.halls import EVERY_DAY
from tests.controller.play import Client, now, running_hall, today, token, until


async def test_events_are_stored_once_in_order_and_a_gap_is_asked_for(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path) as hall:
        for number in (1, 3, 1):
            await client.report("room-node", "room-1", RoomChecked(room="nursery"), number=number)
        await client.said(topics.ACK, lambda ack: ack.resend and ack.stored == 1, node="room-node")
        await client.report("room-node", "room-1", RoomChecked(room="nursery"), number=2)
        await client.report("room-node", "room-1", RoomChecked(room="nursery"), number=3)
        await client.acked("room-node", 3)
        assert hall.view().counts["repeated-event"] == 1
        node = next(node for node in hall.view().nodes if node.node == "room-node")
        assert node.stored == 3
    async with running_hall(broker, tmp_path) as hall:
        client.heard.clear()
        await client.report("room-node", "room-1", RoomChecked(room="nursery"), number=3)
        await client.acked("room-node", 3)
        await client.report("room-node", "room-1", RoomChecked(room="nursery"), number=1, epoch="epoch-two")
        await client.acked("room-node", 1, "epoch-two")
        assert [n.stored for n in hall.view().nodes if n.node == "room-node"] == [1]


async def test_a_kiosk_that_was_alone_is_reconciled(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        offers = {
            k: await client.said(topics.KIOSK_OFFER, lambda o: o.services[0].lease, kiosk=k) for k in ("kiosk-1", "kiosk-2")
        }
        leases = [offers[kiosk].services[0].lease for kiosk in offers]
        assert [(lease.first, lease.last) for lease in leases] == [(800, 803), (804, 807)]
        assert offers["kiosk-1"].ticket_link == "http://hall.example/t/"
        grant = await client.request(id="a-request-left-unanswered")
        for number in (800, 801, 802):
            request = "a-request-left-unanswered" if number == 800 else None
            issued = TicketIssued(ticket=f"leased-{number}", number=f"A{number}", service="social", request=request)
            await client.report("entrance", "kiosk-1", issued)
            await client.report("entrance", "kiosk-1", TicketPrinted(ticket=issued.ticket, number=issued.number))
        await client.acked("entrance", 6)
        withdrawn = await hall.ticket(grant.ticket)
        assert withdrawn is not None
        assert withdrawn.state == "void"
        assert (await client.ask(dispatch.CallNext(window="w1"))).number == "A800"
        await client.said(topics.KIOSK_OFFER, lambda o: o.services[0].lease.first == 808, kiosk="kiosk-1")
        await client.report("entrance", "kiosk-1", TicketIssued(ticket=token(), number="A001", service="social"))
        await client.acked("entrance", 7)
        assert hall.view().counts["not-leased"] == 1


async def test_a_ticket_that_was_not_printed_is_nobodys(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        grant = await client.request()
        await client.report("entrance", "kiosk-1", TicketNotPrinted(ticket=grant.ticket, number=grant.number, why="paper is out"))
        await client.acked("entrance", 1)
        found = await hall.ticket(grant.ticket)
        assert found is not None
        assert found.state == "void"


async def test_an_unconfirmed_ticket_is_withdrawn_by_time(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path, calling="unprinted = 0.5") as hall:
        grant = await client.request()
        await until(lambda: hall._state.queue.tickets.get(grant.ticket).state == "void")  # type: ignore[union-attr]
        await client.report("entrance", "kiosk-1", TicketPrinted(ticket=grant.ticket, number=grant.number))
        await until(lambda: hall.view().services[0].count == 1)


async def test_a_closed_hall_offers_nothing_and_says_when_it_opens(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    hour = f"{(datetime.now(ZoneInfo('Asia/Shanghai')).hour + 12) % 24:02d}"
    async with running_hall(broker, tmp_path, hours=f'opens = "{hour}:00", closes = "{hour}:01", {EVERY_DAY}'):
        offer = await client.said(topics.KIOSK_OFFER, kiosk="kiosk-1")
        assert [service.open for service in offer.services] == [False] * 3
        assert offer.services[0].why_closed.zh
        picture = await client.said(topics.BOARD_PICTURE, board="main")
        assert picture.idle.en == f"Open {hour}:00–{hour}:01"
        assert (await client.request()).code == "closed"


async def test_the_room_log_and_calls_for_help(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        stay = token()
        await client.report("room-node", "room-1", StayStarted(stay=stay, room="nursery", cubicle="one"))
        await client.report("room-node", "room-1", StayLong(stay=stay, room="nursery", cubicle="one", lasted=2700))
        await client.report("room-node", "room-1", HelpAsked(place="nursery", cubicle="one"))
        await client.report("room-node", "room-1", HelpAsked(place="nursery", cubicle="one"))
        await client.report("room-node", "room-1", RoomChecked(room="nursery"))
        await client.acked("room-node", 5)
        room = hall.view().rooms[0]
        assert [(c.cubicle, c.occupied, c.long) for c in room.cubicles] == [("one", True, True)]
        assert room.checked is not None
        (help_,) = hall.view().help
        assert (await client.ask(dispatch.AnswerHelp(help=help_.id))).outcome == "done"
        assert (await client.ask(dispatch.AnswerHelp(help=help_.id))).code == "unknown-help"
        await client.report("room-node", "room-1", StayEnded(stay=stay, room="nursery", cubicle="one", lasted=2800))
        await client.report("room-node", "room-1", StayEnded(stay=token(), room="nursery", cubicle="two", lasted=60))
        await client.acked("room-node", 7)
        assert hall.view().rooms[0].cubicles == ()
        assert sorted((row.cubicle, row.lasted) for row in await hall.stays(today())) == [("one", 2800), ("two", 60)]


async def test_nodes_and_devices_are_seen_and_a_stale_will_is_not(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path) as hall:

        def state() -> Any:
            status = next(node.status for node in hall.view().nodes if node.node == "desk")
            return status and (status.session, status.state)

        await client.birth("desk", "session-1")
        await until(lambda: state() == ("session-1", "online"))
        await client.birth("desk", "session-2")
        await until(lambda: state() == ("session-2", "online"))
        await client.birth("desk", "session-1", "lost")
        broken = DeviceState(
            device="strip-1", kind="board", condition="fault", code="no-wire", what=Text(zh="断线", en="no wire"), since=now()
        )
        await client.link.say(topics.DEVICE_STATE, broken, node="desk", device="strip-1")
        await until(lambda: any(node.devices == (broken,) for node in hall.view().nodes))
        assert state() == ("session-2", "online")
        await client.birth("desk", "session-2", "lost")
        await until(lambda: state() == ("session-2", "lost"))


async def test_a_command_goes_to_the_devices_node_and_its_answer_into_the_audit_log(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path) as hall:
        do = dispatch.CommandDevice(device="strip-1", order="self-test")
        assert (await client.ask(do)).code == "node-away"
        assert (await client.ask(dispatch.CommandDevice(device="nothing", order="reload"))).code == "unknown-device"
        await client.birth("desk", "session-1")
        await until(lambda: any(node.status for node in hall.view().nodes))
        assert (await client.ask(do)).outcome == "done"
        command = await client.said(topics.COMMAND, node="desk")
        answer = CommandAnswer(id=command.id, device="strip-1", at=now(), outcome="done", what=Text(zh="好", en="fine"))
        await client.link.say(topics.COMMAND_ANSWER, answer, node="desk")
        await client.link.say(topics.COMMAND_ANSWER, answer, node="desk")
        await until(lambda: hall.view().counts.get("unasked-answer") == 1)
        assert (await hall.audit(today()))[0].what == "strip-1: 好 · fine"


async def test_pictures_come_back_after_the_broker_was_away(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        await client.said(topics.BOARD_PICTURE, board="main")
        await broker.stop()
        request = DispatchRequest(
            id=token(), at=now(), not_after=now() + timedelta(seconds=9), do=dispatch.IssueTicket(service="social")
        )
        assert (await hall.ask(request, "web:li")).number == "A001"
        client.heard.clear()
        await broker.start()
        await client.said(topics.KIOSK_OFFER, lambda o: o.services[0].waiting == 1, kiosk="kiosk-1")
        status = await client.said(topics.CONTROLLER_STATUS)
        assert status.state == "online"


async def test_a_goodbye_and_a_heartbeat(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path):
        await until(lambda: len(client.messages(topics.CONTROLLER_STATUS)) >= 2, "birth and heartbeat")
        status = client.messages(topics.CONTROLLER_STATUS)[-1]
        assert (status.state, status.every) == ("online", 5.0)
        await client.ask(dispatch.CallNext(window="w1"))
    last = await client.said(topics.CONTROLLER_STATUS, lambda s: s.state == "offline")
    assert last.session == status.session


async def test_changes_come_once_each_and_end_with_the_hall(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        changes = hall.changes()
        first = await anext(changes)
        assert hall.view() is first, "nothing has changed"
        await client.ask(dispatch.IssueTicket(service="social"))
        second = await anext(changes)
        assert second.version > first.version
        assert second.services[0].waiting[0].number == "A001"
    assert [view async for view in changes] == []


async def test_a_full_store_does_nothing_and_comes_back(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        await _limit(hall, 1)
        reply = await _ask_many(hall)
        assert reply.code == "store-failed"
        count = len(hall._state.queue.tickets)
        await client.report("room-node", "room-1", RoomChecked(room="nursery"))
        await _limit(hall, 1_000_000)
        assert (await client.ask(dispatch.IssueTicket(service="social"))).outcome == "done"
        assert len(hall._state.queue.tickets) == count + 1


async def _limit(hall: HallService, pages: int) -> None:
    """Let the database file grow to so many pages at most."""

    def limit() -> None:
        connection = hall._store._connection
        assert connection is not None
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.rollback()

    await hall._thread.do(limit)


async def _ask_many(hall: HallService) -> Any:
    """Ask for tickets until one is refused."""
    for _ in range(3000):
        request = DispatchRequest(
            id=token(), at=now(), not_after=now() + timedelta(seconds=9), do=dispatch.IssueTicket(service="social")
        )
        reply = await hall.ask(request, "web:li")
        if reply.outcome == "refused":
            return reply
    raise AssertionError("the disk never filled up")
