"""The rater agent, from the pins of its keys to its facts and lamps."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.commands import Identify, PrintSlip, SelfTest
from contract.events import RatingGiven, RatingLapsed
from contract.rating import RatingInvite
from contract.topics import COMMAND, RATING_INVITE
from devices.gpio import Lamps
from firmware.agents.rater import LEVELS, build
from firmware.agents.stuck import HELD
from firmware.config import RaterConfig, RatingKey
from tests.keys.running import PinWires, command, running
from tests.keys.station import HeldStation

KEYS = {level: (level + 3, level + 19) for level in (1, 2, 3, 4, 5)}
"""Level to the lines of its key and lamp."""
CONFIG = RaterConfig(
    id="rater-3",
    window="w3",
    keys=tuple(RatingKey(level=level, line=key, lamp=lamp) for level, (key, lamp) in KEYS.items()),
    debounce=0.005,
    thanks=0.6,
)


class Rater:
    """A citizen's hands and eyes at a rater."""

    def __init__(self, pins: Any, station: HeldStation) -> None:
        self.pins = pins
        self.station = station

    def down(self, level: int) -> None:
        """Press a key, and keep it pressed."""
        self.pins.pin(KEYS[level][0]).drive_low()

    def up(self, level: int) -> None:
        """Let go of a key."""
        self.pins.pin(KEYS[level][0]).drive_high()

    async def press(self, level: int) -> None:
        """Press a key for as long as a person does at least."""
        self.down(level)
        await asyncio.sleep(0.02)
        self.up(level)
        await asyncio.sleep(0.02)

    @property
    def lit(self) -> set[int]:
        """The levels whose lamps are lit."""
        return {level for level, (_, lamp) in KEYS.items() if self.pins.pin(lamp).state}

    async def invite(self, seconds: float = 30.0, grace: float = 5.0) -> str:
        """The controller invites a rating; returns its token once all lamps are lit."""
        token, now = secrets.token_hex(8), datetime.now(UTC)
        until = now + timedelta(seconds=seconds)
        self.station.tell(RATING_INVITE, RatingInvite(rating=token, window="w3", at=now, not_after=until, grace=grace))
        await self.station.until(lambda: self.lit == set(KEYS))
        return token


@pytest.fixture
async def rater(pins: Any, tmp_path: Path) -> AsyncIterator[Rater]:
    """A rater whose agent runs."""
    station = HeldStation("rater-3", tmp_path)
    async with running(build(CONFIG, PinWires(pins), station)):
        await station.until(lambda: station.code == "ok")
        yield Rater(pins, station)


async def test_a_pressed_key_becomes_a_rating_and_its_lamp_thanks(rater: Rater) -> None:
    token = await rater.invite()
    await rater.press(4)
    await rater.station.until(lambda: rater.lit == {4})
    (fact,) = rater.station.facts
    assert isinstance(fact, RatingGiven)
    assert (fact.rating, fact.window, fact.level, fact.corrected) == (token, "w3", 4, False)
    assert 0 <= fact.after < 10
    await rater.station.until(lambda: rater.lit == set())


async def test_lamps_go_out_when_the_visit_was_rated_by_phone_and_no_lapse_is_recorded(rater: Rater) -> None:
    token, now = await rater.invite(seconds=1.0), datetime.now(UTC)
    rater.station.tell(RATING_INVITE, RatingInvite(rating=token, window="w3", at=now, not_after=now))
    await rater.station.until(lambda: rater.lit == set())
    await rater.press(5)
    await rater.station.until(lambda: rater.station.counts["refused-press"] == 1)
    next_visit = await rater.invite()
    await rater.press(4)
    await rater.station.until(lambda: rater.lit == {4})
    (fact,) = rater.station.facts
    assert isinstance(fact, RatingGiven)
    assert fact.rating == next_visit


async def test_a_rating_that_cannot_be_kept_is_not_thanked_and_may_be_pressed_again(rater: Rater) -> None:
    await rater.invite()
    rater.station.full = True
    await rater.press(4)
    await rater.station.until(lambda: rater.station.code == "not-kept")
    assert rater.lit == set(KEYS)
    assert rater.station.counts["unkept-event"] == 1
    rater.station.full = False
    await rater.press(4)
    await rater.station.until(lambda: rater.lit == {4})
    assert rater.station.code == "ok"


async def test_a_second_key_corrects_the_first(rater: Rater) -> None:
    token = await rater.invite()
    await rater.press(1)
    await rater.press(5)
    await rater.station.until(lambda: len(rater.station.facts) == 2)
    given = [fact for fact in rater.station.facts if isinstance(fact, RatingGiven)]
    assert [(fact.rating, fact.level, fact.corrected) for fact in given] == [(token, 1, False), (token, 5, True)]


async def test_a_press_without_an_invitation_is_counted_and_nothing_else(rater: Rater) -> None:
    await rater.press(5)
    await rater.station.until(lambda: rater.station.counts["refused-press"] == 1)
    assert rater.station.facts == []
    assert rater.lit == set()


async def test_an_invitation_nobody_answers_lapses_and_the_lamps_go_out(rater: Rater) -> None:
    token = await rater.invite(seconds=0.1)
    await rater.station.until(lambda: rater.station.facts)
    assert rater.station.facts == [RatingLapsed(rating=token, window="w3")]
    await rater.station.until(lambda: rater.lit == set())


async def test_hammering_on_a_key_gives_one_rating_one_log_line_and_a_count(
    rater: Rater, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "firmware.agents")
    await rater.invite()
    for _ in range(100):
        rater.down(2)
        await asyncio.sleep(0.006)
        rater.up(2)
        await asyncio.sleep(0.006)
    await rater.station.until(lambda: rater.station.counts["refused-press"] > 50)
    (fact,) = rater.station.facts
    assert isinstance(fact, RatingGiven)
    assert fact.level == 2
    assert [record.message for record in caplog.records] == ["rater-3: refused-press; further ones are only counted"]


async def test_ten_thousand_edges_at_once_leave_the_rater_at_work(rater: Rater) -> None:
    token = await rater.invite()
    for _ in range(5_000):
        rater.down(2)
        rater.up(2)
    await rater.station.until(lambda: rater.station.counts["lost-edge"] > 8_000)
    await rater.press(5)
    await rater.station.until(lambda: rater.station.facts and rater.lit == {5})
    # On a machine that stood still meanwhile, one of the 5,000 may have been long enough for a press.
    assert [(fact.rating, fact.level) for fact in rater.station.facts if isinstance(fact, RatingGiven)][-1] == (token, 5)


async def test_the_self_test_flashes_every_lamp_and_is_answered(rater: Rater) -> None:
    rater.station.tell(COMMAND, command("rater-3", SelfTest()))
    await rater.station.until(lambda: rater.lit == set(KEYS))
    await rater.station.until(lambda: rater.lit == set())
    assert [answer.outcome for answer in rater.station.answers] == ["done"]


async def test_a_rating_is_taken_while_the_lamps_flash(rater: Rater) -> None:
    await rater.invite()
    rater.station.tell(COMMAND, command("rater-3", Identify(seconds=1)))
    await rater.press(5)
    await rater.station.until(lambda: len(rater.station.facts) == 1)


async def test_a_command_that_a_rater_cannot_carry_out_is_refused(rater: Rater) -> None:
    rater.station.tell(COMMAND, command("rater-3", PrintSlip(slip="slip-0001", title=LEVELS[5])))
    await rater.station.until(lambda: rater.station.answers)
    assert [answer.outcome for answer in rater.station.answers] == ["refused"]
    assert rater.lit == set()


async def test_a_closed_agent_leaves_its_lines_free_for_the_next(pins: Any, tmp_path: Path) -> None:
    for _ in range(2):
        station = HeldStation("rater-3", tmp_path)
        async with running(build(CONFIG, PinWires(pins), station)):
            rater = Rater(pins, station)
            await rater.invite()
        assert rater.lit == set()


async def test_lines_that_cannot_be_opened_are_a_fault_that_names_the_line_until_they_can(pins: Any, tmp_path: Path) -> None:
    station = HeldStation("rater-3", tmp_path)
    async with running(build(CONFIG, PinWires(pins), station)):
        with Lamps(pins, {"somebody else's": KEYS[5][1]}):
            await station.until(lambda: station.code == "lines-refused")
            condition, _, what, _ = station.states[-1]
            assert condition == "fault"
            assert f"GPIO{KEYS[5][1]}: already used" in what.en
        await station.until(lambda: station.code == "ok")


async def test_a_key_held_down_for_ever_is_named_until_it_is_free(rater: Rater) -> None:
    rater.down(4)
    await rater.station.until(lambda: rater.station.counts["refused-press"] == 1)
    rater.station.clock.skip(HELD)
    await rater.press(1)
    await rater.station.until(lambda: rater.station.code == "key-stuck")
    assert rater.station.states[-1][2].en == "The rater's key “satisfied” is held down all the time"
    rater.up(4)
    await rater.station.until(lambda: rater.station.code == "ok")
