"""Serial callers at work: from keys to orders, from the window's state to the display, and through every fault of the line."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contract.calling import KeyRefused, WindowState
from contract.commands import Identify, SelfTest
from contract.topics import COMMAND, KEY_REFUSED, WINDOW_STATE
from contract.values import Text
from firmware.agents.stuck import HELD
from tests.keys.place import CALLERS, Place, at_work
from tests.keys.running import command

SERIAL = ("ff68", "four-key")
BROKEN = ("cut-frame", "bad-length", "bad-frame", "bad-checksum", "noise")
"""As what a frame may be counted that did not come whole."""


def window(**fields: Any) -> WindowState:
    said = {"state": "open", "stage": "idle"} | fields
    return WindowState(window="w3", name=Text(zh="3号窗口", en="Window 3"), at=datetime.now(UTC), **said)


@pytest.fixture(params=SERIAL)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """A window with a serial caller of each dialect."""
    async with at_work(tmp_path, CALLERS[request.param]) as there:
        yield there


@pytest.fixture
async def ff68(tmp_path: Path) -> AsyncIterator[Place]:
    """A window with an `FF 68` caller."""
    async with at_work(tmp_path, CALLERS["ff68"]) as there:
        yield there


@pytest.fixture
async def four_key(tmp_path: Path) -> AsyncIterator[Place]:
    """A window with a four-key caller."""
    async with at_work(tmp_path, CALLERS["four-key"]) as there:
        yield there


async def pressed(place: Place, key: str, *orders: str) -> None:
    """Press a key and wait until these are all the orders."""
    await place.do("caller", "press", key=key)
    await place.stations["caller"].until(lambda: place.orders() == list(orders))


async def count(place: Place, word: str, least: int = 1) -> None:
    """Wait until something was counted so often."""
    await place.stations["caller"].until(lambda: place.stations["caller"].counts[word] >= least)


async def test_a_key_is_an_order(place: Place) -> None:
    await pressed(place, "next", "next")


async def test_every_key_of_ff68_has_its_order(ff68: Place) -> None:
    keys = {"0C": "next", "0D": "recall", "0B": "invite", "06 0F": "no-show", "12": "pause", "00 0F": "park", "03 0F": "unpark",
            "13": "transfer", "0E": "cancel"}  # fmt: skip
    for key in keys:
        await ff68.do("caller", "press", key=key, seconds=0.01)
    await ff68.stations["caller"].until(lambda: ff68.orders() == list(keys.values()))
    await ff68.shows("caller", acknowledged=True)


async def test_the_display_follows_the_window(ff68: Place) -> None:
    for state, digits in (
        (window(waiting=12), "012   "),
        (window(stage="called", number="A037", waiting=11), "   037"),
        (window(stage="serving", number="A1600"), "  1600"),
        (window(state="closed"), "      "),
    ):
        ff68.stations["caller"].tell(WINDOW_STATE, state)
        await ff68.shows("caller", digits=digits)


async def test_the_lamp_follows_the_window_and_keys_mean_what_they_can_mean_then(four_key: Place) -> None:
    station = four_key.stations["caller"]
    await four_key.do("caller", "press", key="33")
    await count(four_key, "not-now")
    for state, lamp, key, order in (
        (window(stage="called", number="A012", times=1), "blink-red", "32", "start"),
        (window(stage="serving", number="A012"), "green", "34", "finish"),
        (window(), "off", "31", "next"),
    ):
        station.tell(WINDOW_STATE, state)
        await four_key.shows("caller", lamp=lamp)
        await four_key.do("caller", "press", key=key)
        await station.until(lambda order=order: four_key.orders()[-1:] == [order])  # type: ignore[misc]


async def test_a_key_that_brought_about_nothing_says_why_and_beeps(ff68: Place) -> None:
    why = Text(zh="本大厅暂不提供此功能", en="this hall does not offer that yet")
    refused = KeyRefused(window="w3", at=datetime.now(UTC), code="not-offered", what=why)
    ff68.stations["caller"].tell(KEY_REFUSED, refused)
    assert (await ff68.says("caller", "key-refused"))[0] == "The key did nothing: this hall does not offer that yet"
    await ff68.shows("caller", beeps=1)
    ff68.stations["caller"].clock.skip(6)
    await ff68.says("caller", "ok")
    assert ff68.stations["caller"].counts["refused-order"] == 1


async def test_self_test_and_identify_show_the_caller(ff68: Place) -> None:
    station = ff68.stations["caller"]
    station.tell(WINDOW_STATE, window(stage="serving", number="A012"))
    await ff68.shows("caller", digits="   012")
    orders: list[SelfTest | Identify] = [SelfTest(), Identify(seconds=1)]
    for beeps, do in enumerate(orders, start=1):
        station.tell(COMMAND, command("caller", do))
        await ff68.shows("caller", digits="888888", beeps=beeps)
        station.clock.skip(4)
        await ff68.shows("caller", digits="   012")
    assert [answer.outcome for answer in station.answers] == ["done", "done"]


# Faults: what staff read, what they touch, and that it heals without a restart.


async def test_a_pulled_cable(place: Place) -> None:
    await place.do("caller", "unplug")
    what, touch = await place.says("caller", "line-unplugged")
    assert what == "The caller's serial line is unplugged"
    assert touch == "Plug the USB serial adapter back in and check its plugs"
    place.stations["caller"].tell(COMMAND, command("caller", SelfTest()))
    await place.stations["caller"].until(lambda: place.stations["caller"].answers)
    assert place.stations["caller"].answers[0].outcome == "failed"
    await place.do("caller", "plug")
    await place.says("caller", "ok")
    await pressed(place, "next", "next")


async def test_a_caller_without_power(ff68: Place) -> None:
    await ff68.do("caller", "silence")
    ff68.stations["caller"].tell(WINDOW_STATE, window(waiting=1))
    what, touch = await ff68.says("caller", "silent")
    assert what == "The caller does not answer"
    assert touch == "Check the caller's power, its wires A and B, and its address"
    await ff68.do("caller", "answer")
    await pressed(ff68, "next", "next")
    await ff68.says("caller", "ok")
    await ff68.shows("caller", digits="001   ")


async def test_a_caller_with_power_again_is_found_without_a_key(ff68: Place) -> None:
    await ff68.do("caller", "silence")
    ff68.stations["caller"].tell(WINDOW_STATE, window(waiting=2))
    await ff68.says("caller", "silent")
    await ff68.do("caller", "answer")
    await ff68.says("caller", "ok")
    await ff68.shows("caller", digits="002   ")


async def test_a_blocked_line_still_hears_keys(place: Place) -> None:
    await place.do("caller", "block")
    place.stations["caller"].tell(WINDOW_STATE, window(stage="serving", number="A012"))
    what, touch = await place.says("caller", "line-blocked")
    assert what == "The caller's serial line takes no data"
    assert touch == "Unplug the serial adapter and plug it in again; look for a short"
    await pressed(place, "transfer", "transfer")
    await place.do("caller", "unblock")
    await place.says("caller", "ok")


async def test_noise_is_counted_and_said_when_there_is_much_and_keys_go_on(place: Place) -> None:
    for _ in range(6):
        await place.do("caller", "noise", count=20)
        await place.do("caller", "press", key="next", seconds=0.15)
    what, touch = await place.says("caller", "line-noisy")
    assert what == "There is noise on the caller's line"
    assert touch.startswith("Check the shield, wires A and B")
    assert "next" in place.orders()
    place.stations["caller"].clock.skip(61)
    await place.says("caller", "ok")


async def test_a_frame_cut_off_is_no_order_and_the_next_one_is(place: Place) -> None:
    counts = place.stations["caller"].counts
    await place.do("caller", "truncate")
    await place.do("caller", "press", key="next")
    if place.view("caller")["dialect"] == "four-key":
        await count(place, "cut-frame")
        assert place.orders() == []
        await place.do("caller", "press", key="next")
    else:  # it tells the key again; whoever reads late finds both in one piece
        await place.stations["caller"].until(lambda: any(counts[word] for word in BROKEN))
    await place.stations["caller"].until(lambda: place.orders() == ["next"])


async def test_a_wrong_checksum_is_no_order_and_the_caller_tells_it_again(ff68: Place) -> None:
    await ff68.do("caller", "corrupt")
    await ff68.do("caller", "press", key="next")
    await ff68.stations["caller"].until(lambda: ff68.orders() == ["next"])
    counts = ff68.stations["caller"].counts
    assert sum(counts[word] for word in BROKEN) >= 1


async def test_two_callers_at_once_are_a_collision_that_nobody_answers(four_key: Place) -> None:
    await four_key.do("caller", "collide", key="next")
    await count(four_key, "collision")
    assert four_key.orders() == []
    await pressed(four_key, "next", "next")


async def test_many_collisions_are_noise_to_look_at(four_key: Place) -> None:
    await four_key.collides("caller", "next", until="line-noisy")
    assert (await four_key.says("caller", "line-noisy"))[1].endswith("no two devices have one address")
    four_key.stations["caller"].clock.skip(61)
    await four_key.says("caller", "ok")


async def test_a_stuck_key_is_one_order_and_is_named_until_it_is_free(four_key: Place) -> None:
    station = four_key.stations["caller"]
    await four_key.do("caller", "hold", key="next")
    for told in range(1, int(HELD)):
        await count(four_key, "repeated-press", told)
        station.clock.skip(1.0)
    what, touch = await four_key.says("caller", "key-stuck")
    assert what == "The caller's key “next” is held down all the time"
    assert touch == "Free the key; if it stays stuck, check the key and its cable"
    assert four_key.orders() == ["next"]
    await four_key.do("caller", "release", key="next")
    station.clock.skip(3)
    await four_key.says("caller", "ok")


async def test_a_bouncing_key_is_one_order(place: Place) -> None:
    await place.do("caller", "bounce", key="next")
    await count(place, "repeated-press")
    assert place.orders() == ["next"]


async def test_a_chattering_key_is_one_order_and_said(place: Place) -> None:
    await place.do("caller", "hammer", key="next", times=40)
    what, touch = await place.says("caller", "key-chatters")
    assert what == "A key of the caller goes off over and over"
    assert touch == "If nobody drums on it, check the key or replace it"
    assert place.orders() == ["next"]
    place.stations["caller"].clock.skip(61)
    await place.says("caller", "ok")


async def test_a_slow_line_shows_the_newest_in_the_end(ff68: Place) -> None:
    await ff68.do("caller", "slow_down", bytes_per_second=60)
    for waiting in range(30):
        ff68.stations["caller"].tell(WINDOW_STATE, window(waiting=waiting))
    await ff68.do("caller", "speed_up")
    await ff68.shows("caller", digits="029   ")
    await ff68.says("caller", "ok")


async def test_what_the_node_says_garbled_is_said_again(ff68: Place) -> None:
    await ff68.do("caller", "garble", frames=1)
    ff68.stations["caller"].tell(WINDOW_STATE, window(waiting=7))
    await ff68.shows("caller", digits="007   ")
    await count(ff68, "unanswered")
