"""The link carries the contract, and takes bad payloads and wrong settings for what they are."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_config.process import MosquittoProcess
from contract.codec import encode
from contract.health import ControllerStatus
from contract.rating import RatingInvite
from contract.settings import BadSettings
from contract.topics import BOARD_PICTURE, CALL, CONTROLLER_STATUS, NODE_STATUS, RATING_INVITE, TABLE, Role, heard_by
from link.address import BrokerAddress
from link.hearing import Hearing
from link.letter import Letter
from link.link import Link, LinkDown
from link.weather import Backoff
from tests.runtime.links import HALL, NOON, call, link, picture, pulse, say_until_heard, status
from tests.runtime.proxy import Proxy
from tests.runtime.waiting import until


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
        await say_until_heard(here, other)


async def _all(ear: Any) -> list[Any]:
    return [heard async for heard in ear]


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
    with pytest.raises(BadSettings, match="`broker`: /nowhere cannot be used"):
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
        await say_until_heard(other, ear)
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
