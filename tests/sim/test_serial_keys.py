"""Simulated serial callers and raters: golden frames, deaf ears for noise, and what they do about an acknowledgement."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware_sim import ff68, four_key, jtt905
from hardware_sim.ff68 import TELL_AGAIN, TIMES

# Computed from the layout, not captured from hardware.
TICKET_037 = bytes.fromhex("FF 68 08 08 68 05 02 0A 0A 0A 00 03 07 2F 16")
BEEP = bytes.fromhex("FF 68 02 02 68 05 03 08 16")
START_RATING = bytes.fromhex("FF 68 03 03 68 05 01 0B 11 16")
RATED = bytes.fromhex("55 AA 00 05 06 01 00 11 02 11 55 AA")
START = 1000.0


def test_golden_frames() -> None:
    assert ff68.pack(5, 2, bytes((10, 10, 10, 0, 3, 7))) == TICKET_037
    assert ff68.pack(5, 3) == BEEP
    assert ff68.pack(5, 1, b"\x0b") == START_RATING
    assert jtt905.pack(0x06, 0x01, 0x0011, b"\x02") == RATED
    assert four_key.pack(0x21, 0x33) == bytes.fromhex("01 21 33 07")


def test_a_caller_shows_its_digits_beeps_and_repeats_what_it_is_told() -> None:
    caller = ff68.Caller(5)
    assert caller.hear(TICKET_037 + BEEP, START) == TICKET_037 + BEEP
    assert (caller.digits, caller.beeps) == ("   037", 1)
    assert ff68.Caller(6).hear(TICKET_037, START) == b""


def test_a_caller_tells_a_key_until_it_is_acknowledged() -> None:
    caller, frame = ff68.Caller(5), ff68.pack(5, ff68.KEY, b"\x0c")
    caller.press("0C")
    assert caller.work(START) == (frame, START + TELL_AGAIN)
    assert caller.work(START + TELL_AGAIN)[0] == frame
    caller.hear(frame, START)
    assert (caller.acknowledged, caller.work(START + 1)) == (True, (b"", None))


def test_a_caller_that_nobody_acknowledges_gives_up() -> None:
    caller = ff68.Caller(5)
    caller.press("06 0F")
    said = [caller.work(START + n)[0] for n in range(6)]
    assert said == [ff68.pack(5, ff68.KEY, b"\x06\x0f")] * TIMES + [b""] * (6 - TIMES)
    assert not caller.acknowledged


def test_a_rater_opens_when_told_and_thanks_when_acknowledged() -> None:
    rater = ff68.Rater(5)
    assert not rater.lit("01", START)
    assert rater.hear(START_RATING, START) == START_RATING
    assert rater.lit("01", START)
    rater.press("01")
    assert rater.work(START)[0] == ff68.pack(5, 0x11, b"\x01")
    assert not rater.lit("01", START)
    rater.hear(ff68.pack(5, 0x01, b"\x01"), START)
    assert rater.lit("01", START)
    assert not rater.lit("02", START)


def test_a_rater_of_jtt905_opens_and_rates() -> None:
    rater = jtt905.Rater(0x06, 0x01, rating=0x11, invite=0x10)
    rater.hear(jtt905.pack(0x06, 0x01, 0x10), START)
    assert rater.lit("02", START)
    rater.press("02")
    assert rater.work(START) == (RATED, None)


def test_a_lamp_of_a_four_key_caller_is_its_own() -> None:
    caller = four_key.Caller(0x21)
    caller.hear(bytes.fromhex("01 22 31 07 01 21 34 07"), START)
    assert caller.lamp == "blink-green"


@pytest.mark.parametrize("far_end", [ff68.Caller(5), ff68.Rater(5), jtt905.Rater(6, 0, 0x11, 0x10), four_key.Caller(0x21)])
def test_one_without_power_hears_and_says_nothing(far_end: Any) -> None:
    far_end.dead = True
    far_end.press("31")
    assert far_end.work(START)[0] == b""
    assert far_end.hear(TICKET_037 + START_RATING + jtt905.pack(6, 0, 0x10), START) == b""


def ff68_heard(stream: Iterable[bytes]) -> list[bytes]:
    ear = ff68.Ear()
    return [ff68.pack(*frame) for part in stream for frame in ear.hear(part)]


def jtt905_heard(stream: Iterable[bytes]) -> list[bytes]:
    ear = jtt905.Ear()
    return [jtt905.pack(*frame) for part in stream for frame in ear.hear(part)]


@pytest.mark.parametrize(("heard", "frame"), [(ff68_heard, TICKET_037), (jtt905_heard, RATED)])
@given(noise=st.lists(st.binary(max_size=30).filter(lambda noise: b"\xff" not in noise and b"\x55" not in noise), max_size=5))
def test_every_frame_is_heard_whatever_stands_before_it_and_however_it_is_cut(
    heard: Callable[[Iterable[bytes]], list[bytes]], frame: bytes, noise: list[bytes]
) -> None:
    stream = b"".join(part + frame for part in noise)
    assert heard([stream]) == heard(bytes((byte,)) for byte in stream) == [frame] * len(noise)


def test_a_frame_that_claims_to_be_endless_is_none_and_the_next_one_is_heard() -> None:
    assert jtt905_heard([bytes.fromhex("55 AA 01 00 06 27 00 11") + RATED * 30])[-1] == RATED


@pytest.mark.parametrize(("heard", "frame"), [(ff68_heard, TICKET_037), (jtt905_heard, RATED)])
def test_a_wrong_bit_anywhere_is_not_heard(heard: Callable[[Iterable[bytes]], list[bytes]], frame: bytes) -> None:
    for at in range(len(frame)):
        for bit in range(8):
            wrong = bytes((*frame[:at], frame[at] ^ 1 << bit, *frame[at + 1 :]))
            assert heard([wrong, bytes(80), frame])[-1:] == [frame] or heard([wrong]) == []
            assert frame not in heard([wrong])
