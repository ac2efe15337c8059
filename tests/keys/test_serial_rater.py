"""Serial and HID raters at work: from their keys to ratings, aspects, reasons and complaints, and through every fault."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.commands import Identify, SelfTest
from contract.events import ComplaintMade, RatingGiven
from contract.rating import RatingInvite
from contract.topics import COMMAND, RATING_INVITE
from firmware.agents.stuck import HELD
from tests.keys.place import CALLERS, RATERS, Place, at_work
from tests.keys.running import command

SERIAL = ("ff68", "jtt905")


@pytest.fixture(params=RATERS)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """A window with a rater of each dialect."""
    async with at_work(tmp_path, RATERS[request.param]) as there:
        yield there


@pytest.fixture(params=SERIAL)
async def serial(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """A window with a rater of each serial dialect."""
    async with at_work(tmp_path, RATERS[request.param]) as there:
        yield there


@pytest.fixture
async def keypad(tmp_path: Path) -> AsyncIterator[Place]:
    """A window with a keypad for a rater."""
    async with at_work(tmp_path, RATERS["keypad"]) as there:
        yield there


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Place]:
    """A window with caller and rater on one line at one address."""
    async with at_work(tmp_path, CALLERS["ff68"], RATERS["ff68"]) as there:
        yield there


def invite(place: Place) -> str:
    """The controller invites a rating."""
    token, now = secrets.token_hex(8), datetime.now(UTC)
    invitation = RatingInvite(rating=token, window="w3", at=now, not_after=now + timedelta(seconds=60))
    place.stations["rater"].tell(RATING_INVITE, invitation)
    return token


def lit(place: Place) -> set[str]:
    """What the lit lamps mean."""
    return {key["key"] for key in place.view("rater")["keys"] if key["lamp"]}


async def rated(place: Place, key: str, *levels: int) -> None:
    """Invite, press, and wait for these to be all levels."""
    station = place.stations["rater"]
    beats = station.beats
    invite(place)
    await station.until(lambda: station.beats > beats + 1)
    if place.view("rater")["keys"][0]["lamp"] is not None:
        await station.until(lambda: "5" in lit(place))
    await place.do("rater", "press", key=key)
    await station.until(lambda: place.levels() == list(levels))


async def test_a_level_then_an_aspect_then_a_reason_then_a_complaint(place: Place) -> None:
    station = place.stations["rater"]
    await rated(place, "2", 2)
    for facts, key in enumerate(("attitude", "reason-slow", "complaint"), start=2):
        await place.do("rater", "press", key=key)
        await station.until(lambda facts=facts: len(station.facts) == facts)  # type: ignore[misc]
    *_, whole, complaint = station.facts
    assert isinstance(whole, RatingGiven)
    assert (whole.level, whole.aspects, whole.reason, whole.corrected) == (2, ("attitude",), "slow", False)
    assert isinstance(complaint, ComplaintMade)
    assert complaint.window == "w3"


async def test_the_lamps_of_aspects_ask_after_a_level(tmp_path: Path) -> None:
    async with at_work(tmp_path, RATERS["gpio"]) as gpio:
        await rated(gpio, "4", 4)
        await gpio.stations["rater"].until(lambda: "attitude" in lit(gpio))
        await gpio.do("rater", "press", key="attitude")
        await gpio.stations["rater"].until(lambda: "attitude" not in lit(gpio))


async def test_a_press_without_an_invitation_is_refused_and_counted(place: Place) -> None:
    await place.do("rater", "press", key="5")
    await place.stations["rater"].until(lambda: place.stations["rater"].counts["refused-press"] == 1)
    assert place.stations["rater"].facts == []


async def test_self_test_and_identify(serial: Place) -> None:
    station = serial.stations["rater"]
    station.tell(COMMAND, command("rater", SelfTest()))
    station.tell(COMMAND, command("rater", Identify(seconds=1)))
    await station.until(lambda: len(station.answers) == 2)
    assert [answer.outcome for answer in station.answers] == ["done", "done"]


async def test_a_keypad_tests_itself_and_cannot_be_found_by_light(keypad: Place) -> None:
    station = keypad.stations["rater"]
    station.tell(COMMAND, command("rater", SelfTest()))
    station.tell(COMMAND, command("rater", Identify(seconds=1)))
    await station.until(lambda: len(station.answers) == 2)
    assert [answer.outcome for answer in station.answers] == ["done", "refused"]


# Caller and rater of one window on one line, at one address.


async def test_caller_and_rater_share_line_and_address(both: Place) -> None:
    await rated(both, "5", 5)
    await both.do("caller", "press", key="invite")
    await both.stations["caller"].until(lambda: both.orders() == ["invite"])
    assert both.levels() == [5]
    assert both.stations["caller"].counts == both.stations["rater"].counts == {}


async def test_opening_the_rater_is_no_key_of_the_caller(both: Place) -> None:
    invite(both)
    await both.stations["rater"].until(lambda: "5" in lit(both))
    await both.do("caller", "press", key="next")
    await both.stations["caller"].until(lambda: both.orders() == ["next"])


async def test_one_pulled_cable_is_said_by_both_and_both_come_back(both: Place) -> None:
    await both.do("rater", "unplug")
    for device in ("caller", "rater"):
        await both.says(device, "line-unplugged")
    await both.do("caller", "plug")
    for device in ("caller", "rater"):
        await both.says(device, "ok")
    await rated(both, "5", 5)


# Faults: what staff read, what they touch, and that it heals without a restart.


async def test_a_pulled_cable(serial: Place) -> None:
    await serial.do("rater", "unplug")
    what, touch = await serial.says("rater", "line-unplugged")
    assert what == "The rater's serial line is unplugged"
    assert touch == "Plug the USB serial adapter back in and check its plugs"
    await serial.do("rater", "plug")
    await serial.says("rater", "ok")
    await rated(serial, "5", 5)


async def test_an_unplugged_keypad(keypad: Place) -> None:
    await keypad.do("rater", "unplug")
    what, touch = await keypad.says("rater", "keypad-unplugged")
    assert (what, touch) == ("The rater is unplugged", "Plug the rater back into its USB socket")
    await keypad.do("rater", "plug")
    await keypad.says("rater", "ok")
    await rated(keypad, "5", 5)


async def test_a_cable_pulled_while_it_invites_invites_again(serial: Place) -> None:
    invite(serial)
    await serial.stations["rater"].until(lambda: "5" in lit(serial))
    await serial.do("rater", "unplug")
    await serial.says("rater", "line-unplugged")
    await serial.do("rater", "plug")
    await serial.says("rater", "ok")
    await serial.do("rater", "press", key="4")
    await serial.stations["rater"].until(lambda: serial.levels() == [4])


async def test_a_rater_without_power(serial: Place) -> None:
    await serial.do("rater", "silence")
    invite(serial)
    what, touch = await serial.says("rater", "silent")
    assert what == "The rater does not answer"
    assert touch == "Check the rater's power, its wires A and B, and its address"
    await serial.do("rater", "answer")
    await serial.says("rater", "ok")
    await serial.do("rater", "press", key="5")
    await serial.stations["rater"].until(lambda: serial.levels() == [5])


async def test_a_blocked_line(serial: Place) -> None:
    await serial.do("rater", "block")
    invite(serial)
    what, touch = await serial.says("rater", "line-blocked")
    assert what == "The rater's serial line takes no data"
    assert touch == "Unplug the serial adapter and plug it in again; look for a short"
    await serial.do("rater", "press", key="3")
    await serial.stations["rater"].until(lambda: serial.levels() == [3])
    await serial.do("rater", "unblock")
    await serial.says("rater", "ok")


async def test_noise_is_said_when_there_is_much(serial: Place) -> None:
    await serial.collides("rater", "5", until="line-noisy")
    what, touch = await serial.says("rater", "line-noisy")
    assert what == "There is noise on the rater's line"
    assert touch.startswith("Check the shield")
    await rated(serial, "5", 5)
    serial.stations["rater"].clock.skip(61)
    await serial.says("rater", "ok")


async def test_broken_frames_are_no_rating(serial: Place) -> None:
    invite(serial)
    await serial.stations["rater"].until(lambda: "5" in lit(serial))
    await serial.do("rater", "corrupt", frames=100)
    await serial.do("rater", "press", key="1")
    await serial.stations["rater"].until(lambda: serial.stations["rater"].counts)
    assert serial.levels() == []
    await serial.do("rater", "corrupt", frames=1)
    await serial.do("rater", "truncate", frames=1)
    await serial.do("rater", "press", key="1")
    await serial.do("rater", "press", key="4")
    await serial.stations["rater"].until(lambda: 4 in serial.levels())


async def test_a_stuck_key_is_named_until_it_is_free(place: Place) -> None:
    station = place.stations["rater"]
    await place.do("rater", "hold", key="4")
    repeats = place.view("rater").get("faults") is not None
    for told in range(1, int(HELD) + 1):
        await station.until(lambda told=told: station.counts["refused-press"] >= (told if repeats else 1))  # type: ignore[misc]
        station.clock.skip(1.0)
    await place.do("rater", "press", key="complaint")
    what, touch = await place.says("rater", "key-stuck")
    assert what == "The rater's key “satisfied” is held down all the time"
    assert touch == "Free the key; if it stays stuck, check the key and its cable"
    await place.do("rater", "release", key="4")
    station.clock.skip(3)
    await place.says("rater", "ok")
