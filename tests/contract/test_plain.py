"""A text that somebody sent is one harmless line in a log."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.plain import LONGEST, plain


@given(st.text())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = plain(text)
    assert len(line.splitlines()) <= 1
    assert not any(ord(one) < 32 or one in "\x7f\x85\u2028\u2029\u202e\u2066\u200f" for one in line)


def test_words_stay_as_they_are_and_tricks_are_spelled_out() -> None:
    assert plain("缺纸 · Paper is out") == "缺纸 · Paper is out"
    assert plain("ok\n2026 ERROR forged\u202e\x1b[2J") == r"ok\n2026 ERROR forged\u202e\x1b[2J"


def test_a_long_text_is_cut() -> None:
    assert plain("x" * 5000) == "x" * LONGEST + "…"
