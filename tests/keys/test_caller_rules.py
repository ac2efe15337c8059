"""The window caller as arithmetic."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.calling import WindowState
from contract.events import KeyPressed
from contract.values import Text
from firmware.agents.caller_rules import REPEAT, CallerRules, Decision, words

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
START = 1000.0


def rules() -> CallerRules:
    return CallerRules("w3", {"KEY_KPENTER": "next", "KEY_KP0": "recall"}, patience=5.0)


NEXT = Decision(KeyPressed(window="w3", key="next", not_after=NOON + timedelta(seconds=5)))
REPEATED = Decision(count="repeated-press")


def test_a_press_is_an_order_that_means_nothing_after_its_patience() -> None:
    assert rules().press("KEY_KPENTER", START, NOON) == NEXT


def test_a_key_without_a_meaning_is_counted() -> None:
    assert rules().press("KEY_ESC", START, NOON) == Decision(count="unknown-key")


def test_the_same_key_at_once_again_is_the_same_press() -> None:
    caller = rules()
    caller.press("KEY_KPENTER", START, NOON)
    assert caller.press("KEY_KPENTER", START + REPEAT - 0.01, NOON) == REPEATED


def test_the_same_key_later_is_another_press() -> None:
    caller = rules()
    caller.press("KEY_KPENTER", START, NOON)
    assert caller.press("KEY_KPENTER", START + REPEAT + 0.01, NOON) == NEXT


def test_another_key_at_once_is_another_press() -> None:
    caller = rules()
    caller.press("KEY_KP0", START, NOON)
    assert caller.press("KEY_KPENTER", START + 0.01, NOON) == NEXT


def test_drumming_a_hundred_times_a_second_calls_one_person() -> None:
    caller = rules()
    decisions = [caller.press("KEY_KPENTER", START + n / 100, NOON) for n in range(1000)]
    assert decisions == [NEXT] + [REPEATED] * 999


@pytest.mark.parametrize(
    ("fields", "zh", "en"),
    [
        ({"state": "open", "stage": "serving", "number": "A012"}, "3号窗口：正在办理 A012", "Window 3: serving A012"),
        (
            {"state": "open", "stage": "called", "number": "A012", "times": 2},
            "3号窗口：已叫 A012（第 2 次）",
            "Window 3: called A012, call 2",
        ),
        ({"state": "open", "stage": "idle", "waiting": 4}, "3号窗口：空闲，4 人等候", "Window 3: idle, 4 waiting"),
        ({"state": "paused", "stage": "idle"}, "3号窗口：暂停叫号", "Window 3: paused"),
        ({"state": "paused", "stage": "serving", "number": "A012"}, "3号窗口：正在办理 A012", "Window 3: serving A012"),
        ({"state": "closed", "stage": "idle"}, "3号窗口：窗口关闭", "Window 3: closed"),
    ],
)
def test_the_window_in_words(fields: dict[str, Any], zh: str, en: str) -> None:
    state = WindowState(window="w3", name=Text(zh="3号窗口", en="Window 3"), at=NOON, **fields)
    assert words(state) == Text(zh=zh, en=en)
