"""The broker's configuration is right for the real Mosquitto: who may say and hear what, and what survives what."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from broker_config.access import access_list
from broker_config.mosquitto import Listener, Persistence, mosquitto_conf
from broker_config.passwords import password_line
from broker_config.process import BrokerProblem, MosquittoProcess
from contract.topics import TABLE, Role, Topic
from tests.broker import HALL
from tests.runtime.waiting import until

NODE, OTHER = "board-node", "kiosk-node"
LEVELS = {name: f"{name}-1" for row in TABLE for name in row.levels} | {"hall": HALL}
USER_OF = {Role.NODE: NODE, Role.CONTROLLER: "controller", Role.DISPATCH: "dispatch", Role.VIEWER: "viewer"}


def client(broker: MosquittoProcess, user: str | None) -> aiomqtt.Client:
    password = user[::-1] if user else None
    return aiomqtt.Client(
        "127.0.0.1", broker.port, username=user, password=password, protocol=aiomqtt.ProtocolVersion.V5, timeout=5
    )


def topic(row: Topic[Any], owner: str) -> str:
    levels = {**LEVELS, "node": owner, "user": owner}
    return row.at(**{level: levels[level] for level in row.levels})


@dataclass
class Passage:
    """Tries to carry a message from one user to another and tells whether it arrived."""

    broker: MosquittoProcess
    heard: list[str] = field(default_factory=list)

    async def carries(self, said: str, by: str, to: str) -> bool:
        """Whether what `by` says on topic `said` reaches `to`, who subscribed to exactly that topic."""
        async with client(self.broker, by) as speaker, client(self.broker, to) as listener:
            own = f"hall/v1/{HALL}/node/{to}/echo" if to in (NODE, OTHER) else None
            await listener.subscribe(said, qos=1)
            await speaker.publish(said, b"x", qos=1)
            await self._mark(listener, own)
            return await self._arrived(listener, said)

    async def _mark(self, listener: aiomqtt.Client, own: str | None) -> None:
        """The broker answers in order: once it has answered a request made afterwards, what did not come will not come."""
        await listener.subscribe(own or f"hall/v1/{HALL}/call", qos=0)

    async def _arrived(self, listener: aiomqtt.Client, said: str) -> bool:
        return len(listener.messages) > 0 and str((await anext(listener.messages)).topic) == said


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_every_row_carries_from_who_says_to_who_hears(secured_broker: MosquittoProcess, row: Topic[Any]) -> None:
    owner = "dispatch" if row.owner == "user" else NODE
    for hearer in row.hears:
        assert await Passage(secured_broker).carries(topic(row, owner), USER_OF[row.says], USER_OF[hearer]), hearer


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
async def test_nobody_else_may_say_it(secured_broker: MosquittoProcess, row: Topic[Any]) -> None:
    owner = "dispatch" if row.owner == "user" else NODE
    hearer = USER_OF[next(iter(row.hears))]
    for role in set(Role) - {row.says}:
        assert not await Passage(secured_broker).carries(topic(row, owner), USER_OF[role], hearer), role
    assert not await Passage(secured_broker).carries(topic(row, owner), OTHER, hearer)


@pytest.mark.parametrize("row", [row for row in TABLE if row.owner], ids=lambda row: row.name)
async def test_nobody_else_may_hear_it_and_another_node_only_what_is_meant_for_all(
    secured_broker: MosquittoProcess, row: Topic[Any]
) -> None:
    owner = "dispatch" if row.owner == "user" else NODE
    for role in set(Role) - row.hears:
        assert not await Passage(secured_broker).carries(topic(row, owner), USER_OF[row.says], USER_OF[role]), role
    assert await Passage(secured_broker).carries(topic(row, owner), USER_OF[row.says], OTHER) is row.overheard


@pytest.mark.parametrize("pretender", ["viewer", "dispatch"])
async def test_neither_viewer_nor_dispatcher_can_pass_for_a_node_of_that_name(
    secured_broker: MosquittoProcess, pretender: str
) -> None:
    said = f"hall/v1/{HALL}/node/{pretender}/status"
    assert not await Passage(secured_broker).carries(said, pretender, "controller")


async def test_a_node_cannot_pass_for_a_dispatcher(secured_broker: MosquittoProcess) -> None:
    assert not await Passage(secured_broker).carries(f"hall/v1/{HALL}/dispatch/{NODE}/request", NODE, "controller")


async def test_no_topic_of_another_hall_is_carried(secured_broker: MosquittoProcess) -> None:
    assert not await Passage(secured_broker).carries("hall/v1/elsewhere/call", "controller", NODE)


@pytest.mark.parametrize("user", [None, "stranger"])
async def test_nobody_without_a_password_gets_in(secured_broker: MosquittoProcess, user: str | None) -> None:
    with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
        async with client(secured_broker, user):
            pass


async def test_a_packet_beyond_the_limit_is_refused(broker: MosquittoProcess) -> None:
    async with client(broker, None) as here:
        await here.subscribe("any", qos=1)
        await here.publish("any", b"x" * 64 * 1024, qos=1)
        assert len((await anext(here.messages)).payload) == 64 * 1024
        await here.publish("any", b"x" * 80 * 1024, qos=0)
        with pytest.raises(aiomqtt.MqttError):
            await anext(here.messages)


async def test_the_same_port_serves_again_after_a_restart_and_after_a_kill(broker: MosquittoProcess) -> None:
    port = broker.port
    for end in (broker.stop, broker.kill):
        await end()
        assert not broker.running
        await broker.start()
        assert broker.port == port
        async with client(broker, None) as here:
            await here.publish("any", b"x", qos=1)


@pytest.mark.parametrize(
    ("persistence", "end", "kept"),
    [
        (Persistence.NONE, MosquittoProcess.stop, False),
        (Persistence.DEFAULT, MosquittoProcess.stop, True),
        (Persistence.DEFAULT, MosquittoProcess.kill, False),
        (Persistence.SAFE, MosquittoProcess.kill, True),
    ],
)
async def test_what_the_broker_keeps_is_what_its_setting_says(
    persistence: Persistence, end: Callable[[MosquittoProcess], Any], kept: bool, tmp_path: Path
) -> None:
    async with MosquittoProcess(persistence=persistence, folder=tmp_path) as broker:
        async with client(broker, None) as here:
            await here.publish("kept", b"x", qos=1, retain=True)
        if persistence is Persistence.SAFE:
            await until(lambda: b"kept" in (tmp_path / "mosquitto.db").read_bytes())
        await end(broker)
        await broker.start()
        async with client(broker, None) as here:
            await here.subscribe("kept", qos=1)
            await here.subscribe("other", qos=1)
            assert (len(here.messages) > 0) is kept


async def test_a_taken_port_is_named(broker: MosquittoProcess) -> None:
    with pytest.raises(BrokerProblem, match=rf"port {broker.port}.*Address already in use"):
        async with MosquittoProcess(port=broker.port):
            pass


async def test_a_missing_mosquitto_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(BrokerProblem, match="sudo apt-get install mosquitto"):
        async with MosquittoProcess():
            pass


def test_mosquitto_finds_nothing_wrong_in_its_files(secured_broker: MosquittoProcess) -> None:
    known = ("should not be run as root", "does not contain '%c' or '%u'")
    wrong = [line for line in secured_broker.log.splitlines() if "Warning" in line or "Error" in line]
    assert not [line for line in wrong if not any(words in line for words in known)]


def test_an_open_broker_must_stay_on_loopback() -> None:
    with pytest.raises(ValueError, match="must not listen on"):
        mosquitto_conf(Listener(port=1883, host="0.0.0.0"))


def test_the_password_line_is_mosquittos_own_format() -> None:
    """Salt and hash from `mosquitto_passwd` 2.0.11 for user `node` with the password `secret`."""
    assert password_line("node", "secret", salt=b"saltsaltsalt").startswith("node:$7$101$c2FsdHNhbHRzYWx0$")
    with pytest.raises(ValueError, match="cannot be a user name"):
        password_line("a:b", "x")


def test_the_access_list_names_every_row() -> None:
    text = access_list("h", dispatchers=["d"], viewers=["v"])
    for row in TABLE:
        assert row.path.split("/")[-1] in text
