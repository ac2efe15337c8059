"""A session is recorded on real drivers and played again: the same pixels, the same paper, the same edges."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from contract.recording import read_recording
from contract.settings import BadSettings, convert
from devices.gpio import Inputs, to_ground
from devices.keypad import Keypad
from devices.max7219 import LedBoard
from devices.printer import ReceiptPrinter
from devices.serial_bus import LineSettings
from devices.tapping import tap_with
from firmware.config import NodeConfig
from firmware.recording import recorder
from hallware.main import main
from hallware.replay import play_into, replayed
from hallware.simulated import Simulation
from tests.demo.bench_hall import NODE, until
from tests.kiosk.papers import TICKET

CALLER = {"kind": "caller", "id": "caller-2", "window": "window-1", "dialect": "ff68", "wire": "/dev/ttyUSB0", "address": 5}
PLAIN: dict[str, Any] = dict(NODE)
ALL: dict[str, Any] = PLAIN | {"device": [*PLAIN["device"], CALLER]}
ALL |= {"record": {"devices": [device["id"] for device in ALL["device"]]}}


def config() -> NodeConfig:
    """A node with a device on every kind of wire, all recorded."""
    return convert(ALL, NodeConfig, name="node.toml")


PRESSES = (("rater-1", "5"), ("caller-1", "next"), ("rater-1", "1"), ("caller-1", "recall"), ("caller-2", "next"))


@asynccontextmanager
async def recorded(folder: Path) -> AsyncIterator[tuple[Simulation, list[Path]]]:
    """A simulation whose wires are recorded; the files are there when it is over."""
    keeper = recorder(config(), folder)
    assert keeper is not None
    files: list[Path] = []
    async with Simulation(config()) as simulation:
        with keeper:
            tap_with(keeper.tap)
            yield simulation, files
            tap_with(lambda wire: None)
        files += keeper.recorded()


def lettered(text: str) -> bytes:
    """A frame of a board of 64 x 16."""
    image = Image.new("1", (64, 16))
    ImageDraw.Draw(image).text((2, 2), text, 1)
    return image.tobytes()


async def test_board_shows_the_same_pixels_again(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (simulation, files):
        board = LedBoard(simulation.wires, "/dev/spidev0.0", 64, 16)
        board.open()
        for text in ("A001", "A002", "A003"):
            board.show(lettered(text))
            await asyncio.sleep(0.02)
    shown = [one for one in replayed(files[0]) if one.device == "strip-1"]
    letters = [one for one in shown if _lit(one.png)]
    assert len(letters) >= 3
    final = simulation.bench.view("strip-1")
    assert b64decode(final["pixels"]) == lettered("A003")
    assert _lamps(letters[-1].png) == _lamps_of(lettered("A003"))
    assert [one.at for one in shown] == sorted(one.at for one in shown)


async def test_printer_prints_the_same_paper_again(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (simulation, files):
        printer = ReceiptPrinter("tcp://printer:9100", simulation.wires.address)
        assert await asyncio.to_thread(printer.print, TICKET) == "consumed"
        printer.close()
        pages = simulation.bench.view("kiosk-1")["pages"]
    shown = [one for one in replayed(files[0]) if one.device == "kiosk-1"]
    assert shown[-1].png == b64decode(pages[-1]["png"])


async def test_presses_come_again_as_they_came(tmp_path: Path) -> None:
    async def told(simulation: Simulation, act: Any) -> tuple[list[tuple[str, bool]], list[str], bytes]:
        edges, presses, chunks = [], [], bytearray()

        async def hear_edges(inputs: Inputs[str]) -> None:
            async for edge in inputs.changes(0.02):
                edges.append((edge.name, edge.active))  # noqa: PERF401  each is wanted when it comes

        async def hear_keys(pad: Keypad) -> None:
            async for press in pad.presses():
                presses.append(press.key)  # noqa: PERF401

        async def hear_line() -> None:
            async for chunk in bus.received():
                chunks.extend(chunk)

        lines = {"five": to_ground(12), "one": to_ground(13)}
        async with simulation.wires.bus("/dev/ttyUSB0", LineSettings()) as bus:
            with Inputs(simulation.wires.pins(), lines) as inputs, Keypad(simulation.wires, "/dev/input/by-id/pad") as pad:
                tasks = [asyncio.create_task(work) for work in (hear_edges(inputs), hear_keys(pad), hear_line())]
                await asyncio.sleep(0)
                await act()
                await until(lambda: len(edges) >= 4 and len(presses) >= 2 and len(chunks) >= 10)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        return edges, presses, bytes(chunks)

    async with recorded(tmp_path) as (simulation, files):

        async def hands() -> None:
            for device, key in (
                ("rater-1", "5"),
                ("caller-1", "next"),
                ("rater-1", "1"),
                ("caller-1", "recall"),
                ("caller-2", "next"),
            ):
                await simulation.bench.do(device, "press", key=key)

        first = await told(simulation, hands)
    assert first[0] == [("five", True), ("five", False), ("one", True), ("one", False)]
    assert first[1] == ["KEY_KPENTER", "KEY_KP0"]

    async with Simulation(config()) as again:
        done = 0

        async def replay() -> None:
            nonlocal done
            done = await play_into(again, files[0], speed=1.0)

        second = await told(again, replay)
    assert second == first
    assert done == sum(passing.way == "in" for passing in read_recording(files[0])[1])


async def test_recording_of_other_wires_is_refused(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (simulation, files):
        LedBoard(simulation.wires, "/dev/spidev0.0", 64, 16).open()
    small = PLAIN | {"device": PLAIN["device"][2:3]}
    async with Simulation(convert(small, NodeConfig, name="node.toml")) as other:
        with pytest.raises(BadSettings, match="nothing hangs on it here"):
            await play_into(other, files[0])


async def test_command_draws_what_was_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with recorded(tmp_path / "kept") as (simulation, files):
        board = LedBoard(simulation.wires, "/dev/spidev0.0", 64, 16)
        board.open()
        board.show(lettered("A001"))
    assert main(["sim", "replay", str(files[0]), "--to", str(tmp_path / "drawn")]) == 0
    drawn = sorted((tmp_path / "drawn").glob("*strip-1.png"))
    assert drawn
    assert _lamps(drawn[-1].read_bytes()) == _lamps_of(lettered("A001"))
    assert "pictures" in capsys.readouterr().out
    assert main(["sim", "replay", str(tmp_path / "none"), "--to", str(tmp_path / "drawn")]) == 2


def _lit(png: bytes) -> bool:
    return any(any(row) for row in _lamps(png))


def _lamps(png: bytes) -> list[list[bool]]:
    """Which lamps shine on a report's picture of a board."""
    import io

    image = Image.open(io.BytesIO(png)).convert("RGB")
    size = image.width // 64
    return [[_red(image, x * size + 1, y * size + 1) > 150 for x in range(64)] for y in range(16)]


def _red(image: Image.Image, x: int, y: int) -> int:
    pixel = image.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return int(pixel[0])


def _lamps_of(frame: bytes) -> list[list[bool]]:
    image = Image.frombytes("1", (64, 16), frame)
    return [[bool(image.getpixel((x, y))) for x in range(64)] for y in range(16)]
