"""The window caller as arithmetic."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import replace

from contract.calling import WindowState
from contract.events import KeyPressed
from contract.values import Text
from devices.caller import Doing
from firmware.agents.caller_rules import REPEAT, CallerRules, Decision, doing, words
from firmware.config_keys import CALLER_KEYS

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
START = 1000.0
FOUR_KEYS: dict[tuple[str, Doing], str] = {
    ("31", "idle"): "next",
    ("31", "called"): "recall",
    ("32", "called"): "start",
    ("34", "called"): "no-show",
    ("34", "serving"): "finish",
    ("33", "serving"): "transfer",
}


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
    assert decisions == [NEXT] + [replace(REPEATED, fast=True)] * 999


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


def test_what_a_key_orders_depends_on_what_the_window_does() -> None:
    caller = CallerRules("w3", CALLER_KEYS["four-key"], patience=5.0)
    orders = [caller.press(key, START + 2 * n, NOON, stage) for n, (key, stage) in enumerate(FOUR_KEYS)]
    assert [decision.fact.key for decision in orders if decision.fact] == list(FOUR_KEYS.values())
    assert caller.press("33", START + 99, NOON, "idle") == Decision(count="not-now")


def test_a_device_that_repeats_what_is_held_presses_once() -> None:
    caller = CallerRules("w3", CALLER_KEYS["ff68"], patience=5.0)
    caller.repeats = True
    decisions = [caller.press("0C", START + n * 0.9, NOON) for n in range(100)]
    assert [decision.fact is not None for decision in decisions] == [True] + [False] * 99


def test_a_key_after_another_one_is_a_press_of_its_own() -> None:
    caller = CallerRules("w3", CALLER_KEYS["ff68"], patience=5.0)
    caller.repeats = True
    decisions = [caller.press(key, START + n * 0.4, NOON) for n, key in enumerate(("0B", "0C", "0B", "0B"))]
    assert [decision.fact is not None for decision in decisions] == [True, True, True, False]


def test_a_window_s_doing_is_its_stage_first_and_its_door_then() -> None:
    said = WindowState(
        window="w3", name=Text(zh="3号窗口", en="Window 3"), at=NOON, state="paused", stage="called", number="A012"
    )
    assert doing(None) == "idle"
    assert doing(said) == "called"
    assert doing(structs.replace(said, stage="idle")) == "paused"
    assert doing(structs.replace(said, stage="idle", state="open")) == "idle"
