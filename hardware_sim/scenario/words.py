"""A scenario's steps in words, Chinese and English, as reports and the terminal show them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from contract.values import Text
from hardware_sim.page.panel import called
from hardware_sim.scenario import steps

OUTCOMES = {
    "passed": Text(zh="通过", en="passed"),
    "failed": Text(zh="不符", en="failed"),
    "broken": Text(zh="无法执行", en="could not be done"),
}
ACTS = {
    "kill": ("断电", "kill"),
    "stop": ("停止", "stop"),
    "start": ("启动", "start"),
    "restart": ("重启", "restart"),
    "freeze": ("冻结", "freeze"),
    "thaw": ("解冻", "thaw"),
}

WINDOW_WORDS = ("state", "stage", "number", "times", "waiting")


def in_words(step: steps.AnyStep) -> Text:
    """What a step does or expects."""
    zh, en = _WORDS[type(step)](step)
    if isinstance(step, steps.Expectation):
        zh, en = (f"不应：{zh}", f"never: {en}") if step.never else (f"应当：{zh}", f"expect: {en}")
    return Text(zh=zh[:400], en=en[:400])


def _arrive(step: steps.Arrive) -> tuple[str, str]:
    return f"有人在 {step.kiosk} 按“{step.key}”取号", f"somebody takes a ticket for {step.key} at {step.kiosk}"


def _press(step: steps.Press) -> tuple[str, str]:
    zh, en = (f" {step.times} 次", f" {step.times} times") if step.times > 1 else ("", "")
    return f"按 {step.device} 的“{step.key}”键{zh}", f"press {step.key} of {step.device}{en}"


def _move(step: steps.Move) -> tuple[str, str]:
    how = _given(step.how)
    hand = called(step.hand)
    return f"{step.device}：{hand.zh}{how}", f"{step.device}: {hand.en}{how}"


def _ask(step: steps.Ask) -> tuple[str, str]:
    zh, en = (f"（应被拒绝：{step.refused}）", f" (to be refused: {step.refused})") if step.refused else ("", "")
    how = _given(step.how)
    return f"调度请求 {step.ask}{how}{zh}", f"dispatch asks: {step.ask}{how}{en}"


def _process(step: steps.Process) -> tuple[str, str]:
    zh, en = ACTS[step.act]
    return f"{zh} {step.who}", f"{en} {step.who}"


def _wait(step: steps.Wait) -> tuple[str, str]:
    return f"过 {step.seconds:g} 秒", f"{step.seconds:g} s pass"


def _state(step: steps.ExpectState) -> tuple[str, str]:
    parts = [part for part in (step.condition, step.code) if part]
    parts += [f"“{words}”" for words in (step.says, step.touch) if words]
    return f"{step.device} 说 {' '.join(parts)}", f"{step.device} says {' '.join(parts)}"


def _ticket(step: steps.ExpectTicket) -> tuple[str, str]:
    texts = " ".join((*step.says, *(f"QR {step.qr}" for _ in [0] if step.qr)))
    return f"{step.device} 打印出 {step.count} 张：{texts}", f"{step.device} prints {step.count}: {texts}"


def _board(step: steps.ExpectBoard) -> tuple[str, str]:
    parts_zh, parts_en = [], []
    if step.shows is not None:
        parts_zh.append(f"显示“{step.shows}”")
        parts_en.append(f"shows “{step.shows}”")
    if step.dark is not None:
        parts_zh.append("全灭" if step.dark else "有光")
        parts_en.append("is dark" if step.dark else "is lit")
    if step.faulty is not None:
        parts_zh.append("有坏点" if step.faulty else "无坏点")
        parts_en.append("has dead lamps" if step.faulty else "has no dead lamps")
    return f"{step.board} {'，'.join(parts_zh)}", f"{step.board} {', '.join(parts_en)}"


def _window(step: steps.ExpectWindow) -> tuple[str, str]:
    wanted = _given({key: value for key in WINDOW_WORDS if (value := getattr(step, key)) is not None})
    return f"窗口 {step.window}{wanted}", f"window {step.window}{wanted}"


def _call(step: steps.ExpectCall) -> tuple[str, str]:
    return f"{step.number} 的叫号被 {step.by} 个设备 {step.outcome}", f"the call of {step.number} is {step.outcome} by {step.by}"


def _stored(step: steps.ExpectStored) -> tuple[str, str]:
    many = "≥ 1" if step.count is None else str(step.count)
    where = _given(step.where)
    return f"控制器存下 {step.table}{where}：{many} 条", f"the controller stored {many} of {step.table}{where}"


def _waiting(step: steps.ExpectWaiting) -> tuple[str, str]:
    return f"{step.service} 有 {step.count} 人等候", f"{step.count} wait for {step.service}"


def _nothing(step: steps.ExpectNothingWaiting) -> tuple[str, str]:
    return "无人等候，无待发数据", "nobody waits and nothing is left to send"


def _node(step: steps.ExpectNode) -> tuple[str, str]:
    return f"{step.node} 为 {step.state}", f"{step.node} is {step.state}"


def _view(step: steps.ExpectView) -> tuple[str, str]:
    what = _given(step.shows | step.says)
    return f"{step.device}{what}", f"{step.device}{what}"


_WORDS: Mapping[type[steps.Step], Callable[[Any], tuple[str, str]]] = {
    steps.Arrive: _arrive,
    steps.Press: _press,
    steps.Move: _move,
    steps.Ask: _ask,
    steps.Process: _process,
    steps.Wait: _wait,
    steps.ExpectState: _state,
    steps.ExpectTicket: _ticket,
    steps.ExpectBoard: _board,
    steps.ExpectWindow: _window,
    steps.ExpectCall: _call,
    steps.ExpectStored: _stored,
    steps.ExpectWaiting: _waiting,
    steps.ExpectNothingWaiting: _nothing,
    steps.ExpectNode: _node,
    steps.ExpectView: _view,
}


def _given(values: Mapping[str, Any]) -> str:
    if not values:
        return ""
    return " (" + ", ".join(f"{key} {_plain(value)}" for key, value in values.items()) + ")"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
