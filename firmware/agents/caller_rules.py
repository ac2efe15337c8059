"""The window caller: which presses of its keys are orders to the controller, and what the window does in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from contract.calling import WindowState
from contract.events import CallerKey, KeyPressed
from contract.values import Text
from devices.caller import Doing
from firmware.agents.held import APART

REPEAT = 0.3
"""Seconds; the same key again within them is the same press, however long somebody drums on it."""

FAST = 0.1


class Decision(msgspec.Struct, frozen=True):
    """What a press comes to: a fact to record, or a word to count."""

    fact: KeyPressed | None = None
    count: str | None = None
    fast: bool = False
    """Faster than a held key repeats: somebody drums, or the contact is worn."""


class CallerRules:
    """One window's keys: `keys` says what each orders, everywhere (`0C`) or while the window does something (`called+31`).

    A press means nothing `patience` seconds after it.
    """

    def __init__(self, window: str, keys: Mapping[str, CallerKey], patience: float) -> None:
        self._window = window
        self._keys = keys
        self._known = {place.rpartition("+")[2] for place in keys}
        self._patience = timedelta(seconds=patience)
        self._last: dict[str, float] = {}
        self._latest: str | None = None
        self.repeats = False
        """Whether the device repeats a key that is held, or that it believes unheard."""

    def press(self, key: str, at: float, pressed: datetime, doing: Doing = "idle") -> Decision:
        """A key as its device calls it was pressed `at` monotonic seconds, which was `pressed` by the hall's clock."""
        if key not in self._known:
            return Decision(count="unknown-key")
        last, self._last[key] = self._last.get(key), at
        same, self._latest = self._latest == key, key
        if last is not None and at - last < (APART if self.repeats and same else REPEAT):
            return Decision(count="repeated-press", fast=at - last < FAST)
        order = self._keys.get(f"{doing}+{key}") or self._keys.get(key)
        if order is None:
            return Decision(count="not-now")
        return Decision(KeyPressed(window=self._window, key=order, not_after=pressed + self._patience))


def doing(window: WindowState | None) -> Doing:
    """What the window does, as far as its keys and lamps are concerned; idle while nobody has said."""
    if window is None:
        return "idle"
    if window.stage != "idle":
        return window.stage
    return "idle" if window.state == "open" else window.state


ORDERS: Mapping[CallerKey, Text] = {
    "next": Text(zh="下一位", en="next"),
    "recall": Text(zh="重呼", en="recall"),
    "no-show": Text(zh="过号", en="no-show"),
    "start": Text(zh="开始", en="start"),
    "finish": Text(zh="办结", en="finish"),
    "pause": Text(zh="暂停", en="pause"),
    "resume": Text(zh="恢复", en="resume"),
    "invite": Text(zh="评价", en="invite"),
    "park": Text(zh="挂起", en="park"),
    "unpark": Text(zh="呼叫挂起", en="call the parked one"),
    "transfer": Text(zh="转移", en="transfer"),
    "cancel": Text(zh="取消", en="cancel"),
}


def key_words(key: str, keys: Mapping[str, CallerKey]) -> Text:
    """What people call a key: what it orders, everywhere or first of all."""
    order = keys.get(key) or next((order for place, order in keys.items() if place.rpartition("+")[2] == key), None)
    return Text(zh=key, en=key) if order is None else ORDERS[order]


def words(window: WindowState) -> Text:
    """What the window does now, as staff would say it: `Window 3: serving A012`."""
    said = _said(window)
    return Text(zh=f"{window.name.zh}：{said.zh}", en=f"{window.name.en}: {said.en}")


_STATES = {
    "closed": Text(zh="窗口关闭", en="closed"),
    "paused": Text(zh="暂停叫号", en="paused"),
}


def _said(window: WindowState) -> Text:
    if window.stage == "serving" and window.number:
        return Text(zh=f"正在办理 {window.number}", en=f"serving {window.number}")
    if window.stage == "called" and window.number:
        return Text(zh=f"已叫 {window.number}（第 {window.times} 次）", en=f"called {window.number}, call {window.times}")
    if window.state in _STATES:
        return _STATES[window.state]
    return Text(zh=f"空闲，{window.waiting} 人等候", en=f"idle, {window.waiting} waiting")
