"""The control socket over a real Unix socket, on the bench of a node with every kind of device."""

import asyncio
import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import serial
from gpiozero import LED, Button

from contract.settings import BadSettings, parse
from devices.errors import DeviceMissing
from firmware.config import NodeConfig
from hallware.simulated import Simulation
from hardware_sim.control import LONGEST_LINE, MOST_MOVEMENTS, ControlServer
from hardware_sim.control_client import ControlClient
from hardware_sim.errors import CannotDo
from tests.sim.paper import CUT, hanzi, qr
from tests.sim.spi import words

NODE = """
[node]
id = "node-1"
hall = "hall-1"

[[device]]
kind = "board"
id = "board-1"
width = 32
height = 8
orientation = 90

[[device]]
kind = "kiosk"
id = "kiosk-1"
keys = [{ line = 4, service = "social-security" }, { line = 5, service = "social-security", priority = "priority" }]
[device.printer]
wire = "/dev/serial/by-id/usb-printer"

[[device]]
kind = "kiosk"
id = "kiosk-2"
keys = [{ line = 6, service = "civil-affairs" }]
[device.printer]
wire = "tcp://192.0.2.7:9100"
paper = 58

[[device]]
kind = "rater"
id = "rater-1"
window = "w1"
keys = [{ level = 5, line = 7, lamp = 8 }, { level = 1, line = 9 }]

[[device]]
kind = "room"
id = "room-1"
room = "mother-baby"
check = 10
cubicles = [{ id = "c1", door = 11, motion = 12, lamp = 13, help = 14 }, { id = "c2", door = 15, motion = 16 }]

[[device]]
kind = "caller"
id = "caller-1"
window = "w1"
wire = "/dev/input/by-id/usb-keypad-event-kbd"
"""


@pytest.fixture
async def simulation() -> AsyncIterator[Simulation]:
    """A node's far ends."""
    async with Simulation(parse(NODE, NodeConfig, name="node.toml")) as simulation:
        yield simulation


@pytest.fixture
async def sim(simulation: Simulation, tmp_path: Path) -> AsyncIterator[ControlClient]:
    """A client of the node's control socket."""
    async with ControlServer(simulation.bench, tmp_path / "sim.sock"), ControlClient(tmp_path / "sim.sock") as client:
        yield client


async def test_hello_says_what_is_there_and_what_can_be_done(sim: ControlClient) -> None:
    hands = {device["device"]: device["hands"] for device in sim.hello["devices"]}
    assert sim.hello["node"] == "node-1"
    assert list(hands) == ["board-1", "kiosk-1", "kiosk-2", "rater-1", "room-1", "caller-1"]
    assert hands["kiosk-1"]["press"] == ["key", "seconds?"]
    assert hands["room-1"]["move"] == ["cubicle", "seconds?"]
    assert hands["room-1"]["check"] == []
    assert hands["board-1"]["brown_out"] == ["chip", "into?"]


async def test_every_device_is_seen_at_once(sim: ControlClient) -> None:
    for device in ("board-1", "kiosk-1", "kiosk-2", "rater-1", "room-1", "caller-1"):
        await sim.until(device, bool)
    assert sim.views["rater-1"] == {
        "device": "rater-1",
        "kind": "rater",
        "window": "w1",
        "keys": [
            {"key": "5", "level": 5, "pressed": False, "lamp": False},
            {"key": "1", "level": 1, "pressed": False, "lamp": False},
        ],
        "broken": [],
    }
    assert sim.views["room-1"]["cubicles"][0] == {
        "cubicle": "c1",
        "door": "open",
        "motion": False,
        "lamp": False,
        "help": False,
        "help_lamp": False,
    }
    assert [key["key"] for key in sim.views["kiosk-1"]["keys"]] == ["social-security", "social-security/priority"]
    assert sim.views["caller-1"]["keys"]["KEY_KPENTER"] == "next"


async def test_board_pixels_arrive(sim: ControlClient, simulation: Simulation) -> None:
    spi = simulation.wires.spi("/dev/spidev0.0")
    spi.open(0, 0)
    for register, value in ((0xC, 1), (0xB, 7), *((digit, digit) for digit in range(1, 9)), (0xA, 9)):
        spi.writebytes(words((register, value), times=4))
    view = await sim.until("board-1", lambda view: view["intensity"] == 9)
    assert b64decode(view["pixels"]) == b"".join(bytes((digit,)) * 4 for digit in range(1, 9))
    await sim.do("board-1", "unplug")
    assert (await sim.until("board-1", lambda view: not view["powered"]))["faults"] == ["unplugged"]
    await sim.do("board-1", "plug")


@pytest.mark.parametrize("device", ["kiosk-1", "kiosk-2"])
async def test_a_printed_ticket_is_seen(sim: ControlClient, simulation: Simulation, device: str) -> None:
    wire = {"kiosk-1": "/dev/serial/by-id/usb-printer", "kiosk-2": "tcp://192.0.2.7:9100"}[device]
    address = simulation.wires.address(wire)
    client = serial.serial_for_url(address.replace("tcp://", "socket://"), timeout=5)
    client.write(hanzi("社会保障\n") + qr(b"t-1") + CUT + b"\x1dr\x01")
    assert await asyncio.to_thread(client.read, 1) == b"\x00"
    view = await sim.until(device, lambda view: view["pages"] and view["pages"][-1]["ending"] == "cut")
    assert [(page["text"], page["qr"]) for page in view["pages"]] == [("社会保障", ["t-1"])]
    assert b64decode(view["pages"][0]["png"]).startswith(b"\x89PNG")
    client.close()


def printer_is(expected: dict[str, Any], view: dict[str, Any]) -> bool:
    """Whether a kiosk's printer is seen so."""
    return all(view["printer"][name] == value for name, value in expected.items())


async def test_hands_on_the_printer_are_seen(sim: ControlClient, simulation: Simulation) -> None:
    for hand, seen in (
        ("near_end", {"paper": "near-end"}),
        ("run_out", {"paper": "out"}),
        ("load_paper", {"paper": "ok"}),
        ("open_cover", {"cover": "open"}),
        ("close_cover", {"cover": "closed"}),
        ("power_off", {"powered": False}),
        ("power_on", {"powered": True}),
        ("jam", {"faults": ["jam"]}),
        ("jam_cutter", {"faults": ["cutter", "jam"]}),
        ("clear_jam", {"faults": []}),
        ("unplug", {"plugged": False}),
    ):
        await sim.do("kiosk-1", hand)
        await sim.until("kiosk-1", partial(printer_is, seen))
    with pytest.raises(DeviceMissing, match="usb-printer"):
        simulation.wires.address("/dev/serial/by-id/usb-printer")
    await sim.do("kiosk-1", "plug")
    assert simulation.wires.address("/dev/serial/by-id/usb-printer").startswith("/dev/pts/")


async def test_keys_doors_and_lamps(sim: ControlClient, simulation: Simulation) -> None:
    pins, presses = simulation.wires.pins(), list[int]()
    with Button(4, pin_factory=pins) as key, Button(11, pin_factory=pins) as door, LED(8, pin_factory=pins) as lamp:
        key.when_pressed = lambda: presses.append(1)
        await sim.do("kiosk-1", "press", key="social-security", seconds=0.05)
        assert presses
        await sim.do("room-1", "close_door", cubicle="c1")
        assert door.is_pressed
        await sim.do("room-1", "move", cubicle="c1")
        await sim.until("room-1", lambda view: view["cubicles"][0]["door"] == "closed" and view["cubicles"][0]["motion"])
        lamp.on()
        await sim.until("rater-1", lambda view: view["keys"][0]["lamp"])
        key.when_pressed = None


async def test_a_press_is_seen_while_it_lasts(sim: ControlClient) -> None:
    press = asyncio.create_task(sim.do("rater-1", "press", key="5", seconds=0.3))
    await sim.until("rater-1", lambda view: view["keys"][0]["pressed"])
    await press
    await sim.until("rater-1", lambda view: not view["keys"][0]["pressed"])


async def test_the_caller_is_pressed_by_meaning_and_by_name_and_unplugged(sim: ControlClient, simulation: Simulation) -> None:
    wire = "/dev/input/by-id/usb-keypad-event-kbd"
    device = simulation.wires.input(wire)
    await sim.do("caller-1", "press", key="next")
    await sim.do("caller-1", "press", key="KEY_KP0")
    assert len(list(device.read())) == 12
    await sim.do("caller-1", "unplug")
    with pytest.raises(OSError):
        device.read_one()
    with pytest.raises(DeviceMissing, match="plugged in"):
        simulation.wires.input(wire)
    with pytest.raises(CannotDo, match="unplugged"):
        await sim.do("caller-1", "press", key="next")
    await sim.do("caller-1", "plug")
    device.close()
    simulation.wires.input(wire).close()


@pytest.mark.parametrize(
    ("device", "hand", "given", "error"),
    [
        ("board-9", "press", {}, "there is no device `board-9`; there are board-1"),
        ("board-1", "press", {}, "board-1 has no hand `press`; there are brown_out"),
        ("board-1", "brown_out", {}, "brown_out: Object missing required field `chip`"),
        ("board-1", "brown_out", {"chip": 4}, "there is no chip 4; they are 0 to 3"),
        ("board-1", "brown_out", {"chip": "x"}, "brown_out: Expected `int`, got `str`"),
        ("kiosk-1", "press", {"key": "x"}, "there is no key `x`; there are social-security"),
        ("kiosk-1", "press", {"key": "social-security", "device": 1}, "unknown field `device`"),
        ("kiosk-1", "press", {"key": "social-security", "seconds": -1}, "seconds"),
        ("kiosk-1", "tear", {}, "nothing printed sticks out"),
        ("room-1", "help", {"cubicle": "c2"}, "cubicle `c2` has no help button"),
        ("room-1", "still", {"cubicle": "c3"}, "there is no cubicle `c3`"),
        ("caller-1", "press", {"key": "x"}, "there is no key `x`; there are next"),
    ],
)
async def test_what_cannot_be_done_is_said(sim: ControlClient, device: str, hand: str, given: dict[str, Any], error: str) -> None:
    with pytest.raises(CannotDo) as refused:
        await sim.do(device, hand, **given)
    assert error in str(refused.value)


NONSENSE = (
    b"\n",
    b"{}\n",
    b"[1, 2]\n",
    b'{"id": 1}\n',
    b'{"id": 1, "device": "board-1", "hand": "plug", "with": 3}\n',
    b'{"id": 1, "device": "board-1", "hand": "plug", "and": 3}\n',
    b"\xff\xfe\x00\n",
    b"[" * 60_000 + b"\n",
    b"x" * (2 * LONGEST_LINE) + b"\n",
)


async def test_nonsense_is_answered_and_the_next_request_is_heard(sim: ControlClient) -> None:
    reader, writer = await asyncio.open_unix_connection(sim.path, limit=1 << 24)
    for nonsense in NONSENSE:
        writer.write(nonsense)
    writer.write(b'{"id": "last", "device": "board-1", "hand": "plug"}\n')
    answers: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while not answers or answers[-1]["answer"] != "last":
            said = json.loads(await reader.readline())
            answers += [said] if "answer" in said else []
    assert len(answers) >= len(NONSENSE) + 1
    assert all(not answer["ok"] and answer["error"] for answer in answers[:-1])
    assert answers[-1] == {"answer": "last", "ok": True}
    writer.close()


async def test_a_client_that_stops_talking_still_gets_its_answers(sim: ControlClient) -> None:
    reader, writer = await asyncio.open_unix_connection(sim.path, limit=1 << 24)
    writer.write(b'{"id": 1, "device": "rater-1", "hand": "press", "with": {"key": "5"}}\n')
    writer.write_eof()
    async with asyncio.timeout(10):
        lines = (await reader.read()).splitlines()
    assert {"answer": 1, "ok": True} in [json.loads(line) for line in lines]
    writer.close()


async def test_too_many_movements_at_once_are_refused(sim: ControlClient) -> None:
    movements = [asyncio.create_task(sim.do("rater-1", "press", key="5", seconds=60)) for _ in range(MOST_MOVEMENTS)]
    await sim.until("rater-1", lambda view: view["keys"][0]["pressed"])
    with pytest.raises(CannotDo, match="too many"):
        await sim.do("rater-1", "press", key="1")
    for movement in movements:
        movement.cancel()


async def test_views_are_coalesced(sim: ControlClient, simulation: Simulation) -> None:
    await sim.until("board-1", bool)
    spi = simulation.wires.spi("/dev/spidev0.0")
    spi.open(0, 0)
    reader, writer = await asyncio.open_unix_connection(sim.path, limit=1 << 24)
    began = time.monotonic()

    def hammer() -> None:
        for count in range(4000):
            spi.writebytes(words((0xF, count & 1), times=4))
        spi.writebytes(words((0xA, 5), times=4))
        for register, value in ((0xF, 0), (0xC, 1)):
            spi.writebytes(words((register, value), times=4))

    await asyncio.to_thread(hammer)
    views = 0
    async with asyncio.timeout(10):
        while True:
            said = json.loads(await reader.readline())
            if said.get("view", {}).get("device") == "board-1":
                views += 1
                if said["view"]["intensity"] == 5:
                    break
    assert views <= 3 + 25 * (time.monotonic() - began)
    writer.close()


async def test_nobody_watching_costs_nothing(simulation: Simulation, tmp_path: Path) -> None:
    async with ControlServer(simulation.bench, tmp_path / "sim.sock"):
        async with ControlClient(tmp_path / "sim.sock") as sim:
            await sim.until("board-1", bool)
        before = time.process_time()
        await asyncio.sleep(0.3)
        assert time.process_time() - before < 0.06


async def test_a_client_notices_that_the_node_ended(simulation: Simulation, tmp_path: Path) -> None:
    async with ControlServer(simulation.bench, tmp_path / "sim.sock") as server:
        sim = await ControlClient(tmp_path / "sim.sock").__aenter__()
        press = asyncio.create_task(sim.do("rater-1", "press", key="5", seconds=60))
        await sim.until("rater-1", lambda view: view["keys"][0]["pressed"])
        await server.__aexit__(None, None, None)
        with pytest.raises(ConnectionError):
            await press
        with pytest.raises(ConnectionError):
            await sim.until("rater-1", lambda view: False)
        await sim.__aexit__(None, None, None)


async def test_a_simulation_opens_again_after_closing(simulation: Simulation) -> None:
    config = parse(NODE, NodeConfig, name="node.toml")
    for _ in range(2):
        async with Simulation(config) as again:
            await again.bench.do("rater-1", "press", key="1", seconds=0.01)


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (
            'wire = "tcp://192.0.2.7:9100"',
            'wire = "/dev/serial/by-id/usb-printer"',
            "wire `/dev/serial/by-id/usb-printer` is used more",
        ),
        ('wire = "/dev/input', 'keys = { KEY_NONSENSE = "next" }\nwire = "/dev/input', "there is no key `KEY_NONSENSE`"),
    ],
)
def test_settings_that_cannot_be_simulated_are_refused(before: str, after: str, error: str) -> None:
    with pytest.raises(BadSettings, match=error):
        Simulation(parse(NODE.replace(before, after), NodeConfig, name="node.toml"))


@pytest.mark.parametrize("wire", ["spi", "address", "input"])
async def test_wires_that_lead_nowhere_are_missing(simulation: Simulation, wire: str) -> None:
    with pytest.raises(DeviceMissing, match="/dev/nothing: nothing hangs on it"):
        getattr(simulation.wires, wire)("/dev/nothing")
