"""The frames of callers and raters: golden bytes, and every intact frame found in whatever else a line carries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import ff68, four_key, jtt905
from devices.framing import Found, Frames

# Computed from the layout, not captured from hardware.
TICKET_037 = bytes.fromhex("FF 68 08 08 68 05 02 0A 0A 0A 00 03 07 2F 16")
BEEP = bytes.fromhex("FF 68 02 02 68 05 03 08 16")
RATING_SATISFIED = bytes.fromhex("55 AA 00 05 06 01 00 11 02 11 55 AA")


@dataclass(frozen=True)
class Dialect:
    """A dialect, its frames in the making, and what tells a whole frame in the plainest way."""

    look: Callable[[bytes], Any]
    frames: st.SearchStrategy[Any]
    is_frame: Callable[[bytes], bool]
    longest: int


def _is_ff68(data: bytes) -> bool:
    return (
        len(data) >= 9
        and data[:2] == b"\xff\x68"
        and data[2] == data[3] == len(data) - 7 <= 34
        and data[4] == 0x68
        and data[-1] == 0x16
        and data[-2] == sum(data[5:-2]) % 256
    )


def _is_jtt905(data: bytes) -> bool:
    check = 0
    for byte in data[2:-3]:
        check ^= byte
    return (
        11 <= len(data) <= 75
        and data[:2] == data[-2:] == b"\x55\xaa"
        and data[2:4] == bytes((0, len(data) - 7))
        and data[-3] == check
    )


def _is_four_key(data: bytes) -> bool:
    return len(data) == 4 and data[0] == 1 and data[2] in range(0x30, 0x35) and data[3] == 7


_BYTE = st.integers(0, 255)
DIALECTS = {
    "ff68": Dialect(
        ff68.look,
        st.builds(ff68.Frame, _BYTE, _BYTE, st.lists(st.sampled_from((0xFF, 0x68, 0x16, 0x05, 0)), max_size=8).map(bytes)),
        _is_ff68,
        41,
    ),
    "jtt905": Dialect(
        jtt905.look,
        st.builds(
            jtt905.Frame, st.sampled_from(jtt905.RATERS), _BYTE, st.integers(0, 0xFFFF),
            st.lists(st.sampled_from((0x55, 0xAA, 0x00, 0x05)), max_size=8).map(bytes),
        ),
        _is_jtt905,
        75,
    ),
    "four-key": Dialect(
        four_key.look, st.builds(four_key.Frame, st.integers(0x20, 0x7F), st.integers(0x30, 0x34)), _is_four_key, 4
    ),
}  # fmt: skip


def plainly(dialect: Dialect, stream: bytes) -> list[bytes]:
    """The frames of a whole stream, found by trying every beginning with every length."""
    found, at = [], 0
    while at < len(stream):
        sizes = range(1, min(dialect.longest, len(stream) - at) + 1)
        size = next((size for size in sizes if dialect.is_frame(stream[at : at + size])), None)
        if size is not None:
            found.append(stream[at : at + size])
        at += size or 1
    return found


@st.composite
def streams(draw: st.DrawFn, frames: st.SearchStrategy[Any]) -> bytes:
    """Frames, broken frames and noise that is fond of what frames are made of."""
    crumbs = st.lists(st.sampled_from((0xFF, 0x68, 0x16, 0x55, 0xAA, 0x01, 0x07, 0x02, 0x00, 0x31)) | _BYTE, max_size=12)
    parts: list[bytes] = []
    for frame in draw(st.lists(frames, max_size=4)):
        parts += [bytes(draw(crumbs)), frame.encode()]
        broken = bytearray(draw(frames).encode())
        match draw(st.sampled_from(("cut", "bent", "none"))):
            case "cut":
                parts.append(bytes(broken[: draw(st.integers(0, len(broken)))]))
            case "bent":
                broken[draw(st.integers(0, len(broken) - 1))] ^= 1 << draw(st.integers(0, 7))
                parts.append(bytes(broken))
    return b"".join([*parts, bytes(draw(crumbs))])


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
def test_every_intact_frame_is_found_however_the_stream_is_cut_and_no_other(name: str, data: st.DataObject) -> None:
    dialect = DIALECTS[name]
    stream = data.draw(streams(dialect.frames))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parser, found = Frames[Any](dialect.look), []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += parser.feed(stream[begin:end])
    found += parser.give_up()
    assert [frame.encode() for frame in found] == plainly(dialect, stream)
    assert not parser.waits


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
def test_a_frame_after_a_broken_one_is_found_at_once(name: str, data: st.DataObject) -> None:
    dialect = DIALECTS[name]
    first, second = data.draw(dialect.frames), data.draw(dialect.frames)
    broken = bytearray(first.encode())
    broken[-1] ^= 0x80
    parser = Frames[Any](dialect.look)
    if dialect.is_frame(bytes(broken)):
        return
    found = parser.feed(bytes(broken)) + parser.feed(second.encode()) + parser.give_up()
    assert second.encode() in [frame.encode() for frame in found]


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
def test_what_was_written_is_read(name: str, data: st.DataObject) -> None:
    frame = data.draw(DIALECTS[name].frames)
    assert DIALECTS[name].look(frame.encode()) == Found(frame, len(frame.encode()))


def test_golden_frames_of_ff68() -> None:
    assert ff68.ticket(5, "A037").encode() == TICKET_037
    assert ff68.beep(5).encode() == BEEP
    assert Frames(ff68.look).feed(TICKET_037 + BEEP) == [ff68.ticket(5, "A037"), ff68.beep(5)]


def test_a_waiting_count_stands_on_the_left_and_ends_at_999() -> None:
    assert ff68.waiting(5, 12).data == bytes((0, 1, 2, 10, 10, 10))
    assert ff68.waiting(5, 1600).data == bytes((9, 9, 9, 10, 10, 10))
    assert ff68.ticket(5, "A1600").data == bytes((10, 10, 1, 6, 0, 0))


def test_an_echo_is_the_frame_again_and_a_rating_s_has_another_command() -> None:
    pressed = ff68.Frame(5, 0x04, b"\x0c")
    assert ff68.echo(pressed) == pressed
    assert ff68.echo(ff68.Frame(5, ff68.RATING, b"\x02")) == ff68.Frame(5, 0x01, b"\x02")


@pytest.mark.parametrize(
    ("data", "key"),
    [("0C", "0C"), ("00 00 0D", "0D"), ("06 0F", "06 0F"), ("00 0F", "00 0F"), ("03 0F", "03 0F"), ("0F", "0F"), ("", None)],
)
def test_the_key_is_the_last_byte_or_a_pair_that_ends_in_0f(data: str, key: str | None) -> None:
    assert ff68.key(ff68.Frame(5, 0x04, bytes.fromhex(data))) == key


def test_two_lengths_that_disagree_are_refused_and_counted() -> None:
    parser = Frames(ff68.look)
    assert parser.feed(bytes.fromhex("FF 68 02 03 68 05 03 08 16") + BEEP) == [ff68.beep(5)]
    assert parser.take_counts()["bad-length"] == 1


def test_a_wrong_checksum_is_refused_and_counted() -> None:
    parser = Frames(ff68.look)
    assert parser.feed(bytes.fromhex("FF 68 02 02 68 05 03 09 16")) == []
    assert parser.take_counts() == {"bad-checksum": 1}


def test_a_checksum_may_equal_the_end_byte() -> None:
    frame = ff68.Frame(5, 0x04, b"\x0d")
    assert frame.encode()[-2:] == b"\x16\x16"
    assert Frames(ff68.look).feed(frame.encode()) == [frame]


def test_golden_frame_of_jtt905() -> None:
    frame = jtt905.Frame(0x06, 0x01, 0x0011, b"\x02")
    assert frame.encode() == RATING_SATISFIED
    assert Frames(jtt905.look).feed(RATING_SATISFIED) == [frame]


def test_golden_frames_of_the_four_key_caller() -> None:
    assert four_key.lamp(0x21, "blink-red").encode() == bytes.fromhex("01 21 33 07")
    assert [four_key.key(frame) for frame in Frames(four_key.look).feed(bytes.fromhex("01 21 31 07 01 21 30 07"))] == ["31", None]


def test_anything_but_a_frame_is_one_collision() -> None:
    parser = Frames(four_key.look, noise="collision")
    assert parser.feed(bytes.fromhex("01 01 21 22 31 33 07 07")) == []
    assert parser.take_counts() == {"collision": 1}
    assert parser.feed(bytes.fromhex("01 22 31 07")) == [four_key.Frame(0x22, 0x31)]


def test_half_a_frame_in_a_silence_is_given_up_and_the_one_hidden_in_it_found() -> None:
    parser = Frames(ff68.look)
    assert parser.feed(bytes.fromhex("FF 68 20 20 68") + BEEP) == []
    assert parser.give_up() == [ff68.beep(5)]
    assert parser.take_counts() == {"cut-frame": 1}
