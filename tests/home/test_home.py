"""The hall appears in Home Assistant by itself, as far as it was asked for, and says nothing about persons."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
from jinja2 import Environment

from broker_config.access import access_list
from broker_config.process import MosquittoProcess
from contract import dispatch, events
from contract.health import DeviceState
from contract.topics import DEVICE_STATE
from contract.values import Text
from controller.config import HallConfig, parse_hall
from controller.home_assistant.discovery import without
from controller.running import Running, running
from tests.controller.halls import sqlite, text
from tests.controller.play import Client, now, token, until
from tests.controller.test_crash import controller
from tests.home.schema import faults

HOME = '\n[home_assistant]\nlanguage = "en"\n'
DEVICE = "homeassistant/device/hallware-centre-"
templates = Environment(autoescape=False)


class House:
    """A Home Assistant, as far as it listens: keeps what is retained, and draws entities by their templates."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.history: dict[str, list[Any]] = defaultdict(list)

    async def listen(self, client: aiomqtt.Client) -> None:
        """Take everything in."""
        async for message in client.messages:
            payload = bytes(message.payload) if isinstance(message.payload, (bytes, bytearray)) else b""
            self.kept[str(message.topic)] = payload
            self.history[str(message.topic)].append(payload)

    def devices(self) -> dict[str, Any]:
        """Part to its discovery payload, of those that are there."""
        return {t.removeprefix(DEVICE).removesuffix("/config"): json.loads(p) for t, p in self.kept.items()
                if t.startswith(DEVICE) and p}  # fmt: skip

    def shows(self, part: str, entity: str) -> str:
        """An entity as Home Assistant shows it; `unavailable` when the hall is away."""
        found = self.devices()[part]
        status = json.loads(self.kept[found["avty"][0]["t"]])
        if templates.from_string(found["avty"][0]["val_tpl"]).render(value_json=status) != "online":
            return "unavailable"
        state = json.loads(self.kept[found["stat_t"]])
        return str(templates.from_string(found["cmps"][entity]["val_tpl"]).render(value_json=state))


@asynccontextmanager
async def house(broker: MosquittoProcess, user: str | None = None) -> AsyncIterator[House]:
    """A Home Assistant at this broker."""
    found = House()
    login = {} if user is None else {"username": user, "password": user[::-1]}
    client = aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5, **login)  # type: ignore[arg-type]
    async with client:
        await client.subscribe("homeassistant/#", qos=1)
        await client.subscribe("hall/v1/centre/home/#", qos=1)
        listening = asyncio.create_task(found.listen(client))
        try:
            yield found
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def config(folder: Path, port: int, home: str = HOME) -> HallConfig:
    return parse_hall(text(sqlite(folder), port=port) + home, name="hall.toml")


@asynccontextmanager
async def hall(folder: Path, broker: MosquittoProcess, home: str = HOME) -> AsyncIterator[Running]:
    async with running(config(folder, broker.port, home)) as found:
        await found.link.wait_up(40)
        yield found


async def test_nodes_rooms_and_queues_appear_with_keys_that_home_assistant_takes(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    async with house(broker) as at_home, hall(tmp_path, broker), Client(broker) as client:
        await until(lambda: at_home.devices().keys() >= {"hall", "node-entrance", "node-desk", "room-nursery"}, "all parts")
        assert {part: faults(payload) for part, payload in at_home.devices().items()} == {part: [] for part in at_home.devices()}
        assert at_home.devices()["node-entrance"]["dev"]["via_device"] == "hallware-centre-hall"
        assert at_home.shows("hall", "waiting-social") == "0"
        assert at_home.shows("node-desk", "ill-rater-1") == "None", "nobody knows before it has spoken"
        await client.ask(dispatch.IssueTicket(service="social"))
        await until(lambda: at_home.shows("hall", "waiting-social") == "1", "the one who waits")
        await client.birth("entrance", token(), devices=("kiosk-1",))
        await client.link.say(DEVICE_STATE, state(condition="attention", paper=41_300), node="entrance", device="kiosk-1")
        await until(lambda: at_home.shows("node-entrance", "ill-kiosk-1") == "ON")
        assert at_home.shows("node-entrance", "online") == "ON"
        assert at_home.shows("node-entrance", "paper-kiosk-1") == "41.3"
        await until(lambda: at_home.shows("hall", "trouble") == "ON")


def state(condition: Any, paper: int = 0) -> DeviceState:
    """What a kiosk says of itself."""
    return DeviceState(
        device="kiosk-1", kind="kiosk", condition=condition, code="paper-low", what=Text(zh="纸将尽", en="paper is low"),
        since=now(), counts={"paper-left-mm": paper},
    )  # fmt: skip


async def test_a_room_shows_as_occupied_and_who_or_since_when_is_not_said(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with house(broker) as at_home, hall(tmp_path, broker), Client(broker) as client:
        await client.report("room-node", "room-1", events.StayStarted(stay=token(), room="nursery", cubicle="a"))
        await until(lambda: "room-nursery" in at_home.devices() and at_home.devices()["room-nursery"]["cmps"])
        await until(lambda: at_home.shows("room-nursery", "occupied-a") == "ON")
        said = json.loads(at_home.kept["hall/v1/centre/home/room-nursery/state"])
        assert said["state"] == {"occupied-a": True}


async def test_a_stopped_hall_is_unavailable_and_a_killed_one_too(broker: MosquittoProcess, tmp_path: Path) -> None:
    (tmp_path / "hall.toml").write_text(text(sqlite(tmp_path), port=broker.port) + HOME, encoding="utf-8")
    async with house(broker) as at_home:
        for end in ("terminate", "kill"):
            async with controller(tmp_path) as process:
                await until(lambda: "hall" in at_home.devices() and at_home.shows("hall", "help") == "OFF", "the hall")
                getattr(process, end)()
                await until(lambda: at_home.shows("hall", "help") == "unavailable", f"its absence after {end}")


async def test_what_is_taken_out_of_the_hall_is_taken_away(broker: MosquittoProcess, tmp_path: Path) -> None:
    gone = "homeassistant/device/hallware-centre-node-cellar/config"
    foreign = [f"homeassistant/device/hallware-{name}/config" for name in ("centre2-hall", "centre-2-hall", "centre-2-node-desk")]
    like_ours = "homeassistant/device/hallware-centre-room-hall/config"
    async with house(broker) as at_home, Client(broker) as client:
        async with hall(tmp_path, broker):
            await until(lambda: "node-desk" in at_home.devices())
        left = json.loads(at_home.kept[f"{DEVICE}node-desk/config"])
        left["cmps"]["ill-old-rater"] = {"p": "binary_sensor", "uniq_id": "x", "val_tpl": "{{ 1 }}"}
        await client.raw(f"{DEVICE}node-desk/config", json.dumps(left).encode(), retain=True)
        await client.raw(gone, b'{"dev": 1', retain=True)
        for topic in foreign:
            await client.raw(topic, b"{}", retain=True)
        await client.raw(like_ours, b'{"stat_t": "hall/v1/centre-room/home/hall/state"}', retain=True)
        await until(lambda: like_ours in at_home.kept)
        before = len(at_home.history[f"{DEVICE}node-desk/config"])
        async with hall(tmp_path, broker):
            await until(lambda: at_home.kept[gone] == b"", "the node that is no more")
            await until(lambda: len(at_home.history[f"{DEVICE}node-desk/config"]) == before + 2)
        first, last = (json.loads(p) for p in at_home.history[f"{DEVICE}node-desk/config"][before:])
        assert first["cmps"]["ill-old-rater"] == {"p": "binary_sensor"}, "with its platform alone it is removed"
        assert "ill-old-rater" not in last["cmps"]
        assert [at_home.kept[topic] for topic in foreign] == [b"{}"] * 3, "another hall's is left alone"
        assert at_home.kept[like_ours], "also where the name does not tell"


async def test_without_its_table_nothing_is_said(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with house(broker) as at_home, hall(tmp_path, broker, home=""), Client(broker) as client:
        await client.ask(dispatch.IssueTicket(service="social"))
        await client.raw("homeassistant/mark", b"x")
        await until(lambda: at_home.kept)
        assert list(at_home.kept) == ["homeassistant/mark"]


async def test_it_may_have_a_broker_of_its_own_and_its_absence_is_none_of_the_halls(
    broker: MosquittoProcess, tmp_path: Path
) -> None:
    async with MosquittoProcess() as other:
        own = f'\n[home_assistant]\nprefix = "ha/x"\nbroker = {{ port = {other.port} }}\n'
        port = other.port
        async with aiomqtt.Client("127.0.0.1", port) as listener:
            await listener.subscribe("ha/x/device/#")
            async with hall(tmp_path, broker, home=own):
                async with asyncio.timeout(30):
                    message = await anext(aiter(listener.messages))
                assert str(message.topic).startswith("ha/x/device/hallware-centre-")
    dead = f'\n[home_assistant]\nbroker = {{ port = {port}, password_file = "{tmp_path}/none" }}\n'
    async with hall(tmp_path, broker, home=dead), Client(broker) as client:
        assert (await client.ask(dispatch.IssueTicket(service="social"))).outcome == "done"


async def test_at_the_halls_broker_it_hears_its_own_topics_and_says_nothing_but_that_it_is_there(tmp_path: Path) -> None:
    users = ("controller", "home-assistant", "viewer")
    access = access_list("centre", viewers=["viewer"], homes={"home-assistant": "homeassistant"})
    async with (
        MosquittoProcess(passwords={user: user[::-1] for user in users}, access=access) as secured,
        house(secured, "home-assistant") as at_home, people(secured, users) as clients,
    ):  # fmt: skip
        for by, topic in (
                ("controller", "homeassistant/device/hallware-centre-hall/config"), ("controller", "hall/v1/centre/home/status"),
                ("controller", "hall/v1/centre/call"), ("controller", "hall/v1/centre/board/main/picture"),
                ("controller", "hall/v1/centre/window/w1/state"), ("home-assistant", "homeassistant/status"),
                ("home-assistant", "homeassistant/device/hallware-centre-hall/config"),
                ("home-assistant", "hall/v1/centre/node/home-assistant/event"), ("home-assistant", "hall/v1/centre/home/status"),
                ("viewer", "homeassistant/status"),
            ):  # fmt: skip
            await clients[by].publish(topic, f"by {by}", qos=1)
        await clients["controller"].publish("homeassistant/device/hallware-mark/config", "mark", qos=1)
        await until(lambda: b"mark" in at_home.kept.values())
    assert {topic: payload for topic, payload in at_home.kept.items() if payload != b"mark"} == {
        "homeassistant/device/hallware-centre-hall/config": b"by controller",
        "hall/v1/centre/home/status": b"by controller",
        "homeassistant/status": b"by home-assistant",
    }


@asynccontextmanager
async def people(broker: MosquittoProcess, users: tuple[str, ...]) -> AsyncIterator[dict[str, aiomqtt.Client]]:
    """Everybody connected; Home Assistant hears everything that it may."""
    clients = {
        user: aiomqtt.Client("127.0.0.1", broker.port, username=user, password=user[::-1], protocol=aiomqtt.ProtocolVersion.V5)
        for user in users
    }
    async with clients["controller"], clients["home-assistant"], clients["viewer"]:
        yield clients


async def test_entities_are_named_in_the_language_that_was_asked_for(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with house(broker) as at_home, hall(tmp_path, broker, home="\n[home_assistant]\n"):
        await until(lambda: "node-entrance" in at_home.devices())
        assert at_home.devices()["node-entrance"]["dev"]["name"] == "节点 door"
        assert at_home.devices()["node-entrance"]["cmps"]["ill-kiosk-1"]["name"] == "取号机 kiosk-1"


def test_only_what_was_lost_is_named_first() -> None:
    before = {"cmps": {"a": {"p": "sensor"}, "b": {"p": "binary_sensor"}, "c": "no mapping"}}
    assert without(before, {"cmps": {"a": {"p": "sensor", "x": 1}}}) == {
        "cmps": {"a": {"p": "sensor", "x": 1}, "b": {"p": "binary_sensor"}}
    }
    assert without({"cmps": ["nonsense"]}, {"cmps": {}}) is None
    assert without({}, {"cmps": {}}) is None
