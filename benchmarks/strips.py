"""Every kind of board against its wire's own limit: CPU of a frame, and how fast the newest call follows the one before."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.board import Nowhere, OneWire
from benchmarks.figures import Figure
from contract.calling import Call
from contract.topics import CALL
from devices.max7219 import LedBoard
from devices.text_board import Look, TextBoard
from devices.text_dialects import DIALECTS
from firmware.config import StripConfig
from tests.board.halls import call
from tests.board.station import NOON
from tests.board.strips import Work, at_work, one, strip_config

SIZES = [(128, 16), (128, 32), (256, 64)]
GOAL = 1.25
"""A frame after the other takes at most so many times what wire and rest between frames take."""
ETHERNET = 100e6 / 10
"""Bits a second, reckoned as if a byte had ten bits as on the serial lines."""
TEXT = "请A012号到3号窗口"


def measure(*, short: bool = False) -> list[Figure]:
    """All figures of all kinds of boards."""
    rounds, seconds = (50, 1.0) if short else (2000, 5.0)
    figures = [_matrix(width, height, rounds) for width, height in SIZES]
    figures += [_encoding(dialect, rounds) for dialect in DIALECTS]
    figures += [asyncio.run(_flood(dialect, seconds)) for dialect in DIALECTS]
    return [*figures, asyncio.run(_at_rest(2.0 if short else 20.0))]


def _matrix(width: int, height: int, rounds: int) -> Figure:
    board = LedBoard(OneWire(Nowhere()), "/dev/spidev0.0", width, height)  # type: ignore[arg-type]
    board.open()
    frames = [random.Random(seed).randbytes(width * height // 8) for seed in (1, 2)]
    began = time.process_time()
    for number in range(rounds):
        board.show(frames[number % 2])
    cpu = (time.process_time() - began) / rounds
    return Figure(f"MAX7219 {width}x{height}: CPU of a frame", cpu * 1e6, "µs", board.frame_seconds * 1e6, "at 8 MHz", 1.0)


def _board(config: StripConfig) -> TextBoard:
    return TextBoard(config.dialect, config.wire, config.first, columns=config.cells, missing=print)


def _encoding(dialect: str, rounds: int) -> Figure:
    board, look = _board(strip_config(dialect)), Look(_shown(dialect))
    began = time.process_time()
    for _ in range(rounds):
        frame = board.frame(0, look)
    cpu = (time.process_time() - began) / rounds
    wire = _on_the_wire(dialect, len(frame))
    return Figure(f"{dialect}: CPU of a frame", cpu * 1e6, "µs", wire * 1e6, f"its {len(frame)} bytes on the wire", 1.0)


def _shown(dialect: str) -> str:
    return {"queue": "A012>3", "digits": "012", "digits-colour": "012"}.get(dialect, TEXT)


def _on_the_wire(dialect: str, size: int) -> float:
    bauds = DIALECTS[dialect].bauds
    return size * 10 / (bauds[0] if bauds else ETHERNET)


async def _flood(dialect: str, seconds: float) -> Figure:
    """Calls come much faster than the board takes frames: how far apart are the frames, with their own time as the limit."""
    async with one(dialect, refresh=3600.0, blink=3600.0) as work:
        await work.being("ready", "ok")
        taken, began = _taken(work), time.perf_counter()
        for each in _calls():
            work.station.tell(CALL, each)
            await asyncio.sleep(0.02)
            if time.perf_counter() - began > seconds:
                break
        apart = (time.perf_counter() - began) / (_taken(work) - taken)
        frame = len(_board(work.config).frame(0, Look(work.texts()[0])))
    limit = _on_the_wire(dialect, frame) + DIALECTS[dialect].gap
    return Figure(f"{dialect}: from frame to frame", apart * 1e3, "ms", limit * 1e3, "wire and rest", GOAL)


async def _at_rest(seconds: float) -> Figure:
    """24 boards on four lines, refreshed as often as by default, with nothing to do but that."""
    wires = [f"/dev/serial/by-id/usb-line-{line}" for line in range(4)]
    configs = [strip_config("strip-aa", id=f"s{n}", address=1 + n, wire=wires[n % 4], refresh=10.0) for n in range(24)]
    async with at_work(*configs) as works:
        for work in works:
            await work.being("ready", "ok")
        began = time.process_time()
        await asyncio.sleep(seconds)
        cpu = (time.process_time() - began) / seconds
    return Figure("24 strips at rest, simulator too: CPU a second", cpu * 1e3, "ms", limit=20)


def _taken(work: Work) -> int:
    return work.strip.sign.counts["taken"]


def _calls() -> Iterator[Call]:
    for number in range(10**6):
        yield call(f"A{number % 1000:03}", times=1 + number, at=NOON + timedelta(milliseconds=number))
