"""The outbox holds what was decided from the same commit on, on both databases: reminders, order, giving up, waiting again."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from broker_config.process import MosquittoProcess
from contract import dispatch
from controller.store import outbox, tables
from controller.store.reading import reading
from hallware.main import main
from tests.controller.halls import NOON, text
from tests.controller.play import Client
from tests.controller.test_crash import born, controller
from tests.webhooks.play import hall, until
from tests.webhooks.receiver import receiving, says, table, takes

APPOINTMENTS = 'appointments = { minutes = 30, places = 5, days = 3, remind = 24 }\nprefix = "A"'


def states(store: str) -> list[tuple[str, str]]:
    """Event and state of each message, the first one first."""
    row = tables.outbox.c
    with reading(store) as connection:
        return [(found.event, found.state) for found in connection.execute(select(row.event, row.state).order_by(row.number))]


async def test_a_reminder_carries_code_and_contact_and_the_ticket_keeps_the_contact(tmp_path: Path, database: str) -> None:
    clock = [NOON]
    hook = table("http://127.0.0.1:9/", tmp_path / "secret", events=["appointment.reminder", "ticket.soon", "ticket.called"])
    body = text(database).replace('prefix = "A"', APPOINTMENTS) + hook
    async with hall(database, clock=lambda: clock[0], whole=body, carried=False) as here:
        slot = NOON + timedelta(hours=26)
        booked = await here.ask(dispatch.BookAppointment(service="social", slot=slot, contact="wx-4711"))
        here.tick()
        assert not states(database)
        clock[0] = slot - timedelta(hours=23)
        here.tick()
        await until(lambda: ("appointment.reminder", "waiting") in states(database))
        clock[0] = slot - timedelta(minutes=1)
        here.tick()
        assert booked.check_in is not None
        await here.ask(dispatch.CheckIn(code=booked.check_in))
        clock[0] = slot
        here.tick()
        await until(lambda: ("ticket.soon", "waiting") in states(database))
        await here.ask(dispatch.CallNext(window="w2"))
    assert states(database) == [("appointment.reminder", "waiting"), ("ticket.soon", "overtaken"), ("ticket.called", "waiting")]
    row = tables.outbox.c
    with reading(database) as connection:
        bodies = [msgspec.json.decode(found) for found in connection.execute(select(row.body).order_by(row.number)).scalars()]
    assert bodies[0]["data"]["code"] == booked.check_in
    assert "预约码" in bodies[0]["data"]["text"]["zh"]
    assert {found["data"]["contact"] for found in bodies} == {"wx-4711"}


async def test_only_what_was_asked_for_is_written(tmp_path: Path, database: str) -> None:
    hook = table("http://127.0.0.1:9/", tmp_path / "secret", events=["case.replied"])
    async with hall(database, hook, carried=False) as here:
        await here.issue()
        await here.serve()
    assert states(database) == []


async def test_each_webhook_has_its_own_copy_and_its_own_languages(tmp_path: Path, database: str) -> None:
    tables_ = [table("http://127.0.0.1:9/", tmp_path / n, name=n, events=["ticket.called"], languages=[n]) for n in ("zh", "en")]
    async with hall(database, *tables_, carried=False) as here:
        await here.issue()
        await here.serve()
    row = tables.outbox.c
    with reading(database) as connection:
        found = connection.execute(select(row.webhook, row.message, row.body).order_by(row.number)).all()
    assert [(r.webhook, list(msgspec.json.decode(r.body)["data"]["text"])) for r in found] == [("zh", ["zh"]), ("en", ["en"])]
    assert len({r.message for r in found}) == 2


async def test_due_gives_the_first_of_each_stream_and_none_that_is_under_way(tmp_path: Path, database: str) -> None:
    hook = table("http://127.0.0.1:9/", tmp_path / "secret", events=["ticket.called"])
    async with hall(database, hook, carried=False) as here:
        for _ in range(3):
            await here.issue()
        await here.ask(dispatch.CallNext(window="w2"))
        await here.ask(dispatch.Park(window="w2"))
        await here.serve()
        await here.serve()
        await here.ask(dispatch.CallParked(window="w2"))
        later = NOON + timedelta(days=36500)
        due = await here.service.in_store(lambda c, h: outbox.due(c, h, "city", later, []))
        assert len(states(database)) == 4
        assert len(due) == 3, "the second call of A001 waits for the first"
        rest = await here.service.in_store(lambda c, h: outbox.due(c, h, "city", later, [due[0].stream]))
        assert [w.number for w in rest] == [w.number for w in due[1:]]


async def test_the_command_shows_what_was_given_up_and_lets_it_wait_again(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with receiving(says(410), takes) as receiver:
        hook = table(receiver.url, tmp_path / "secret", events=["ticket.called"])
        file = tmp_path / "hall.toml"
        file.write_text(text(database) + hook, encoding="utf-8")
        async with hall(database, hook) as here:
            await here.issue()
            await here.serve()
            await until(lambda: states(database) == [("ticket.called", "given-up")])
        assert await asyncio.to_thread(main, ["webhook", "list", str(file)]) == 0
        assert "given-up" in capsys.readouterr().out
        assert await asyncio.to_thread(main, ["webhook", "retry", str(file), "city"]) == 0
        assert states(database) == [("ticket.called", "waiting")]
        assert await asyncio.to_thread(main, ["webhook", "test", str(file), "city"]) == 0
        assert receiver.taken[-1].type == "hallware.test"
        async with hall(database, hook):
            await until(lambda: states(database) == [("ticket.called", "delivered")])
        capsys.readouterr()
        assert await asyncio.to_thread(main, ["ledger", str(file), "A001", "--json"]) == 0
        assert "the message ticket.called to city was delivered (2 attempts)" in capsys.readouterr().out
        assert receiver.got[0].id == receiver.taken[-1].id, "the same name again"
        assert await asyncio.to_thread(main, ["webhook", "test", str(file), "moon"]) == 2


async def test_a_controller_killed_between_commit_and_sending_delivers_after_its_restart(
    broker: MosquittoProcess, tmp_path: Path, database: str
) -> None:
    async with receiving() as receiver:
        hook = table(receiver.url, tmp_path / "secret", events=["ticket.called"], timeout=30)
        (tmp_path / "hall.toml").write_text(text(database, port=broker.port) + hook, encoding="utf-8")
        arrived, released = asyncio.Event(), asyncio.Event()

        async def holds(writer: asyncio.StreamWriter) -> None:
            arrived.set()
            await released.wait()

        receiver.manners[:] = [holds]
        async with Client(broker) as client, controller(tmp_path) as process:
            session = await born(client)
            for _ in range(8):
                await client.ask(dispatch.IssueTicket(service="social"))
            for _ in range(4):
                for do in (dispatch.CallNext, dispatch.Start, dispatch.Finish):
                    await client.ask(do(window="w2"))
            await asyncio.wait_for(arrived.wait(), 30)
            process.send_signal(signal.SIGKILL)
            await process.wait()
            released.set()
            told = set(_numbers(database))
            assert len(told) == 4
            receiver.manners[:] = [takes]
            async with controller(tmp_path):
                await born(client, but=session)
                await until(lambda: {got.body["data"]["number"] for got in receiver.taken} == told, "all of them")
        ids = [got.id for got in receiver.taken]
        assert len(ids) == len(set(ids)) == 4


def _numbers(store: str) -> list[str]:
    row = tables.outbox.c
    with reading(store) as connection:
        bodies = connection.execute(select(row.body).where(row.state == "waiting")).scalars()
        return [str(msgspec.json.decode(body)["data"]["number"]) for body in bodies]


async def test_contacts_are_forgotten_with_the_messages_that_held_them(tmp_path: Path, database: str) -> None:
    hook = table("http://127.0.0.1:9/", tmp_path / "secret", events=["ticket.called"])
    clock = [NOON]
    async with hall(database, hook, clock=lambda: clock[0], carried=False) as here:
        await here.issue()
        await here.serve()
        clock[0] = NOON + timedelta(days=29)
        await here.service.forget()
        with reading(database) as connection:
            assert connection.execute(select(func.count()).select_from(tables.outbox)).scalar() == 1
        clock[0] = NOON + timedelta(days=31)
        await here.service.forget()
    assert states(database) == []
