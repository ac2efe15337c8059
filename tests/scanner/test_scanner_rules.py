"""Which codes are the hall's own, which scan is the same as the last, and what the lamps say, as arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.agents.scanner_codes import Code, read
from firmware.agents.scanner_rules import NOISE_SPAN, NOISY, Read, ScannerRules

TICKET = "0123456789abcdef"


def rules() -> ScannerRules:
    return ScannerRules(again=3, patience=2, show=4)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"https://hall.example/t/{TICKET}", Code("ticket", TICKET)),
        (f"http://10.0.0.2:8080/t/{TICKET}/", Code("ticket", TICKET)),
        (f"https://city.example/hall/t/{TICKET}", Code("ticket", TICKET)),
        (TICKET, Code("ticket", TICKET)),
        ("A012", Code("number", "A012")),
        ("007", Code("number", "007")),
        ("https://hall.example/a/ab12cd34ef", Code("appointment", "ab12cd34ef")),
        ("12345678", Code("appointment", "12345678")),
        ("appointment:ab12cd34ef", Code("appointment", "ab12cd34ef")),
    ],
)
def test_the_halls_own_codes(text: str, code: Code) -> None:
    assert read(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "110101199003074258", "11010119900307425X", "6222020200112233", "6222020200112233445", "6901234567892",
        "https://pay.example/qr?id=1", "https://hall.example/t/../../etc", f"javascript://hall.example/t/{TICKET}\n", "",
        "A01", "A01234",
        "WIFI:S:hall;T:WPA;P:secret;;", "姓名：张三", "0123456789abcdeg", f"{TICKET}{TICKET}",
    ],
)  # fmt: skip
def test_an_identity_card_a_bank_card_or_a_product_is_none_of_the_halls_business(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=100))
def test_any_text_is_a_code_of_bounded_plain_letters_or_none(text: str) -> None:
    code = read(text)
    assert code is None or (code.code.isascii() and len(code.code) <= 64)


def test_the_same_code_again_is_the_same_scan_as_long_as_it_lies_there() -> None:
    scanner = rules()
    assert scanner.scan("A012", 0.0) == Read(ask=Code("number", "A012"))
    assert [scanner.scan("A012", at).count for at in (1.0, 3.5, 6.0, 8.9)] == ["repeated-scan"] * 4
    assert scanner.scan("A012", 12.0).ask == Code("number", "A012")
    assert scanner.scan("A013", 12.5).ask == Code("number", "A013")


def test_a_foreign_code_is_red_at_once_and_asks_nobody() -> None:
    scanner = rules()
    assert scanner.scan("110101199003074258", 0.0) == Read(count="foreign-code")
    assert (scanner.lamp(0.0), scanner.lamp(3.9), scanner.lamp(4.0)) == ("red", "red", None)


def test_the_lamp_says_what_the_controller_answers_to_the_last_question() -> None:
    scanner = rules()
    scanner.asked("first", 0.0)
    scanner.asked("second", 0.5)
    assert not scanner.replied("first", 0.6, good=True)
    assert scanner.lamp(0.6) is None
    assert scanner.replied("second", 0.7, good=True)
    assert (scanner.lamp(0.7), scanner.due(0.7), scanner.lamp(4.7)) == ("green", 4.7, None)


def test_a_controller_that_keeps_silent_is_red_and_the_same_code_may_be_tried_again() -> None:
    scanner = rules()
    scanner.scan("A012", 0.0)
    scanner.asked("first", 0.0)
    assert scanner.due(0.0) == 2.0
    assert not scanner.look(1.9)
    assert scanner.look(2.0)
    assert not scanner.look(2.1)
    assert (scanner.lamp(2.0), scanner.unanswered) == ("red", True)
    assert scanner.scan("A012", 2.2).ask is not None
    scanner.asked("second", 2.2)
    scanner.replied("second", 2.3, good=True)
    assert not scanner.unanswered


def test_much_garbage_in_a_minute_is_noise_until_a_code_is_read() -> None:
    scanner = rules()
    for at in range(NOISY):
        assert not scanner.noisy(float(at))
        scanner.garbage(float(at))
    assert scanner.noisy(float(NOISY))
    assert not scanner.noisy(NOISE_SPAN + 1)
    scanner.scan("A012", NOISY + 1.0)
    assert not scanner.noisy(NOISY + 1.0)
