"""The caller agent, from its keypad's input events to its facts and words."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.calling import WindowState
from contract.commands import Identify, SelfTest
from contract.events import KeyPressed
from contract.topics import COMMAND, WINDOW_STATE
from contract.values import Text
from devices.errors import DeviceRefused
from firmware.agents.caller import build
from firmware.agents.stuck import HELD
from firmware.config import CallerConfig
from hardware_sim.keypad import Keypad
from tests.keys.running import PadWires, command, running
from tests.keys.station import HeldStation

CONFIG = CallerConfig(id="caller-3", window="w3", wire="/dev/input/by-id/usb-pad-event-kbd")


class Desk:
    """A staff member's hands at a window."""

    def __init__(self, pad: Keypad, station: HeldStation) -> None:
        self.pad = pad
        self.station = station

    def tap(self, key: str) -> None:
        """Press and release a key."""
        self.pad.down(key)
        self.pad.up(key)

    @property
    def keys(self) -> list[str]:
        """The orders that were recorded."""
        return [fact.key for fact in self.station.facts if isinstance(fact, KeyPressed)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A keypad whose agent runs."""
    pad, station = Keypad(keys=(*CONFIG.keys, "KEY_ESC")), HeldStation("caller-3", tmp_path)
    async with running(build(CONFIG, PadWires(pad), station)):
        await station.until(lambda: station.code == "ok")
        yield Desk(pad, station)


async def test_a_key_becomes_an_order_that_soon_means_nothing(desk: Desk) -> None:
    desk.tap("KEY_KPENTER")
    await desk.station.until(lambda: desk.station.facts)
    (fact,) = desk.station.facts
    assert isinstance(fact, KeyPressed)
    assert (fact.window, fact.key) == ("w3", "next")
    assert abs(fact.not_after - datetime.now(UTC) - timedelta(seconds=CONFIG.patience)) < timedelta(seconds=2)


async def test_a_hundred_presses_at_once_are_one_order_and_a_count(desk: Desk) -> None:
    for _ in range(100):
        desk.tap("KEY_KPENTER")
    desk.tap("KEY_KP0")
    await desk.station.until(lambda: len(desk.keys) == 2)
    assert desk.keys == ["next", "recall"]
    assert desk.station.counts["repeated-press"] == 99


async def test_a_key_without_a_meaning_is_counted(desk: Desk) -> None:
    desk.tap("KEY_ESC")
    await desk.station.until(lambda: desk.station.counts["unknown-key"] == 1)
    assert desk.keys == []


async def test_an_unplugged_keypad_says_what_to_touch_and_works_when_it_is_back(desk: Desk) -> None:
    desk.pad.unplug()
    await desk.station.until(lambda: desk.station.code == "keypad-unplugged")
    condition, _, what, touch = desk.station.states[-1]
    assert (condition, what.zh) == ("fault", "叫号键盘未连接")
    assert touch is not None
    assert touch.en == "Plug the keypad back into its USB socket"
    desk.pad.plug()
    await desk.station.until(lambda: desk.station.code == "ok")
    desk.tap("KEY_KP3")
    await desk.station.until(lambda: desk.keys == ["no-show"])


async def test_a_keypad_that_somebody_else_holds_is_a_fault_for_a_technician(tmp_path: Path) -> None:
    class HeldByAnother(PadWires):
        def input(self, wire: str) -> object:
            raise DeviceRefused(f"{wire}: another program holds it")

    station = HeldStation("caller-3", tmp_path)
    async with running(build(CONFIG, HeldByAnother(Keypad()), station)):
        await station.until(lambda: station.code == "keypad-refused")


async def test_the_state_says_what_the_window_does(desk: Desk) -> None:
    name = Text(zh="3号窗口", en="Window 3")
    serving = WindowState(window="w3", name=name, at=datetime.now(UTC), state="open", stage="serving", number="A012")
    desk.station.tell(WINDOW_STATE, serving)
    await desk.station.until(lambda: desk.station.states[-1][2].en == "Window 3: serving A012")
    assert desk.station.code == "ok"


async def test_a_press_that_cannot_be_kept_is_a_fault_until_one_can(desk: Desk) -> None:
    desk.station.full = True
    desk.tap("KEY_KPENTER")
    await desk.station.until(lambda: desk.station.code == "not-kept")
    desk.station.full = False
    desk.tap("KEY_KP0")
    await desk.station.until(lambda: desk.station.code == "ok")
    assert desk.keys == ["recall"]


async def test_a_key_held_down_for_ever_is_named_until_it_is_free(desk: Desk) -> None:
    desk.pad.down("KEY_KPENTER")
    await desk.station.until(lambda: desk.keys == ["next"])
    desk.station.clock.skip(HELD)
    await desk.station.until(lambda: desk.station.code == "key-stuck")
    _, _, what, touch = desk.station.states[-1]
    assert (what.en, what.zh) == ("The keypad's key “next” is held down all the time", "叫号键盘的“下一位”键一直处于按下状态")
    assert touch is not None
    desk.pad.up("KEY_KPENTER")
    await desk.station.until(lambda: desk.station.code == "ok")


async def test_drumming_is_said_until_it_has_stopped_for_a_while(desk: Desk) -> None:
    for _ in range(40):
        desk.tap("KEY_KP0")
    await desk.station.until(lambda: desk.station.code == "key-chatters")
    assert desk.station.states[-1][2].en == "A key of the keypad goes off over and over"
    desk.station.clock.skip(61)
    await desk.station.until(lambda: desk.station.code == "ok")


async def test_the_self_test_says_whether_the_keypad_is_there_and_identify_is_refused(desk: Desk) -> None:
    desk.station.tell(COMMAND, command("caller-3", SelfTest()))
    desk.station.tell(COMMAND, command("caller-3", Identify()))
    await desk.station.until(lambda: len(desk.station.answers) == 2)
    desk.pad.unplug()
    await desk.station.until(lambda: desk.station.code == "keypad-unplugged")
    desk.station.tell(COMMAND, command("caller-3", SelfTest()))
    await desk.station.until(lambda: len(desk.station.answers) == 3)
    assert [answer.outcome for answer in desk.station.answers] == ["done", "refused", "failed"]
