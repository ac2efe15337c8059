"""A scanner's bytes and keys put together to codes: whatever comes in between, in whatever pieces."""

from hypothesis import given
from hypothesis import strategies as st

from devices.scan_lines import GAP, LONGEST, Garbage, Keys, Lines, Scan
from hardware_sim.scanner import KEYS, SHIFT, stroke


def texts(found: list[Scan | Garbage]) -> list[str]:
    return [each.text if isinstance(each, Scan) else each.why for each in found]


def test_a_code_ends_with_a_carriage_return_a_line_feed_or_both() -> None:
    lines = Lines()
    assert texts(lines.feed(b"A012\r", 0.0)) == ["A012"]
    assert texts(lines.feed(b"A013\n", 0.1)) == ["A013"]
    assert texts(lines.feed(b"A014\r\nA015\r\n", 0.2)) == ["A014", "A015"]
    assert texts(lines.feed(b"\r\n\r\n", 0.3)) == []


def test_a_code_comes_in_pieces() -> None:
    lines = Lines()
    assert lines.feed(b"http://hall.exam", 0.0) == []
    assert lines.feed(b"ple/t/0123", 0.02) == []
    assert lines.feed(b"456789abcdef\r", 0.04) == [Scan("http://hall.example/t/0123456789abcdef", 0.04)]


def test_what_is_no_text_or_too_long_is_named_and_the_next_code_is_read() -> None:
    lines = Lines()
    assert texts(lines.feed(b"\xff\xfeA012\rA013\r", 0.0)) == ["not-text", "A013"]
    assert texts(lines.feed(b"\x00\x1b[2J\rA014\r", 0.1)) == ["not-text", "A014"]
    assert texts(lines.feed(b"7" * (LONGEST + 1) + b"\rA015\r", 0.2)) == ["too-long", "A015"]
    assert texts(lines.feed(b"7" * LONGEST + b"\r", 0.3)) == ["7" * LONGEST]
    assert texts(lines.feed("号票\r".encode("gb18030"), 0.4)) == ["not-text"]


def test_noise_without_an_end_is_forgotten_after_a_silence_and_spoils_no_code() -> None:
    lines = Lines()
    assert lines.feed(b"noise", 0.0) == []
    assert texts(lines.feed(b"A012\r", GAP + 0.01)) == ["unfinished", "A012"]


pieces = st.lists(st.tuples(st.binary(max_size=80), st.floats(0, 2 * GAP)), max_size=20)


@given(pieces, st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60))
def test_after_any_bytes_and_a_silence_a_code_is_read_whole(noise: list[tuple[bytes, float]], code: str) -> None:
    lines, now = Lines(), 0.0
    for data, passes in noise:
        now += passes
        for found in lines.feed(data, now):
            assert not isinstance(found, Scan) or (found.text and found.text.isprintable() and len(found.text) <= LONGEST)
        assert len(lines._kept) <= LONGEST
    assert texts(lines.feed(f"{code}\r".encode(), now + GAP + 0.01))[-1] == code


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60), st.lists(st.integers(1, 9)))
def test_however_the_bytes_of_a_code_are_cut_it_is_the_same_code(code: str, cuts: list[int]) -> None:
    lines, data, found = Lines(), f"{code}\r".encode(), list[Scan | Garbage]()
    for cut in cuts:
        found += lines.feed(data[:cut], 0.0)
        data = data[cut:]
    assert texts([*found, *lines.feed(data, 0.0)]) == [code]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60))
def test_what_a_us_keyboard_types_is_what_was_meant(code: str) -> None:
    keys, typed = Keys(), b""
    for key, shifted in map(stroke, code):
        moves = [(SHIFT, True), (key, True), (key, False), (SHIFT, False)] if shifted else [(key, True), (key, False)]
        typed += b"".join(keys.move(name, down=down) for name, down in moves)
    assert typed.decode() == code


def test_the_key_pad_and_capitals_are_understood_and_a_key_that_means_nothing_spoils_its_code() -> None:
    keys = Keys()
    assert keys.move("KEY_KP7", down=True) + keys.move("KEY_KPENTER", down=True) == b"7\r"
    keys.move("KEY_CAPSLOCK", down=True)
    assert keys.move("KEY_A", down=True) == b"A"
    keys.move("KEY_CAPSLOCK", down=False)
    keys.move("KEY_CAPSLOCK", down=True)
    assert keys.move("KEY_A", down=True) == b"a"
    lines = Lines()
    assert texts(lines.feed(keys.move("KEY_VOLUMEUP", down=True) + b"A012\r", 0.0)) == ["not-text"]


@given(st.lists(st.tuples(st.sampled_from((*KEYS, "KEY_CAPSLOCK", "KEY_F1", "KEY_KP0", "BTN_LEFT")), st.booleans())))
def test_any_keys_mean_one_byte_at_most(moves: list[tuple[str, bool]]) -> None:
    keys = Keys()
    assert all(len(keys.move(key, down=down)) <= 1 for key, down in moves)
