"""The board's frames against luma sending every one of them, and a call on its way through the agent to latched pixels."""

import asyncio
import random
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import cycle

from luma.core.interface.serial import noop, spi
from luma.led_matrix.device import max7219
from PIL import Image

from benchmarks.figures import Figure, percentile
from contract.calling import Call, CallAnswer
from contract.topics import CALL
from devices.lettering import Typesetter
from devices.max7219 import LedBoard
from firmware.agents.board import build
from firmware.agents.board_rules import BoardRules, Instant
from firmware.agents.board_sheet import of_pixels
from firmware.config import BoardConfig
from firmware.worker import Worker
from hardware_sim.max7219 import Cascade, SpiPort
from tests.board.halls import call, notice, picture
from tests.board.station import NOON, HandStation
from tests.runtime.waiting import until

WIDTH, HEIGHT = 128, 16
GOAL = 0.25
"""A changed frame costs at most a quarter of luma's."""
PAUSE = 0.005
"""Seconds of rest before each call: a board waits, and what has rested is slower."""


class Nowhere:
    """An SPI bus with nothing at its end, which takes no time."""

    def __init__(self) -> None:
        self.max_speed_hz, self.mode, self.cshigh, self.bytes_sent = 0, 0, False, 0

    def open(self, port: int, device: int) -> None:
        """Always there."""

    def writebytes(self, data: list[int] | bytes | bytearray) -> None:
        """Count."""
        self.bytes_sent += len(data)

    def close(self) -> None:
        """Nothing to release."""


class OneWire:
    """Wires with a single SPI bus."""

    def __init__(self, port: Nowhere | SpiPort) -> None:
        self._port = port

    def spi(self, wire: str) -> Nowhere | SpiPort:
        """The bus, whatever it is called."""
        return self._port


def measure(*, short: bool = False) -> list[Figure]:
    """All figures of the board."""
    rounds = 50 if short else 1000
    return [*_frames(rounds), *_calls(30 if short else 500)]


def _frames(rounds: int) -> list[Figure]:
    board, luma = _our_board(Nowhere()), _luma_board(Nowhere())
    size = (WIDTH, HEIGHT)
    changing = [Image.frombytes("1", size, random.Random(seed).randbytes(WIDTH * HEIGHT // 8)) for seed in (1, 2)]
    moving = [Image.frombytes("1", size, pixels) for pixels in _moving_frames()]
    with _without_deprecations():
        all_of_luma, moving_luma = _cpu(luma.display, changing, rounds), _cpu(luma.display, moving, rounds)

    def show(image: Image.Image) -> bool:
        return board.show(image.tobytes())

    changed, moved = _cpu(show, changing, 10 * rounds), _cpu(show, moving, 10 * rounds)
    equal = _cpu(show, changing[:1], 10 * rounds)
    every = "luma, every frame"
    return [
        Figure("CPU of a changed frame, 128x16", changed * 1e6, "µs", all_of_luma * 1e6, every, GOAL),
        Figure("CPU of a scrolled frame", moved * 1e6, "µs", moving_luma * 1e6, every, GOAL),
        Figure(
            "CPU of a scrolled frame, rules and lettering too",
            _cpu_of_scrolling(rounds) * 1e6,
            "µs",
            moving_luma * 1e6,
            every,
            GOAL,
        ),
        Figure("CPU of an equal frame", equal * 1e6, "µs", all_of_luma * 1e6, every, GOAL),
        Figure("bytes sent for an equal frame", _bytes_of_an_equal_frame(), "bytes", limit=0),
        Figure("one changed frame after the other", 1e3 * changed, "ms", 1e3 * all_of_luma, every, GOAL),
    ]


def _bytes_of_an_equal_frame() -> int:
    bus = Nowhere()
    board = _our_board(bus)
    board.show(b"\x5a" * 256)
    before = bus.bytes_sent
    board.show(b"\x5a" * 256)
    return bus.bytes_sent - before


def _our_board(port: Nowhere | SpiPort) -> LedBoard:
    board = LedBoard(OneWire(port), "/dev/spidev0.0", WIDTH, HEIGHT)  # type: ignore[arg-type]
    board.open()
    return board


def _luma_board(port: Nowhere | SpiPort) -> max7219:
    with _without_deprecations():
        board = max7219(spi(spi=port, gpio=noop()), width=WIDTH, height=HEIGHT, block_orientation=-90)
    board.persist = True
    return board


@contextmanager
def _without_deprecations() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # luma asks Pillow for getdata
        yield


def _cpu(show: Callable[[Image.Image], object], frames: list[Image.Image], rounds: int) -> float:
    """Seconds of CPU a frame."""
    began = time.process_time()
    for _, frame in zip(range(rounds), cycle(frames), strict=False):
        show(frame)
    return (time.process_time() - began) / rounds


def _scrolling_rules() -> tuple[BoardRules, Typesetter]:
    setter = Typesetter(WIDTH, HEIGHT, print)
    rules = BoardRules(of_pixels(BoardConfig(id="board-1")), setter.width, Instant(NOON, 0))
    rules.presence(True, Instant(NOON, 0))
    rules.see(picture(notices=(notice("今日不动产登记窗口延时服务至十九点，请已取号的群众耐心等候"),)), Instant(NOON, 0))
    return rules, setter


def _scrolling_instants() -> Iterator[Instant]:
    for number in range(10**9):
        tick = 1.0 + number / 48
        yield Instant(NOON + timedelta(seconds=tick), tick)


def _moving_frames() -> list[bytes]:
    rules, setter = _scrolling_rules()
    rules.face(Instant(NOON, 0))
    return [setter.page(rules.face(now)[0].rows) for now, _ in zip(_scrolling_instants(), range(200), strict=False)]


def _cpu_of_scrolling(rounds: int) -> float:
    rules, setter = _scrolling_rules()
    board = _our_board(Nowhere())
    began = time.process_time()
    for now, _ in zip(_scrolling_instants(), range(rounds), strict=False):
        board.show(setter.page(rules.face(now)[0].rows))
    return (time.process_time() - began) / rounds


def _calls(rounds: int) -> list[Figure]:
    latched, hop = asyncio.run(_latched_after(rounds)), asyncio.run(_hop(rounds))
    with _without_deprecations():
        luma = asyncio.run(_luma_after(rounds))
    alone, thread = "luma's frame alone, as rarely", "a thread's switch there and back"
    return [
        Figure("call heard to pixels latched, p50", 1e3 * percentile(latched, 50), "ms", 1e3 * percentile(luma, 50), alone, 1.0),
        Figure("call heard to pixels latched, p99", 1e3 * percentile(latched, 99), "ms", 1e3 * percentile(luma, 99), alone),
        Figure(
            "the same, p50, against what a worker would add",
            1e3 * percentile(latched, 50),
            "ms",
            1e3 * percentile(hop, 50),
            thread,
        ),
    ]


async def _latched_after(rounds: int) -> list[float]:
    """Seconds from a call in the agent's ear to the last latch of its first frame."""
    station = HandStation("board-1")
    cascade = Cascade(WIDTH, HEIGHT)
    latched = [0.0]
    cascade.listen(lambda: latched.__setitem__(0, time.perf_counter()))
    config = BoardConfig(id="board-1", reassert=3600)
    running = asyncio.create_task(build(config, OneWire(SpiPort(cascade)), station).run())  # type: ignore[arg-type]
    await until(lambda: station.states)
    taken = []
    for number in range(rounds):
        one = _fresh_call(number, station)
        answers = len(station.said)
        began = time.perf_counter()
        station.tell(CALL, one)
        await until(lambda: len(station.said) > answers)  # noqa: B023
        taken.append(latched[0] - began)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert all(answer.outcome == "shown" for answer in station.said if isinstance(answer, CallAnswer))
    return taken


def _fresh_call(number: int, station: HandStation) -> Call:
    return call(f"A{number % 1000:03}", 1 + number % 8, at=station.clock.now(), times=1 + number)


async def _luma_after(rounds: int) -> list[float]:
    """Seconds that luma takes for a frame when nothing has run for as long as between the calls above."""
    board = _luma_board(SpiPort(Cascade(WIDTH, HEIGHT)))
    images = [Image.frombytes("1", (WIDTH, HEIGHT), pixels) for pixels in _moving_frames()[:2]]
    return [await _timed(partial(board.display, image)) for image, _ in zip(cycle(images), range(rounds), strict=False)]


async def _hop(rounds: int) -> list[float]:
    """Seconds that a worker takes to do nothing."""
    taken = []
    async with Worker("hop") as worker:
        for _ in range(rounds):
            await asyncio.sleep(PAUSE)
            began = time.perf_counter()
            await worker.run(time.perf_counter, deadline=5.0)
            taken.append(time.perf_counter() - began)
    return taken


async def _timed(act: Callable[[], object]) -> float:
    await asyncio.sleep(PAUSE)
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
