"""The window caller: which presses of its keypad are orders to the controller, and what the window does in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.calling import WindowState
from contract.events import CallerKey, KeyPressed
from contract.values import Text

REPEAT = 0.3
"""Seconds; the same key again within them is the same press, however long somebody drums on it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a press comes to: a fact to record, or a word to count."""

    fact: KeyPressed | None = None
    count: str | None = None


class CallerRules:
    """One window's keypad: `keys` says what each key orders; a press means nothing `patience` seconds after it."""

    def __init__(self, window: str, keys: Mapping[str, CallerKey], patience: float) -> None:
        self._window = window
        self._keys = keys
        self._patience = timedelta(seconds=patience)
        self._last: dict[str, float] = {}

    def press(self, key: str, at: float, pressed: datetime) -> Decision:
        """A key as the kernel calls it was pressed `at` monotonic seconds, which was `pressed` by the hall's clock."""
        order = self._keys.get(key)
        if order is None:
            return Decision(count="unknown-key")
        last, self._last[key] = self._last.get(key), at
        if last is not None and at - last < REPEAT:
            return Decision(count="repeated-press")
        return Decision(KeyPressed(window=self._window, key=order, not_after=pressed + self._patience))


def words(window: WindowState) -> Text:
    """What the window does now, as staff would say it: `Window 3: serving A012`."""
    doing = _doing(window)
    return Text(zh=f"{window.name.zh}：{doing.zh}", en=f"{window.name.en}: {doing.en}")


_STATES = {
    "closed": Text(zh="窗口关闭", en="closed"),
    "paused": Text(zh="暂停叫号", en="paused"),
}


def _doing(window: WindowState) -> Text:
    if window.stage == "serving" and window.number:
        return Text(zh=f"正在办理 {window.number}", en=f"serving {window.number}")
    if window.stage == "called" and window.number:
        return Text(zh=f"已叫 {window.number}（第 {window.times} 次）", en=f"called {window.number}, call {window.times}")
    if window.state in _STATES:
        return _STATES[window.state]
    return Text(zh=f"空闲，{window.waiting} 人等候", en=f"idle, {window.waiting} waiting")
