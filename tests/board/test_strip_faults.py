"""Every fault of a text board and its wire: the words that staff read, and that it heals without a restart."""

from datetime import timedelta

import pytest

from contract.commands import SelfTest
from contract.topics import BOARD_PICTURE, CALL, COMMAND
from contract.values import Text
from hardware_sim.serial_line import SerialLine
from tests.board.dialects import NEXT, called, each_dialect, each_serial, order
from tests.board.halls import call, picture
from tests.board.station import NOON
from tests.board.strips import at_work, one, strip_config
from tests.runtime.waiting import until


@each_dialect
async def test_a_sign_that_forgot_its_text_is_cured_by_the_refresh(dialect: str) -> None:
    async with one(dialect) as work:
        work.station.tell(BOARD_PICTURE, picture(call("A012")))
        await work.showing(called(dialect))
        work.strip.power_cut()
        assert work.shows("")
        await work.showing(called(dialect))
        assert work.state == ("ready", "ok")
        assert "此类屏不应答，每 1 秒重发一次" in work.said
        assert "such a board cannot answer, so it is refreshed every 1 s" in work.said


@each_dialect
@pytest.mark.parametrize("harm", ["lose", "truncate", "garble"])
async def test_a_frame_that_was_harmed_on_its_way_is_cured_by_the_next(dialect: str, harm: str) -> None:
    async with one(dialect) as work:
        await work.being("ready", "ok")
        getattr(work.strip, harm)()
        work.station.tell(CALL, call("A012"))
        await work.showing(called(dialect))
        assert work.strip.sign.faults() == []


@each_dialect
async def test_noise_on_the_wire_is_refused_and_leaves_nothing_behind(dialect: str) -> None:
    async with one(dialect) as work:
        work.station.tell(CALL, call("A012"))
        await work.showing(called(dialect))
        for _ in range(20):
            work.strip.noise(200)
        work.strip.power_cut()
        await work.showing(called(dialect))


@each_dialect
async def test_a_pulled_cable_is_a_fault_in_words_and_heals_when_it_is_back(dialect: str) -> None:
    async with one(dialect) as work:
        work.station.tell(CALL, call("A012"))
        await work.showing(called(dialect))
        work.strip.unplug()
        await work.being("fault", "wire-gone")
        if dialect == "udp-card":
            assert "the board is not on the network" in work.said
            assert "网线" in work.said
        else:
            assert "the wire to the board is gone" in work.said
            assert "把串口转换器插回" in work.said
        work.station.tell(CALL, call("A013", at=NOON + timedelta(seconds=1)))
        work.strip.plug()
        await work.showing(NEXT.get(dialect, "请A013到3号窗口"))
        await until(lambda: len(work.answers) == 2)
        assert work.answers[-1][1] == "shown"
        await work.being("ready", "ok")


@each_dialect
async def test_a_slow_wire_brings_every_text_late_and_none_wrong(dialect: str) -> None:
    async with one(dialect, refresh=60.0) as work:
        await work.being("ready", "ok")
        work.strip.slow()
        work.station.tell(CALL, call("A012"))
        await work.showing(called(dialect))
        assert "such a board cannot answer" in work.said
        work.strip.full_speed()
        work.station.tell(CALL, call("A013", at=NOON + timedelta(seconds=1)))
        await work.showing(NEXT.get(dialect, "请A013到3号窗口"))
        assert not [what for what in work.strip.sign.counts if what.startswith("refused: checksum")]


async def test_dead_leds_cannot_be_known_so_the_self_test_lights_every_one_of_them() -> None:
    async with one("digits") as work:
        await work.being("ready", "ok")
        work.strip.kill_segment("0a")
        assert work.strip.view()["faults"] == ["dead segment 0a"]
        work.station.tell(COMMAND, order(SelfTest()))
        await work.showing("888")
        assert "such a board cannot answer" in work.said
        work.strip.mend()
        assert work.strip.view()["faults"] == []
        await until(lambda: work.replies == [("command-1", "done")])


@each_serial
async def test_a_line_that_takes_nothing_is_a_fault_in_words_and_heals_when_it_does(dialect: str) -> None:
    async with one(dialect) as work:
        await work.being("ready", "ok")
        assert isinstance(work.strip.wire, SerialLine)
        work.strip.wire.block()
        work.station.tell(CALL, call("A012"))
        await work.being("fault", "wire-blocked")
        assert "到显示屏的线堵住了" in work.said
        assert "pull the serial adapter out" in work.said
        work.strip.wire.unblock()
        await work.showing(called(dialect))
        await work.being("ready", "ok")


async def test_a_call_for_which_the_wire_does_not_come_back_in_time_has_failed() -> None:
    async with one("strip-aa") as work:
        await work.being("ready", "ok")
        work.strip.unplug()
        await until(lambda: work.state[0] == "fault")
        work.station.tell(CALL, call("A012", fresh=0.5, at=work.station.clock.now()))
        await until(lambda: work.answers)
        assert work.answers == [(call("A012").id, "failed")]


async def test_whoever_waits_for_its_turn_on_a_blocked_line_is_alive_meanwhile() -> None:
    configs = [strip_config("strip-aa", id=f"board-{n}", address=n, window=f"w{n}", refresh=60.0) for n in range(1, 7)]
    async with at_work(*configs) as works:
        for work in works:
            await work.being("ready", "ok")
        wire = works[0].strip.wire
        assert isinstance(wire, SerialLine)
        wire.block()
        before = [work.station.beats for work in works]
        for window, work in enumerate(works, 1):
            work.station.tell(CALL, call("A012", window))
        for work in works:
            await work.being("fault", "wire-blocked")
        assert works[-1].station.beats - before[-1] >= 3
        wire.unblock()
        for work in works:
            await work.being("ready", "ok")


async def test_a_card_that_the_network_has_not_found_is_not_well_with_every_attempt() -> None:
    async with one("udp-card") as work:
        await work.being("ready", "ok")
        work.strip.unplug()
        await work.being("fault", "wire-gone")
        attempts = work.station.beats
        await until(lambda: work.station.beats > attempts + 6)
        assert [state for state, _ in work.station.states] == ["ready", "fault"]


async def test_two_speeds_on_one_line_are_refused_in_words() -> None:
    first, second = strip_config("strip-aa", id="board-1"), strip_config("queue", id="board-2")
    async with at_work(first) as (work,), at_work(second) as (alone,):
        await work.being("ready", "ok")
        await alone.being("ready", "ok")
    async with at_work(first, second) as works:
        await until(lambda: {work.state for work in works} == {("ready", "ok"), ("fault", "wire-refused")})
        (refused,) = (work for work in works if work.state[0] == "fault")
        assert "give them the same speed" in refused.said
        assert "波特率相同" in refused.said


async def test_a_character_that_the_board_lacks_is_replaced_and_counted_once() -> None:
    async with one("udp-card") as work:
        strange = Text(zh="龘龘号窗口", en="strange")
        work.station.tell(BOARD_PICTURE, type(picture())(board="board-1", version=2, at=NOON, idle=strange))
        await work.showing("□□号窗口")
        assert work.station.counts == {"missing-character": 1}
