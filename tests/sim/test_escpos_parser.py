"""The ESC/POS grammar: where commands end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware_sim.escpos_parser import COMMANDS, LONGEST, Characters, Command, Item, Parser, Unknown


def parsed(data: bytes) -> list[Item]:
    """All items of a stream that comes in one piece."""
    return list(Parser().feed(data))


@pytest.mark.parametrize(
    "whole",
    [
        b"\x1b@",
        b"\x1bp\x00\x10\x20",
        b"\x1b*\x21\x02\x00" + bytes(6),
        b"\x1b*\x00\x02\x00" + bytes(2),
        b"\x1bD\x08\x10\x00",
        b"\x1b&\x03\x41\x42\x02" + bytes(6) + b"\x01" + bytes(3),
        b"\x1c2\xfe\xa1" + bytes(72),
        b"\x1cq\x01\x01\x00\x02\x00" + bytes(16),
        b"\x1cg1\x00\x00\x00\x00\x00\x03\x00abc",
        b"\x1dV\x00",
        b"\x1dVB\x10",
        b"\x1dv0\x00\x02\x00\x03\x00" + bytes(6),
        b"\x1dk\x04123\x00",
        b"\x1dk\x49\x03123",
        b"\x1d(k\x03\x001Q0",
        b"\x1d8L\x02\x00\x00\x0002",
        b"\x1d*\x01\x02" + bytes(16),
        b"\x10\x04\x01",
        b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08",
    ],
)
def test_a_command_takes_exactly_its_arguments(whole: bytes) -> None:
    first, *rest = parsed(whole + b"text")
    assert isinstance(first, Command)
    assert bytes.fromhex(first.name) + first.arguments == whole
    assert rest == [Characters(b"text")]
    assert parsed(whole[:-1]) == []


def test_what_is_not_known_is_skipped_alone() -> None:
    assert parsed(b"\x1b\xffok\x02ok") == [Unknown(b"\x1b\xff"), Characters(b"ok"), Unknown(b"\x02"), Characters(b"ok")]


def test_a_length_beyond_belief_is_noise() -> None:
    head = b"\x1dv0\x00\xff\xff\xff\xff"
    assert parsed(head)[0] == Unknown(b"\x1dv0")
    assert LONGEST < 0xFFFF * 0xFFFF


@given(
    st.lists(st.one_of(st.sampled_from(sorted(COMMANDS)), st.binary(max_size=20)), max_size=20).map(b"".join),
    st.lists(st.integers(1, 9), min_size=1, max_size=9),
)
def test_the_same_stream_gives_the_same_items_however_it_is_cut(data: bytes, sizes: list[int]) -> None:
    parser, items, at = Parser(), list[Item](), 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        items += parser.feed(data[at : at + size])
        at += size
    assert joined(items) == joined(parsed(data))


def joined(items: list[Item]) -> list[Item]:
    """Neighbouring characters as one item."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Characters) and found and isinstance(found[-1], Characters):
            found[-1] = Characters(found[-1].codes + item.codes)
        else:
            found.append(item)
    return found
