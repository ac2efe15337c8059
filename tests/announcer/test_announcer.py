"""The announcer at work on a simulated sound card with the real espeak-ng: calls in, samples out, every fault in words."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.announcing import Spoken
from contract.calling import CallAnswer
from contract.commands import Identify, PrintSlip, SelfTest
from contract.topics import BOARD_PICTURE, CALL, COMMAND
from contract.values import Text
from devices.sound import chime, wav
from firmware.agents import announcer
from firmware.config import NodeConfig, NodeIdentity
from firmware.config_sound import AnnouncerConfig, VoiceConfig, Volume
from firmware.intercom import Standing
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from hardware_sim.sound_card import Recording, SoundCard
from tests.announcer.calls import call, picture
from tests.keys.running import command, running
from tests.keys.station import HeldStation

LOUD = "announcer-1"
WIRE = "plughw:CARD=Device"


class Corner:
    """A loudspeaker with hands, what it says, and its agent's station."""

    def __init__(self, bench: Bench, card: SoundCard, station: HeldStation) -> None:
        self.bench, self.card, self.station = bench, card, station

    async def do(self, hand: str) -> None:
        """Move a hand."""
        await self.bench.do(LOUD, hand)

    def call(self, number: str, window: int, **more: Any) -> None:
        """The controller calls a ticket now."""
        self.station.tell(CALL, call(number, window, datetime.now(UTC), **more))

    @property
    def answers(self) -> dict[str, str]:
        """What became of each call, by number and window."""
        said = [each for each in self.station.said if isinstance(each, CallAnswer)]
        return {answer.call.removeprefix("call-"): answer.outcome for answer in said}

    def heard(self) -> list[Recording]:
        """What came out of the loudspeaker."""
        return list(self.card.recordings)

    def numbers(self) -> list[str]:
        """The numbers that were spoken, in their order."""
        return [each.text.split()[1] for each in self.heard() if each.text.startswith("请 ")]

    async def until(self, seen: Any, seconds: float = 20) -> None:
        """Wait until something is seen."""
        await self.station.until(seen, seconds)

    async def says(self, code: str) -> tuple[str, str, str]:
        """What staff read in both languages and what they should touch, once the state has this code."""
        await self.until(lambda: self.station.code == code)
        _, _, what, touch = self.station.states[-1]
        return what.zh, what.en, touch.zh if touch else ""


@asynccontextmanager
async def a_loudspeaker(data: Path, **settings: Any) -> AsyncIterator[Corner]:
    plain: dict[str, Any] = {"id": LOUD, "wire": WIRE, "pause": 0.01, "voices": (VoiceConfig(language="zh"),)}
    config = AnnouncerConfig(**(plain | settings))
    node = NodeConfig(node=NodeIdentity(id="node-1", hall="hall", data=data), device=(config,))
    station = HeldStation(LOUD, data)
    async with Simulation(node) as simulation:
        peripheral: Any = simulation.bench.peripherals[LOUD]
        peripheral.card.speed = 20.0
        async with running(announcer.build(config, simulation.wires, station)):
            await station.until(lambda: station.code)
            yield Corner(simulation.bench, peripheral.card, station)


async def test_calls_are_spoken_one_after_the_other_and_never_at_once(tmp_path: Path) -> None:
    async with a_loudspeaker(tmp_path, repeat=2, voices=(VoiceConfig(language="zh"), VoiceConfig(language="en"))) as corner:
        for window in range(1, 5):
            corner.call(f"A00{window}", window)
        await corner.until(lambda: len(corner.heard()) == 8)
        assert corner.numbers() == ["A001", "A002", "A003", "A004"] * 2
        assert corner.answers == {f"A00{n}-{n}-1": "spoken" for n in range(1, 5)}
        heard = corner.heard()
        assert all(before.ended <= after.began for before, after in itertools.pairwise(heard))
        assert all(each.whole and each.level > 0.02 and each.seconds > 4 for each in heard)
        assert corner.card.overlaps == 0


async def test_what_a_window_of_this_node_calls_alone_is_spoken_once_and_what_stands_from_before_is_not(tmp_path: Path) -> None:
    async with a_loudspeaker(tmp_path, repeat=1, windows=("window-3",)) as corner:
        tell, now = corner.station.tell_neighbours, datetime.now(UTC)
        tell(Standing(own=True, call=call("A011", 3, now)), "window-3", keep=True)
        tell(Standing(own=True, call=call("A012", 3, now), new=True), "window-3")
        tell(Standing(own=True, call=call("A013", 4, now), new=True), "window-4")
        corner.call("A014", 5)
        await corner.until(lambda: len(corner.heard()) == 2)
        assert corner.numbers() == ["A012", "A014"]


async def test_an_answer_says_when_the_call_was_begun_and_the_text_goes_to_whoever_cannot_hear(tmp_path: Path) -> None:
    async with a_loudspeaker(tmp_path, repeat=1) as corner:
        before = datetime.now(UTC)
        corner.call("A012", 3)
        await corner.until(lambda: corner.answers)
        (answer,) = [each for each in corner.station.said if isinstance(each, CallAnswer)]
        (spoken,) = [each for each in corner.station.said if isinstance(each, Spoken)]
        assert before <= spoken.at == answer.at <= datetime.now(UTC)
        assert spoken.text == Text(zh="请 A012 号到 3号窗口", en="Ticket A012, please go to Window 3")
        assert (spoken.until - spoken.at).total_seconds() == pytest.approx(corner.heard()[0].seconds, abs=0.01)
        assert spoken.of == "call"


async def test_a_call_that_comes_too_late_is_not_spoken(tmp_path: Path) -> None:
    async with a_loudspeaker(tmp_path, repeat=1) as corner:
        corner.station.tell(CALL, call("A001", 1, datetime.now(UTC) - timedelta(seconds=30)))
        corner.call("A002", 2)
        await corner.until(lambda: len(corner.answers) == 2)
        assert corner.answers == {"A001-1-1": "late", "A002-2-1": "spoken"}
        assert corner.numbers() == ["A002"]


async def test_urgent_notices_are_spoken_first(tmp_path: Path) -> None:
    async with a_loudspeaker(tmp_path, repeat=1, board="main") as corner:
        corner.station.tell(BOARD_PICTURE, picture("请立即疏散", calm="中午休息"))
        corner.call("A001", 1)
        await corner.until(lambda: len(corner.heard()) == 2)
        assert [each.text for each in corner.heard()] == [
            "请立即疏散 · 请立即疏散", "请 A001 号到 1号窗口 · Ticket A001, please go to Window 1"
        ]  # fmt: skip


async def test_the_volume_is_that_of_the_time_of_day_and_slower_speech_takes_longer(tmp_path: Path) -> None:
    levels, lengths = [], []
    for percent, speed in ((100, 200), (20, 100)):
        async with a_loudspeaker(tmp_path, repeat=1, volume=(Volume(since="00:00", percent=percent),), speed=speed) as corner:
            corner.call("A001", 1)
            await corner.until(lambda: corner.heard())
            levels.append(corner.heard()[0].level)
            lengths.append(corner.heard()[0].seconds)
    assert levels[1] < 0.5 * levels[0]
    assert lengths[1] > 1.2 * lengths[0]


async def test_a_dialect_is_spoken_from_recordings_and_a_missing_one_is_named_until_it_is_there(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    for clip in ("please", "A", "0", "1", "number", "to", "window-1"):
        (clips / f"{clip}.wav").write_bytes(wav(chime()))
    async with a_loudspeaker(tmp_path, repeat=1, chime=False, voices=(VoiceConfig(language="zh", clips=clips),)) as corner:
        corner.call("A001", 1)
        await corner.until(lambda: corner.heard())
        assert corner.heard()[0].seconds == pytest.approx(8 * (chime().seconds + 0.03), abs=0.02)
        corner.call("A002", 2)
        assert await corner.says("clips-missing") == (
            "缺少录音，已用合成语音代替：2, window-2", "Recordings are missing and spoken by espeak-ng instead: 2, window-2",
            "录好后存为 16 位 WAV，放入录音文件夹",
        )  # fmt: skip
        assert corner.station.counts["missing-clip"] == 2
        for clip in ("2", "window-2"):
            (clips / f"{clip}.wav").write_bytes(wav(chime()))
        corner.call("A002", 2, times=2)
        await corner.says("ok")


FAULTS = {
    ("unplug", "plug"): ("speaker-missing", "找不到声卡", "The sound card is missing",
                         "将 USB 声卡插回；仍找不到，用 aplay -L 核对名称"),
    ("occupy", "vacate"): (
        "speaker-busy", "声卡被其他程序占用", "Another program holds the sound card",
        "请技术人员用 fuser -v /dev/snd/* 查看并关闭该程序",
    ),
    ("block", "unblock"): (
        "speaker-stuck", "声卡没有反应，播不出声音", "The sound card is stuck and plays nothing", "拔下 USB 声卡，等三秒再插回"
    ),
}  # fmt: skip


@pytest.mark.parametrize("hands", FAULTS)
async def test_a_fault_of_the_sound_card_is_said_in_words_and_the_next_call_after_it_is_spoken(
    tmp_path: Path, hands: tuple[str, str]
) -> None:
    code, *words = FAULTS[hands]
    async with a_loudspeaker(tmp_path, repeat=1) as corner:
        await corner.do(hands[0])
        corner.call("A001", 1)
        assert await corner.says(code) == tuple(words)
        await corner.until(lambda: corner.answers == {"A001-1-1": "failed"})
        await corner.do(hands[1])
        corner.call("A002", 2)
        await corner.says("ok")
        await corner.until(lambda: "A002-2-1" in corner.answers)
        assert corner.numbers()[-1:] == ["A002"]


async def test_a_stuck_card_blocks_nobody_calls_are_still_heard_and_answered(tmp_path: Path) -> None:
    async with a_loudspeaker(tmp_path, repeat=1) as corner:
        await corner.do("block")
        corner.call("A001", 1)
        await asyncio.sleep(0.1)
        began = time.monotonic()
        corner.call("A002", 1)
        corner.call("A003", 1)
        await corner.until(lambda: corner.answers.get("A002-1-1") == "overtaken")
        assert time.monotonic() - began < 1.0
        await corner.do("unblock")


async def test_a_card_put_back_is_well_again_without_any_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "PROBE", 0.1)
    async with a_loudspeaker(tmp_path) as corner:
        await corner.do("unplug")
        corner.call("A001", 1)
        await corner.says("speaker-missing")
        await corner.do("plug")
        await corner.says("ok")


async def test_a_muted_card_is_said_until_it_is_loud_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "PROBE", 0.1)
    async with a_loudspeaker(tmp_path, repeat=1, mixer="PCM") as corner:
        await corner.do("mute")
        corner.call("A001", 1)
        said = await corner.says("speaker-muted")
        assert said[:2] == ("声卡已静音，无人听见叫号", "The sound card is muted; nobody hears the calls")
        assert said[2] == "在该节点运行 alsamixer，按 M 取消静音并调高音量"
        await corner.do("unmute")
        await corner.says("ok")


async def test_a_machine_without_the_programs_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_loudspeaker(tmp_path) as corner:
        monkeypatch.setenv("PATH", str(tmp_path))
        corner.call("A001", 1)
        assert (await corner.says("program-missing"))[2] == "请技术人员安装：sudo apt-get install espeak-ng alsa-utils"
        monkeypatch.undo()
        corner.call("A002", 2)
        await corner.says("ok")


async def test_the_self_test_speaks_and_is_answered_also_when_it_fails(tmp_path: Path) -> None:
    async with a_loudspeaker(tmp_path) as corner:
        corner.station.tell(COMMAND, command(LOUD, SelfTest()))
        await corner.until(lambda: corner.station.answers)
        assert corner.heard()[-1].text.startswith("语音测试")
        await corner.do("unplug")
        for do in (Identify(), PrintSlip(slip="slip-0001", title=Text(zh="单", en="Slip"))):
            corner.station.tell(COMMAND, command(LOUD, do))
        await corner.until(lambda: len(corner.station.answers) == 3)
        assert [(answer.outcome, answer.what.en) for answer in corner.station.answers] == [
            ("done", "Done"), ("failed", "The sound card is missing"), ("refused", "This device cannot do that")
        ]  # fmt: skip
