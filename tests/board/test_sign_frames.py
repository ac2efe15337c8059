"""The simulated signs: golden bytes, refusals, and that any bytes at all do no harm."""

from binascii import crc_hqx

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware_sim.errors import CannotDo
from hardware_sim.sign import Sign
from hardware_sim.sign_frames import READERS, Digits, Dim, Frame, Readdress, Stream, Text, crc16
from tests.board.golden import FRAMES, Golden

CHECKED = ["strip-aa", "strip-aa stacked", "strip-a0", "strip-fe", "strip-fe stacked", "digits", "digits-colour"]
"""Frames with a checksum."""


def sign_for(golden: Golden) -> Sign:
    return Sign(golden.dialect, golden.address, columns=golden.columns, stacked=golden.stacked)


def heard(golden: Golden, *bursts: bytes, apart: float = 0.3) -> Sign:
    sign = sign_for(golden)
    for count, burst in enumerate(bursts):
        assert sign.hear(burst, 100 + count * apart) == b""
    return sign


def refusals(sign: Sign) -> int:
    return sum(count for what, count in sign.counts.items() if what.startswith("refused"))


@pytest.mark.parametrize("golden", FRAMES.values(), ids=FRAMES)
def test_the_golden_frame_is_shown(golden: Golden) -> None:
    sign = heard(golden, golden.frame)
    assert sign.texts() == [golden.text]
    assert sign.counts == {"taken": 1}


@pytest.mark.parametrize("golden", [golden for golden in FRAMES.values() if golden.dialect != "udp-card"])
def test_a_frame_that_comes_byte_by_byte_is_shown(golden: Golden) -> None:
    sign = heard(golden, *[bytes((byte,)) for byte in golden.frame], apart=0.001)
    assert sign.texts() == [golden.text]


@pytest.mark.parametrize("name", CHECKED)
def test_no_frame_with_a_wrong_bit_is_shown(name: str) -> None:
    golden = FRAMES[name]
    for bit in range(8 * len(golden.frame)):
        wrong = bytearray(golden.frame)
        wrong[bit // 8] ^= 1 << bit % 8
        shown = heard(golden, bytes(wrong), b"").texts()
        assert shown in ([""], [golden.text]), f"bit {bit}"
        # Only what no checksum covers may change and go through: the nibble of `A0 9x`, the address itself of `AA`.
        assert shown == [""] or (name == "strip-a0" and bit // 8 == 1)


@pytest.mark.parametrize("golden", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("harm", ["first half", "last half", "twice the head", "noise"])
def test_the_frame_behind_a_broken_one_is_shown(golden: Golden, harm: str) -> None:
    frame, half = golden.frame, len(golden.frame) // 2
    broken = {"first half": frame[:half], "last half": frame[half:], "twice the head": frame[:4] * 2, "noise": bytes(range(40))}
    sign = heard(golden, broken[harm], frame)
    assert sign.texts() == [golden.text]


@pytest.mark.parametrize("name", ["strip-aa", "strip-a0", "strip-fe"])
def test_a_frame_cut_short_hides_no_frame_that_follows_at_once(name: str) -> None:
    golden = FRAMES[name]
    sign = heard(golden, golden.frame[:-3] + golden.frame + golden.frame)
    assert sign.texts() == [golden.text]


@pytest.mark.parametrize("name", sorted(set(FRAMES) - {"digits-colour"}))
def test_a_frame_for_another_address_changes_nothing(name: str) -> None:
    golden = FRAMES[name]
    sign = Sign(golden.dialect, golden.address + 1, columns=golden.columns, stacked=golden.stacked)
    sign.hear(golden.frame, 100)
    assert sign.texts() == [""]
    assert sign.counts == {}


@pytest.mark.parametrize("name", ["strip-aa", "strip-fe", "strip-aa stacked", "strip-fe stacked"])
def test_a_stacked_board_takes_only_the_stacked_form(name: str) -> None:
    golden = FRAMES[name]
    sign = heard(golden._replace(stacked=not golden.stacked), golden.frame)
    assert sign.texts() == [""]
    assert sign.counts == {"refused: form": 1}


@pytest.mark.parametrize("dialect", READERS)
@given(bursts=st.lists(st.binary(max_size=80), max_size=8), apart=st.sampled_from([0.001, 0.3]))
def test_any_bytes_at_all_do_no_harm(dialect: str, bursts: list[bytes], apart: float) -> None:
    golden = FRAMES[dialect]
    sign = heard(golden, *bursts, golden.frame if dialect == "udp-card" else b"", apart=apart)
    sign.hear(golden.frame, 1000)
    assert sign.texts() == [golden.text]
    assert all(len(place.text) <= 300 for place in sign.places)


@pytest.mark.parametrize("dialect", sorted(set(READERS) - {"udp-card", "queue"}))
@given(data=st.binary(min_size=1, max_size=60))
def test_what_is_accepted_has_a_right_checksum(dialect: str, data: bytes) -> None:
    stream = Stream(READERS[dialect])
    rest = data
    while rest and (frame := READERS[dialect](rest)) is not None:
        assert 1 <= frame.size <= len(rest)
        if frame.message is not None:
            assert right(dialect, rest[: frame.size])
        rest = rest[frame.size :]
    assert all(isinstance(frame, Frame) for frame in stream.feed(data, 1.0))


def right(dialect: str, frame: bytes) -> bool:
    """The checksum, reckoned a third time."""
    match dialect:
        case "strip-aa":
            return frame[5] == sum(frame[6:]) & 255
        case "strip-a0":
            left = 0
            for byte in frame[2:]:
                left ^= byte
            return left == 0
        case "strip-fe":
            return crc_hqx(frame, 0) == 0
        case "digits":
            return frame[3] == sum(frame[:3]) & 255
        case _:
            return frame[5] == sum(frame[:5]) & 255


def test_crc16_is_that_of_the_layout() -> None:
    assert crc16(b"123456789") == 0x31C3


def test_a_queue_board_replaces_only_as_many_characters_as_were_sent() -> None:
    sign = heard(FRAMES["queue"], bytes.fromhex("01 20 20 41 31 33 35 3E 37 32 07"), bytes.fromhex("01 20 20 42 32 07"))
    assert sign.texts() == ["B235>72"]


def test_a_queue_board_blinks_is_dimmed_and_gets_a_new_address() -> None:
    sign = heard(
        FRAMES["queue"],
        bytes.fromhex("01 20 21 41 31 33 35 3E 37 32 07"),
        bytes.fromhex("02 20 23 07"),
        bytes.fromhex("03 FF 41 07"),
    )
    assert (sign.texts(), sign.places[0].blinks, sign.brightness, sign.address) == (["A135>72"], -1, 0, 0x41)
    sign.hear(bytes.fromhex("01 41 24 42 07"), 200)
    assert (sign.texts(), sign.places[0].blinks) == (["B135>72"], 3)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("01 7F 20 41 07", Text(0x7F, b"A")),
        ("02 21 20 07", Dim(0x21, 3)),
        ("03 21 22 07", Readdress(0x21, 0x22)),
        ("03 FF 22 07", Readdress(None, 0x22)),
    ],
)
def test_frames_of_a_queue_board_are_read(frame: str, message: object) -> None:
    (read,) = Stream(READERS["queue"]).feed(bytes.fromhex(frame), 1)
    assert read.message == message


@pytest.mark.parametrize("frame", ["01 1F 20 41 07", "01 80 20 41 07", "01 20 80 41 07", "02 20 24 07", "02 20 20 20 07"])
def test_what_no_queue_board_understands_is_refused(frame: str) -> None:
    assert all(read.message is None for read in Stream(READERS["queue"]).feed(bytes.fromhex(frame), 1))


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda frame: frame[:-1], "length"),
        (lambda frame: frame + b"!", "length"),
        (lambda frame: b"\x21\x21\x55\xab" + frame[4:], "layout"),
        (lambda frame: frame[:4] + b"\x10" + frame[5:], "layout"),
        (lambda frame: b"", ""),
    ],
)
def test_a_card_refuses_a_datagram_that_is_not_whole(harm: object, why: str) -> None:
    golden = FRAMES["udp-card"]
    sign = heard(golden, harm(golden.frame))  # type: ignore[operator]
    assert sign.texts() == [""]
    assert sign.counts == ({f"refused: {why}": 1} if why else {})


def test_a_number_with_more_digits_than_there_are_shows_as_dashes() -> None:
    (read,) = Stream(READERS["digits"]).feed(bytes.fromhex("05 FF FF 03"), 1)
    assert read.message == Digits(5, 0xFFFF)
    sign = heard(FRAMES["digits"], bytes.fromhex("05 FF FF 03"))
    assert sign.texts() == ["---"]


def test_a_power_cut_forgets_the_text_and_the_next_frame_brings_it_back() -> None:
    golden = FRAMES["strip-aa"]
    sign = heard(golden, golden.frame)
    sign.power_cut()
    assert sign.texts() == [""]
    sign.hear(golden.frame, 200)
    assert sign.texts() == [golden.text]


@pytest.mark.parametrize(("hand", "refused"), [("lose", 0), ("truncate", 1), ("garble", 1)])
def test_a_frame_that_was_harmed_on_its_way_is_not_shown_and_the_next_one_is(hand: str, refused: int) -> None:
    golden = FRAMES["strip-fe"]
    sign = sign_for(golden)
    getattr(sign, hand)()
    sign.hear(golden.frame, 100)
    sign.hear(b"", 100.5)
    assert sign.texts() == [""]
    sign.hear(golden.frame, 101)
    assert sign.texts() == [golden.text]
    assert refusals(sign) >= refused
    assert sign.faults() == []


def test_dead_leds_are_seen_until_they_are_mended_and_there_are_only_so_many() -> None:
    sign = sign_for(FRAMES["digits"])
    sign.kill_segment("0a")
    sign.kill_column(2)
    assert sign.faults() == ["dead column 2", "dead segment 0a"]
    for wrong in ("3a", "0h", "", "a"):
        with pytest.raises(CannotDo, match="there is no segment"):
            sign.kill_segment(wrong)
    with pytest.raises(CannotDo, match="there is no cell 3"):
        sign.kill_column(3)
    sign.mend()
    assert sign.faults() == []
