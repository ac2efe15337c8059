"""Messages reach their receiver, signed, in order and at least once, whatever manners it has; and nobody waits for it."""

import asyncio
from pathlib import Path

import pytest

from contract import dispatch
from tests.controller.halls import sqlite
from tests.webhooks import receiver as r
from tests.webhooks.play import hall, until
from tests.webhooks.receiver import receiving, table


async def test_a_called_ticket_is_told_with_its_window_in_both_languages(tmp_path: Path, database: str) -> None:
    async with receiving() as receiver, hall(database, table(receiver.url, tmp_path / "secret")) as here:
        number = await here.issue()
        await here.ask(dispatch.CallNext(window="w2"))
        await until(lambda: [got for got in receiver.taken if got.type == "ticket.called"], "the call")
        called = next(got for got in receiver.taken if got.type == "ticket.called")
        data = called.body["data"]
        assert (data["number"], data["window"]["id"], data["service"]["name"]["zh"]) == (number, "w2", "社会保障")
        assert data["text"] == {"zh": "请A001号到2号窗口", "en": "A001, please come to Window 2"}
        assert data["page"] == f"http://hall.example/t/{data['ticket']}"
        assert called.body["hall"] == "centre"
        await until(lambda: here.webhook() and here.webhook().delivered >= 1)


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (r.says(500, body="故障 oops\x1b[31m".encode()), "500 故障 oops\\x1b[31m"),
        (r.says(404), "404"),
        (r.says(302, "location: http://169.254.169.254/latest"), "not followed"),
        (r.hangs, "no answer within 0.6 s"),
        (r.drips, "no answer within 0.6 s"),
        (r.closes, "disconnected"),
        (r.babbles, "ProtocolError"),
        (r.floods, "500 yyy"),
    ],
    ids=["500", "404", "redirect", "hangs", "drips", "closes", "babbles", "floods"],
)
async def test_bad_manners_cost_one_attempt_and_the_message_comes_again_under_the_same_name(
    tmp_path: Path, manner: r.Manner, words: str
) -> None:
    async with (
        receiving(manner, manner, r.takes) as receiver,
        hall(sqlite(tmp_path), table(receiver.url, tmp_path / "secret", events=["ticket.called"])) as here,
    ):
        await here.issue()
        await here.ask(dispatch.CallNext(window="w2"))
        await until(lambda: here.webhook() and words in here.webhook().said, words)
        assert here.webhook().failing_since is not None
        await until(lambda: receiver.taken, "a delivery at last")
        assert len({got.id for got in receiver.got}) == 1
        await until(lambda: here.webhook().delivered == 1)
        assert (here.webhook().waiting, here.webhook().failing_since, here.webhook().said) == (0, None, "")


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    async with (
        receiving(r.says(429, "retry-after: 1"), r.takes) as receiver,
        hall(sqlite(tmp_path), table(receiver.url, tmp_path / "secret", events=["ticket.called"])) as here,
    ):
        await here.issue()
        await here.issue()
        await here.ask(dispatch.CallNext(window="w2"))
        await here.ask(dispatch.CallNext(window="w1"))
        await until(lambda: len(receiver.taken) == 2, "both")
        first, *others = receiver.got
        assert all(got.at - first.at >= 0.95 for got in others if got.id == first.id), "only then, though 0.05 s is its patience"


async def test_what_the_receiver_never_wants_is_given_up_at_once(tmp_path: Path) -> None:
    async with (
        receiving(r.says(410), r.takes) as receiver,
        hall(sqlite(tmp_path), table(receiver.url, tmp_path / "secret", events=["ticket.called"])) as here,
    ):
        await here.issue()
        await here.ask(dispatch.CallNext(window="w2"))
        await until(lambda: here.webhook() and here.webhook().given_up == 1, "staff to be told")
        assert here.webhook().waiting == 0
        assert len(receiver.got) == 1


async def test_what_nobody_takes_in_time_is_given_up_and_staff_are_told(tmp_path: Path) -> None:
    hook = table("http://127.0.0.1:9/none", tmp_path / "secret", events=["ticket.called"], hours=0.0001)
    async with hall(sqlite(tmp_path), hook) as here:
        await here.issue()
        await here.ask(dispatch.CallNext(window="w2"))
        await until(lambda: here.webhook() and here.webhook().given_up == 1, "the limit")
        assert "ConnectError" in here.webhook().said
        assert here.webhook().waiting == 0


async def test_messages_of_one_ticket_keep_their_order_and_a_call_overtakes_the_word_that_it_comes_soon(tmp_path: Path) -> None:
    async with (
        receiving(r.says(500), r.says(500), r.takes) as receiver,
        hall(sqlite(tmp_path), table(receiver.url, tmp_path / "secret", retry=0.3)) as here,
    ):
        number = await here.issue()
        await until(lambda: receiver.got, "the first attempt to say that it is soon")
        await here.ask(dispatch.CallNext(window="w2"))
        await until(lambda: receiver.taken, "the call")
        assert [got.type for got in receiver.taken] == ["ticket.called"]
        assert receiver.taken[0].body["data"]["number"] == number


async def test_a_dead_receiver_holds_up_neither_another_nor_the_queue(tmp_path: Path) -> None:
    async with receiving(r.hangs) as dead, receiving() as alive:
        tables = [
            table(dead.url, tmp_path / "one", name="dead", timeout=5), table(alive.url, tmp_path / "two", name="alive"),
        ]  # fmt: skip
        async with hall(sqlite(tmp_path), *tables) as here:
            for _ in range(20):
                await here.issue()
            async with asyncio.timeout(5):
                numbers = [await here.serve() for _ in range(20)]
            assert numbers == [f"A{n:03d}" for n in range(1, 21)]
            await until(lambda: len([g for g in alive.taken if g.type == "ticket.called"]) == 20, "all calls at the other one")
            assert not dead.taken
            assert dead.most_busy <= 4, "few connections at a time"


async def test_one_message_that_the_receiver_cannot_stand_holds_up_no_other(tmp_path: Path) -> None:
    async with receiving() as receiver:
        hook = table(receiver.url, tmp_path / "secret", events=["ticket.called"])
        async with hall(sqlite(tmp_path), hook) as here:
            poison = await here.issue()

            async def picky(writer: asyncio.StreamWriter) -> None:
                bad = receiver.got[-1].body["data"]["number"] == poison
                await (r.says(400) if bad else r.says(204))(writer)

            receiver.manners[:] = [picky]
            for _ in range(5):
                await here.issue()
            for _ in range(6):
                await here.serve()
            await until(lambda: here.webhook() and here.webhook().delivered == 5, "the others")
            assert here.webhook().waiting == 1


async def test_a_secret_that_others_can_read_signs_nothing_until_that_is_mended(tmp_path: Path) -> None:
    async with receiving() as receiver:
        hook = table(receiver.url, tmp_path / "secret", events=["ticket.called"])
        (tmp_path / "secret").chmod(0o644)
        async with hall(sqlite(tmp_path), hook) as here:
            await here.issue()
            await here.ask(dispatch.CallNext(window="w2"))
            await until(lambda: here.webhook() and "chmod 600" in here.webhook().said, "what to do")
            assert not receiver.got
            (tmp_path / "secret").chmod(0o600)
            await until(lambda: receiver.taken, "the message")
