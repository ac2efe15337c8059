"""The agent on a simulated wire: what it hears becomes pixels, and what it shows becomes answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from contract.calling import CallAnswer, PictureShown
from contract.commands import Command, CommandAnswer, Identify, PrintSlip, SelfTest
from contract.topics import BOARD_PICTURE, CALL, COMMAND
from devices.lettering import Row, Typesetter
from firmware.agents.board import CHECK_CABLE, build
from firmware.config import BoardConfig
from hardware_sim.max7219 import Cascade, SpiPort
from tests.board.halls import call, picture
from tests.board.station import NOON, HandStation
from tests.board.test_max7219 import BrokenPort, OneWire
from tests.runtime.waiting import until

STRIP = BoardConfig(id="board-1", layout="window", window="w3", reassert=0.2)


@dataclass
class Bench:
    """An agent at work, its station and its board."""

    station: HandStation
    cascade: Cascade
    port: SpiPort

    def shows(self, text: str) -> bool:
        page = Typesetter(self.cascade.width, self.cascade.height, print).page((Row(text),))
        return self.cascade.pixels() == page

    @property
    def answers(self) -> list[tuple[str, str]]:
        return [(said.call, said.outcome) for said in self.station.said if isinstance(said, CallAnswer)]

    @property
    def pictures(self) -> list[int]:
        return said_pictures(self.station)

    @property
    def replies(self) -> list[tuple[str, str]]:
        return [(said.id, said.outcome) for said in self.station.said if isinstance(said, CommandAnswer)]


def said_pictures(station: HandStation) -> list[int]:
    return [said.version for said in station.said if isinstance(said, PictureShown)]


@asynccontextmanager
async def at_work(config: BoardConfig, port: object) -> AsyncIterator[HandStation]:
    station = HandStation(config.id)
    running = asyncio.create_task(build(config, OneWire(port), station).run())  # type: ignore[arg-type]
    try:
        yield station
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def bench(config: BoardConfig = STRIP) -> AsyncIterator[Bench]:
    cascade = Cascade(config.width, config.height, config.orientation)
    port = SpiPort(cascade)
    async with at_work(config, port) as station:
        yield Bench(station, cascade, port)


def order(do: SelfTest | Identify | PrintSlip, *, token: str = "command-1") -> Command:
    return Command(id=token, device="board-1", at=NOON, not_after=NOON + timedelta(seconds=30), do=do)


async def test_a_call_becomes_pixels_and_is_answered_once() -> None:
    async with bench() as here:
        here.station.tell(CALL, call("A012"))
        here.station.tell(CALL, call("A012"))
        await until(lambda: here.answers)
        assert here.shows("请A012到3号窗口")
        await until(lambda: not any(here.cascade.pixels()))
        await until(lambda: here.shows("请A012到3号窗口"))
        assert here.answers == [(call("A012").id, "shown")]


async def test_late_and_overtaken_calls_are_answered_so_and_not_shown() -> None:
    async with bench() as here:
        here.station.tell(CALL, call("A010", at=NOON - timedelta(seconds=60)))
        here.station.tell(CALL, call("A012"))
        here.station.tell(CALL, call("A011", at=NOON - timedelta(seconds=1)))
        await until(lambda: len(here.answers) == 3)
        assert [outcome for _, outcome in here.answers] == ["late", "shown", "overtaken"]
        assert here.shows("请A012到3号窗口")


async def test_a_board_that_wakes_up_shows_its_picture_and_answers_nothing() -> None:
    async with bench() as here:
        here.station.tell(BOARD_PICTURE, picture(call("A012")))
        await until(lambda: here.shows("请A012到3号窗口"))
        assert here.answers == here.replies == []
        assert here.station.states == [("ready", "ok")]


async def test_a_board_says_once_which_picture_stands_on_it() -> None:
    async with bench() as here:
        here.station.tell(CALL, call("A012"))
        await until(lambda: here.answers)
        assert here.pictures == []
        here.station.tell(BOARD_PICTURE, picture(call("A012"), version=7))
        await until(lambda: here.pictures == [7])
        here.station.tell(BOARD_PICTURE, picture(call("A012"), version=8))
        await until(lambda: here.pictures == [7, 8])
        here.cascade.brown_out(4, "test")
        await until(lambda: here.shows("请A012到3号窗口"))
        assert here.pictures == [7, 8]


async def test_a_board_whose_controller_was_away_says_again_which_picture_stands() -> None:
    async with bench() as here:
        here.station.tell(BOARD_PICTURE, picture(call("A012"), version=7))
        await until(lambda: here.pictures == [7])
        here.station.lose_controller()
        await until(lambda: here.shows("请到窗口咨询"))
        assert here.pictures == [7]
        here.station.find_controller()
        await until(lambda: here.shows("请A012到3号窗口"))
        await until(lambda: here.pictures == [7, 7])


async def test_a_board_that_takes_no_pixels_does_not_say_that_they_stand() -> None:
    port = BrokenPort()
    async with at_work(STRIP, port) as station:
        station.tell(BOARD_PICTURE, picture(version=7))
        await until(lambda: said_pictures(station) == [7])
        port.fails_write = OSError(5, "noise")
        station.tell(BOARD_PICTURE, picture(call("A012"), version=8))
        await until(lambda: ("fault", "board-unreachable") in station.states)
        assert said_pictures(station) == [7]
        port.fails_write = None
        await until(lambda: said_pictures(station) == [7, 8])


async def test_a_self_test_is_no_picture() -> None:
    async with bench() as here:
        here.station.tell(BOARD_PICTURE, picture(version=7))
        await until(lambda: here.pictures == [7])
        here.station.tell(COMMAND, order(SelfTest()))
        here.station.tell(BOARD_PICTURE, picture(version=8))
        await until(lambda: here.replies == [("command-1", "done")])
        await until(lambda: here.pictures == [7, 8])
        since = [said.since for said in here.station.said if isinstance(said, PictureShown)]
        assert since[1] - since[0] > timedelta(seconds=1)


async def test_a_board_that_loses_its_controller_points_to_the_desk() -> None:
    async with bench() as here:
        here.station.tell(BOARD_PICTURE, picture(call("A012")))
        await until(lambda: here.shows("请A012到3号窗口"))
        here.station.lose_controller()
        await until(lambda: here.shows("请到窗口咨询"))


async def test_a_board_unknown_to_its_controller_wants_a_person() -> None:
    async with bench() as here:
        await until(lambda: ("attention", "no-picture") in here.station.states)
        here.station.tell(BOARD_PICTURE, picture())
        await until(lambda: here.station.states[-1] == ("ready", "ok"))


async def test_chips_that_browned_out_come_back_by_themselves() -> None:
    async with bench() as here:
        here.station.tell(BOARD_PICTURE, picture(call("A012")))
        await until(lambda: here.shows("请A012到3号窗口"))
        here.cascade.brown_out(4, "test")
        assert not here.shows("请A012到3号窗口")
        await until(lambda: here.shows("请A012到3号窗口"))


async def test_a_board_whose_cable_was_pulled_shows_again_when_it_is_back() -> None:
    async with bench() as here:
        here.station.tell(BOARD_PICTURE, picture(call("A012")))
        await until(lambda: here.shows("请A012到3号窗口"))
        here.cascade.unplug()
        here.cascade.plug()
        await until(lambda: here.shows("请A012到3号窗口"))


async def test_an_idle_board_sends_nothing_between_two_assertions() -> None:
    async with bench(BoardConfig(id="board-1", reassert=3600)) as here:
        here.station.tell(BOARD_PICTURE, picture())
        await until(lambda: here.shows("欢迎光临"))
        sent, beats = here.port.bytes_sent, here.station.beats
        here.station.tell(BOARD_PICTURE, picture(version=2))
        await until(lambda: here.station.beats > beats)
        assert here.port.bytes_sent == sent


async def test_a_self_test_lights_every_pixel_and_is_answered_at_its_end() -> None:
    async with bench() as here:
        await until(lambda: here.station.states)
        here.station.tell(COMMAND, order(SelfTest()))
        await until(lambda: here.cascade.pixels() == b"\xff" * 256)
        await until(lambda: here.cascade.pixels()[:16] == b"\x55" * 16)
        await until(lambda: here.cascade.pixels()[:16] == b"\xaa" * 16)
        await until(lambda: here.shows("board-1"))
        await until(lambda: here.replies)
        assert here.replies == [("command-1", "done")]


async def test_what_a_board_cannot_do_is_refused_and_identifying_is_answered_when_it_begins() -> None:
    async with bench() as here:
        await until(lambda: here.station.states)
        here.station.tell(COMMAND, order(PrintSlip(slip="slip-0001", title=call("A012").window_name), token="command-1"))
        here.station.tell(COMMAND, order(Identify(seconds=1), token="command-2"))
        await until(lambda: here.cascade.pixels() == b"\xff" * 256)
        await until(lambda: here.shows("board-1"))
        assert here.replies == [("command-1", "refused"), ("command-2", "done")]


async def test_a_call_cuts_a_self_test_short() -> None:
    async with bench() as here:
        await until(lambda: here.station.states)
        here.station.tell(COMMAND, order(SelfTest()))
        await until(lambda: here.cascade.pixels() == b"\xff" * 256)
        here.station.tell(CALL, call("A012"))
        await until(lambda: here.shows("请A012到3号窗口"))
        await until(lambda: here.replies)
        assert here.replies == [("command-1", "failed")]


async def test_a_broken_bus_is_a_fault_and_heals_by_itself() -> None:
    port = BrokenPort()
    port.fails_open = FileNotFoundError(2, "No such file or directory")
    async with at_work(STRIP, port) as station:
        await until(lambda: ("fault", "board-unreachable") in station.states)
        what, touch = station.words[-1]
        assert what.zh == "显示屏打不开或写不进：/dev/spidev0.0: No such file or directory"
        assert touch == CHECK_CABLE
        station.tell(CALL, call("A012"))
        port.fails_open = None
        await until(lambda: station.said)
        assert station.states[-1] == ("ready", "ok")
        assert isinstance(station.said[0], CallAnswer)
        assert station.said[0].outcome == "shown"


async def test_a_write_that_fails_is_tried_again() -> None:
    port = BrokenPort()
    async with at_work(STRIP, port) as station:
        await until(lambda: station.states)
        port.fails_write = OSError(5, "Input/output error")
        station.tell(CALL, call("A012"))
        await until(lambda: station.states[-1][0] == "fault")
        port.fails_write = None
        await until(lambda: station.states[-1][0] == "ready")
        await until(lambda: station.said)


async def test_a_long_frame_goes_through_the_worker() -> None:
    slow = BoardConfig(id="board-1", width=512, height=64, speed_hz=8_000_000)
    async with bench(slow) as here:
        here.station.tell(CALL, call("A012"))
        await until(lambda: here.answers)
        assert any(here.cascade.pixels())


@pytest.mark.parametrize("zh", ["龘龘号窗口", "🙂"])
async def test_a_character_without_a_glyph_is_counted_once(zh: str) -> None:
    async with bench() as here:
        idle = picture().idle
        strange = type(idle)(zh=zh, en="strange")
        here.station.tell(BOARD_PICTURE, type(picture())(board="board-1", version=2, at=NOON, idle=strange))
        await until(lambda: here.shows(zh))
        assert here.station.counts == {"missing-glyph": 1}
