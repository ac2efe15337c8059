"""The targets of `make fuzz`, briefly and without atheris: they pass, and they notice a parser that is not right."""

from random import Random

import pytest

from devices.ff68 import Frame as Ff68Frame
from devices.ff68 import look as ff68_look
from devices.framing import Found, Refused
from hardware_sim.sign_frames import Frame, Text
from tests.fuzz.__main__ import Outcome, outcome
from tests.fuzz.targets import TARGETS, driver, ear, sign
from tests.keys.test_frames import BEEP, DIALECTS, TICKET_037, Dialect


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_its_seeds_and_for_what_they_become(name: str) -> None:
    target, chance = TARGETS[name], Random(name)
    for seed in target.seeds:
        target.fuzz(seed)
        for _ in range(20):
            target.fuzz(changed(seed, chance))


def changed(seed: bytes, chance: Random) -> bytes:
    """Some bytes of it are others, some are gone, some are doubled."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at : at + chance.randint(0, 4)] = data[at : at + 2] * 2
            case _:
                data[at:at] = chance.randbytes(chance.randint(0, 6))
    return bytes(data) or b"\0"


def test_a_driver_that_takes_a_wrong_checksum_is_noticed() -> None:
    def trusting(data: bytes) -> Found[Ff68Frame] | Refused | None:
        if data[:2] == b"\xff\x68" and len(data) > 2 and len(data) >= data[2] + 7 and data[data[2] + 6] == 0x16:
            return Found(Ff68Frame(data[5], data[6], data[7 : 5 + data[2]]), data[2] + 7)
        return ff68_look(data)

    plain = DIALECTS["ff68"]
    fuzz = driver(Dialect(trusting, plain.frames, plain.is_frame, plain.longest), BEEP)
    fuzz(b"\x27" + TICKET_037)
    with pytest.raises(AssertionError, match="nothing else"):
        fuzz(b"\x27" + TICKET_037[:-2] + b"\x30\x16")


def test_a_driver_that_gets_lost_is_noticed() -> None:
    plain = DIALECTS["ff68"]
    lost = Dialect(lambda data: None, plain.frames, lambda data: False, plain.longest)
    with pytest.raises(AssertionError, match="behind a silence"):
        driver(lost, BEEP)(b"\x27\xff")


def test_an_ear_that_hears_what_nobody_said_is_noticed() -> None:
    with pytest.raises(AssertionError, match="nothing else"):
        ear(lambda: lambda data: iter((BEEP,)), BEEP, 71)(b"\x27\xff\x68\x02")


def test_a_board_that_takes_a_wrong_checksum_is_noticed() -> None:
    def trusting(data: bytes) -> Frame | None:
        return Frame(4, Text(data[0], b"")) if len(data) >= 4 else None

    with pytest.raises(AssertionError, match="wrong checksum"):
        sign("digits", trusting)(b"\x27\x05\x03\xe7\xee")


def test_a_finding_is_told_with_the_bytes_that_show_it() -> None:
    found = outcome(77, "#2 NEW cov: 41 ft: 9\nAssertionError: reads what was sent\nTest unit written to build/fuzz/found-x-1")
    assert "found-x-1" in found.found
    assert outcome(1, "ImportError: no atheris").found
    assert outcome(0, "#9 NEW cov: 41 ft: 9\nstat::number_of_executed_units: 1234\n") == Outcome(1234, 41)
