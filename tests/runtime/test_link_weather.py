"""The link heals by itself, says what it goes through once, and closes quickly whatever the connection does."""

import asyncio
import gc
import logging
from collections import Counter
from random import Random

import pytest

from broker_config.process import MosquittoProcess
from contract.topics import CALL, NODE_STATUS
from link.letter import Letter
from link.link import Link, LinkDown
from link.weather import Backoff
from tests.runtime.links import LOG, call, link, pulse, say_until_heard, status
from tests.runtime.proxy import Proxy
from tests.runtime.waiting import until


async def test_a_link_that_closes_while_the_broker_is_told_ends_without_a_word(
    broker: MosquittoProcess, caplog: pytest.LogCaptureFixture
) -> None:
    goodbye = lambda: [Letter(NODE_STATUS, status("offline"), {"node": "node-1"})]  # noqa: E731
    for turns in range(30):  # somewhere among these turns of the loop the broker has been asked and has not answered yet
        async with link(broker.port, goodbye=goodbye) as here:
            ear = here.hear(CALL)
            await here.wait_up(20)
            ear.close()
            for _ in range(turns):
                await asyncio.sleep(0)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_cut_connections_are_the_links_own_news_alone(broker: MosquittoProcess, caplog: pytest.LogCaptureFixture) -> None:
    async with Proxy(broker.port) as proxy, link(proxy.port) as here:
        chatting = asyncio.create_task(_chat(here))
        for _ in range(25):
            await here.wait_up(10)
            proxy.cut()
            await here.up.until(value=False)
        chatting.cancel()
        await asyncio.wait({chatting})
    gc.collect()  # asyncio complains of an error that nobody asked for when it is thrown away
    assert {record.name for record in caplog.records if record.levelno >= logging.WARNING} == {LOG}


async def _chat(here: Link) -> None:
    """Say calls, several at once, in every turn of the loop."""
    while True:
        await asyncio.gather(*(here.say(CALL, call(number)) for number in range(5)))
        await asyncio.sleep(0)


async def test_saying_without_a_broker_is_false_at_once() -> None:
    async with link(1) as here:
        assert not await here.say(CALL, call(1))
        with pytest.raises(LinkDown, match=r"127.0.0.1:1: .*refused"):
            await here.wait_up(0.2)


async def test_cut_connections_heal_and_ears_go_on(broker: MosquittoProcess) -> None:
    async with Proxy(broker.port) as proxy, link(proxy.port) as here, link(broker.port, "other") as other:
        ear = here.hear(CALL)
        await other.wait_up(20)
        for _ in range(5):
            await here.wait_up(20)
            await say_until_heard(other, ear)
            proxy.cut()
            await here.up.until(value=False)
        await here.wait_up(20)
        assert proxy.connections >= 6


async def test_a_half_open_connection_is_noticed_by_the_missing_echo_and_made_anew(
    broker: MosquittoProcess, caplog: pytest.LogCaptureFixture
) -> None:
    async with Proxy(broker.port) as proxy, link(proxy.port, pulse=pulse()) as here:
        await here.wait_up(20)
        await until(lambda: here.age is not None and here.age < 0.05)
        proxy.freeze()
        async with asyncio.timeout(5):
            await here.up.until(value=False)
        proxy.thaw()
        await here.wait_up(10)
    assert "nothing said to oneself came back 3 times" in caplog.text


async def test_a_say_that_waits_for_a_dead_broker_ends_with_the_connection(broker: MosquittoProcess) -> None:
    async with Proxy(broker.port) as proxy, link(proxy.port, pulse=pulse()) as here:
        await here.wait_up(20)
        proxy.freeze()
        async with asyncio.timeout(20):
            assert not await here.say(CALL, call(1))


async def test_a_broker_that_was_stopped_and_goes_on_is_no_lasting_harm(broker: MosquittoProcess) -> None:
    async with link(broker.port, pulse=pulse(0.2)) as here:
        await here.wait_up(20)
        await broker.kill()
        await here.up.until(value=False)
        await broker.start()
        await here.wait_up(10)
        assert await here.say(CALL, call(1))


async def test_an_outage_is_one_line_and_its_end_another(broker: MosquittoProcess, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOG)
    async with link(broker.port) as here:
        await here.wait_up(20)
        await broker.kill()
        await here.up.until(value=False)
        await asyncio.wait({asyncio.create_task(here.up.until(value=True))}, timeout=0.5)
        lost = [record for record in caplog.records if "out of reach" in record.message]
        assert 1 <= len(lost) <= 2, "the cut itself, and the refusals after it"
        await broker.start()
        await until(lambda: "is back after" in caplog.text)
    assert len([record for record in caplog.records if "is back after" in record.message]) == 1


async def test_closing_is_quick_whatever_the_connection_does(broker: MosquittoProcess) -> None:
    loop = asyncio.get_running_loop()
    async with Proxy(broker.port) as proxy:
        here = link(proxy.port, goodbye=lambda: [Letter(NODE_STATUS, status("offline"), {"node": "node-1"})])
        async with here:
            await here.wait_up(20)
            proxy.freeze()
            began = loop.time()
        assert loop.time() - began < 2.5


async def test_closing_while_it_dials_a_silent_address_is_quick(broker: MosquittoProcess) -> None:
    loop = asyncio.get_running_loop()
    async with Proxy(broker.port) as proxy:
        proxy.freeze()
        async with link(proxy.port):
            await until(lambda: proxy.connections)
            began = loop.time()
        assert loop.time() - began < 2.5


@pytest.mark.parametrize("turns", range(12))
async def test_closing_while_a_subscription_is_under_way_never_hangs(broker: MosquittoProcess, turns: int) -> None:
    async with asyncio.timeout(5):
        async with link(broker.port) as here:
            await here.wait_up(20)
            ear = here.hear(CALL)
            for _ in range(turns):
                await asyncio.sleep(0)
            ear.close()
            await asyncio.sleep(0)


async def test_two_links_with_one_name_do_not_make_a_storm(broker: MosquittoProcess, caplog: pytest.LogCaptureFixture) -> None:
    async with Proxy(broker.port) as proxy, link(proxy.port, "same"), link(proxy.port, "same"):
        await until(lambda: proxy.connections > 20)
    assert caplog.text.count("Session taken over") <= 2, "each says it once"


def test_waits_grow_are_never_regular_and_start_anew() -> None:
    backoff = Backoff(first=0.2, most=5.0)
    waits = [backoff.next() for _ in range(20)]
    assert all(0.02 <= wait <= 5.0 for wait in waits)
    assert len(set(waits)) == 20
    assert min(waits[8:]) >= 0.5
    backoff.reset()
    assert backoff.next() <= 0.2


def test_a_thousand_nodes_that_are_cut_in_the_same_moment_do_not_come_back_in_the_same_moment() -> None:
    waits = [Backoff(chance=Random(node)).next() for node in range(1000)]
    in_a_tenth = Counter(int(wait * 10) for wait in waits)
    assert max(waits) <= 1.0
    assert max(in_a_tenth.values()) < 160


async def test_a_connection_that_another_process_takes_over_is_an_error_with_its_remedy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def accept_and_throw_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"\x20\x03\x00\x00\x00")  # CONNACK: welcome
        await reader.read(1000)
        writer.write(b"\xe0\x02\x8e\x00")  # DISCONNECT: session taken over
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(accept_and_throw_out, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, link(port) as here:
        with here.hear(CALL):
            await until(lambda: any(record.levelname == "ERROR" for record in caplog.records))
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said == [f"the broker 127.0.0.1:{port}: another process uses it as `node-1`; stop one of them"]
