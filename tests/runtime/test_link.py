"""The link carries the contract, heals by itself, and takes bad payloads for what they are."""

import asyncio
import gc
import json
import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_config.process import MosquittoProcess
from contract.calling import BoardPicture, Call
from contract.codec import encode
from contract.health import ControllerStatus, Echo, NodeStatus
from contract.rating import RatingInvite
from contract.settings import BadSettings
from contract.topics import BOARD_PICTURE, CALL, CONTROLLER_STATUS, ECHO, NODE_STATUS, RATING_INVITE, TABLE, Role, heard_by
from contract.values import Text
from link.address import BrokerAddress
from link.hearing import Hearing
from link.letter import Letter
from link.link import Link, LinkDown
from link.pulse import Pulse
from link.weather import Backoff
from tests.runtime.proxy import Proxy
from tests.runtime.waiting import until

HALL = "centre"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LOG = "hallware.link"


def link(port: int, client_id: str = "node-1", **rest: Any) -> Link:
    return Link(BrokerAddress(port=port), client_id, HALL, backoff=Backoff(first=0.02, most=0.1, steady=0.2), **rest)


def call(number: int) -> Call:
    name = Text(zh="1号窗口", en="Window 1")
    return Call(
        id=f"call-{number:06d}", at=NOON, not_after=NOON + timedelta(seconds=20), ticket="ticket-1", number="A001",
        window="w1", window_name=name, zone="z1", times=1,
    )  # fmt: skip


def picture(board: str, version: int) -> BoardPicture:
    return BoardPicture(board=board, version=version, at=NOON, idle=Text(zh="欢迎", en="Welcome"))


def status(state: Any, session: str = "session-1") -> NodeStatus:
    return NodeStatus(node="node-1", session=session, state=state, at=NOON, version="1")


def pulse(every: float = 0.05) -> Pulse:
    return Pulse(ECHO, {"node": "node-1"}, lambda beat: Echo(session="session-1", beat=beat), every=every)


async def test_what_one_says_another_hears_with_its_levels(broker: MosquittoProcess) -> None:
    async with link(broker.port, "a") as here, link(broker.port, "b") as there:
        ear = there.hear(BOARD_PICTURE)
        await here.wait_up(20)
        await there.wait_up(20)
        await there.up.until(value=True)
        assert await here.say(BOARD_PICTURE, picture("board-1", 1), board="board-1")
        heard = await anext(ear)
        assert heard.message == picture("board-1", 1)
        assert heard.levels == {"hall": HALL, "board": "board-1"}


async def test_a_row_gives_its_message_retain_and_expiry(broker: MosquittoProcess) -> None:
    async with link(broker.port) as here, aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as raw:
        await raw.subscribe("#", qos=1)
        await here.wait_up(20)
        await here.say(CALL, call(1))
        await here.say(BOARD_PICTURE, picture("board-1", 1), board="board-1")
        said = await anext(raw.messages)
        assert (said.topic.value, said.qos, said.payload) == (f"hall/v1/{HALL}/call", 1, encode(call(1)))
        assert getattr(said.properties, "MessageExpiryInterval", None) == 60
        await raw.unsubscribe("#")
        await raw.subscribe("#", qos=1)
        await anext(raw.messages)
        kept = await anext(raw.messages)
        assert (kept.topic.value, kept.retain) == (f"hall/v1/{HALL}/board/board-1/picture", True)


async def test_an_invitation_lives_as_long_as_it_may_be_answered(broker: MosquittoProcess) -> None:
    async with link(broker.port) as here, aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as raw:
        await raw.subscribe("#", qos=1)
        await here.wait_up(20)
        for seconds, lives in ((300, 300), (15, 60), (0, 60)):
            now = datetime.now(UTC)
            invite = RatingInvite(rating="rating-1", window="w1", at=now, not_after=now + timedelta(seconds=seconds))
            await here.say(RATING_INVITE, invite, window="w1")
            assert getattr((await anext(raw.messages)).properties, "MessageExpiryInterval", None) == lives


async def test_retained_messages_come_first_and_say_that_they_are_old(broker: MosquittoProcess) -> None:
    async with link(broker.port, "a") as here, link(broker.port, "b") as there:
        await here.wait_up(20)
        await here.say(BOARD_PICTURE, picture("board-1", 1), board="board-1")
        first = there.hear(BOARD_PICTURE, board="board-1")
        assert (await anext(first)).retained
        await here.say(BOARD_PICTURE, picture("board-1", 2), board="board-1")
        assert not (await anext(first)).retained
        late = await anext(there.hear(BOARD_PICTURE, board="board-1"))
        assert (late.message.version, late.retained) == (2, True), "an agent that starts anew gets the picture without the broker"


async def test_each_ear_hears_only_its_levels(broker: MosquittoProcess) -> None:
    async with link(broker.port) as here:
        one, every = here.hear(BOARD_PICTURE, board="board-1"), here.hear(BOARD_PICTURE)
        await here.wait_up(20)
        for board in ("board-2", "board-1"):
            await here.say(BOARD_PICTURE, picture(board, 1), board=board)
        assert (await anext(one)).message.board == "board-1"
        assert {(await anext(every)).message.board for _ in range(2)} == {"board-1", "board-2"}


async def test_a_closed_ear_ends_and_the_broker_is_told(broker: MosquittoProcess) -> None:
    async with link(broker.port) as here:
        await here.wait_up(20)
        with here.hear(CALL) as ear:
            waiting = asyncio.create_task(_all(ear))
            await asyncio.sleep(0)
        assert await waiting == []
        other = here.hear(CALL)
        await until(lambda: here.up.value)
        await _say_until_heard(here, other)


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


async def _all(ear: Any) -> list[Any]:
    return [heard async for heard in ear]


async def _say_until_heard(here: Link, ear: Any) -> None:
    """Say calls until one is heard: subscriptions take a moment."""
    hearing = asyncio.create_task(anext(ear))
    number = 0
    async with asyncio.timeout(10):
        while not hearing.done():
            number += 1
            await here.say(CALL, call(number))
            await asyncio.wait({hearing}, timeout=0.05)


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
            await _say_until_heard(other, ear)
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


async def test_birth_will_and_goodbye(broker: MosquittoProcess) -> None:
    sessions = iter(range(100))

    def letter(state: Any) -> Letter:
        return Letter(NODE_STATUS, status(state, f"session-{next(sessions)}"), {"node": "node-1"})

    async with link(broker.port, "watcher") as watcher:
        ear = watcher.hear(NODE_STATUS)
        await watcher.wait_up(20)
        async with Proxy(broker.port) as proxy:
            node = link(
                proxy.port,
                will=lambda: letter("lost"),
                birth=lambda: [letter("online")],
                goodbye=lambda: [letter("offline")],
            )
            async with node:
                assert (await anext(ear)).message.state == "online"
                proxy.cut()
                lost = (await anext(ear)).message
                assert (lost.state, lost.session) == ("lost", "session-0")
                assert (await anext(ear)).message.state == "online"
            assert (await anext(ear)).message.state == "offline"


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


async def test_a_wrong_password_is_said_in_words(secured_broker: MosquittoProcess, caplog: pytest.LogCaptureFixture) -> None:
    async with Link(secured_broker.address(), "stranger", HALL) as here:
        with pytest.raises(LinkDown, match="Not authorized"):
            await here.wait_up(0.5)
    assert caplog.text.count("Not authorized") == 1


async def test_a_node_that_the_access_list_does_not_know_is_told_where_to_look(
    secured_broker: MosquittoProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """Mosquitto lets it connect and grants its subscriptions, and carries nothing."""
    address = secured_broker.address("viewer")
    async with Link(address, "node-1", HALL, pulse=pulse(), backoff=Backoff(first=0.02, most=0.1, steady=0.2)):
        await until(lambda: "access list does not know viewer" in caplog.text)


def test_a_missing_password_file_is_named() -> None:
    with pytest.raises(BadSettings, match=r"`broker.password_file`: /nowhere cannot be read"):
        Link(BrokerAddress(username="a", password_file=Path("/nowhere")), "a", HALL)


def test_missing_tls_files_are_named() -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        Link(BrokerAddress(ca=Path("/nowhere")), "a", HALL)
    with pytest.raises(BadSettings, match=r"without `broker.ca`"):
        Link(BrokerAddress(certificate=Path("/nowhere")), "a", HALL)


HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(str.encode),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
        max_leaves=20,
    ).map(lambda value: json.dumps(value).encode()),
    st.just(b"[" * 50_000),
    st.just(b'{"id":"' + b"x" * 70_000),
)


@given(payload=HOSTILE)
@settings(max_examples=300, deadline=None)
def test_hostile_payloads_on_every_topic_are_a_line_and_a_count(payload: bytes) -> None:
    hearing = Hearing(clock=lambda: 0.0)
    for row in TABLE:
        levels = dict.fromkeys(row.levels, "x1")
        before = sum(hearing.counts.values())
        hearing.deliver(row.at(**levels), payload, retained=False)
        cleared = row.retain and not payload
        assert sum(hearing.counts.values()) == before + (0 if cleared else 1)


async def test_hostile_payloads_through_the_broker_leave_the_link_whole(
    broker: MosquittoProcess, caplog: pytest.LogCaptureFixture
) -> None:
    bad: list[str] = []
    rows = list(heard_by(Role.NODE))
    levels = {level: f"{level}-1" for row in rows for level in row.levels}
    async with link(broker.port) as here, link(broker.port, "b") as other:
        for row in rows:
            here.hear(row, bad=lambda name=row.name: bad.append(name))  # type: ignore[misc]
        ear = here.hear(CALL)
        await here.wait_up(20)
        await other.wait_up(20)
        async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as raw:
            for row in rows:
                topic = row.at(**{level: levels[level] for level in row.levels} | {"hall": HALL})
                for payload in (b"\xff\xfe", b"null", b'{"id": 1}', b"{" * 1000):
                    await raw.publish(topic, payload, qos=1)
        await until(lambda: len(bad) == 4 * len(rows))
        await _say_until_heard(other, ear)
        assert here.counts["bad-message"] == 4 * len(rows)
    lines = [record for record in caplog.records if "refused a message" in record.message]
    assert len(lines) == len(rows), "one line for each topic"


async def test_a_will_is_heard_as_any_other_message(broker: MosquittoProcess) -> None:
    lost = ControllerStatus(session="session-1", state="lost", at=NOON, version="1")
    async with link(broker.port, "watcher") as watcher, Proxy(broker.port) as proxy:
        ear = watcher.hear(CONTROLLER_STATUS)
        await watcher.wait_up(20)
        async with link(proxy.port, "controller", will=lambda: Letter(CONTROLLER_STATUS, lost)) as controller:
            await controller.wait_up(20)
            proxy.cut()
            assert (await anext(ear)).message == lost


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
