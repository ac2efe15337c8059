"""Refusals: normal answers, each with a stable code for programs and a sentence for people."""

import math

import msgspec

from contract.values import Text


class Refusal(msgspec.Struct, frozen=True):
    """Why nothing was done."""

    code: str
    what: Text


def _refusal(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, Text(zh=zh, en=en))


NOBODY_WAITS = _refusal("nobody-waits", "无人等候", "nobody waits")
NOT_CALLED = _refusal("not-called", "该窗口当前没有已叫的号", "no ticket is called at this window")
NOT_SERVING = _refusal("not-serving", "该窗口当前没有正在办理的号", "nobody is being served at this window")
CLOSED = _refusal("closed", "现在不在服务时间", "the hall is closed now")
QUOTA = _refusal("quota", "今日号已取完", "today's tickets for this service are all given out")
HOUR_FULL = _refusal(
    "hour-full", "本时段号已取完，请下一时段再取", "this hour's tickets are all given out; please come next hour"
)
TOO_LATE = _refusal(
    "too-late-today", "排到时已过服务时间，请改日再来", "your turn would come after closing; please come another day"
)
NUMBERS_USED_UP = _refusal("numbers-used-up", "今日号码已用完", "today's numbers are used up")
NUMBER_TAKEN = _refusal("number-taken", "号码已被使用", "the number is taken")
NOT_LEASED = _refusal("not-leased", "号码不在该取号机的预留号段内", "the number is not in a block leased to this kiosk")
MISSED_IS_OVER = _refusal("missed-is-over", "过号作废，请重新取号", "a missed number is void; please take a new ticket")
OTHER_DAY = _refusal("other-day", "不是今天的号", "not a number of today")
NOBODY_SIGNED_ON = _refusal("nobody-signed-on", "请工作人员先上岗", "somebody must sign on at this window first")
NOBODY_PARKED = _refusal("nobody-parked", "本窗口没有挂起的号", "nobody is parked at this window")
NO_OTHER_PLACE = _refusal("no-other-place", "请指明要转到的事项或窗口", "say to which other service or window it shall go")
WITHDRAWN = _refusal("withdrawn", "取号请求已撤回", "the request was withdrawn")
ALREADY_DECIDED = _refusal("already-decided", "该号状态已确定", "the ticket's state is decided already")


def unknown_window(window: str) -> Refusal:
    """There is no such window."""
    return _refusal("unknown-window", f"没有窗口 {window}", f"there is no window {window}")


def unknown_service(service: str) -> Refusal:
    """There is no such service."""
    return _refusal("unknown-service", f"没有事项 {service}", f"there is no service {service}")


def unknown_number(number: str) -> Refusal:
    """Nobody holds that number today."""
    return _refusal("unknown-number", f"今天没有 {number} 号", f"there is no number {number} today")


def unknown_ticket(ticket: str) -> Refusal:
    """Nobody holds that ticket today."""
    return _refusal("unknown-ticket", f"今天没有号票 {ticket}", f"there is no ticket {ticket} today")


def not_open(door: str) -> Refusal:
    """The window is closed or paused."""
    if door == "paused":
        return _refusal("window-paused", "窗口暂停服务，请先恢复", "the window is paused; resume it first")
    return _refusal("window-closed", "窗口未开放，请先开放窗口", "the window is closed; open it first")


def busy(number: str, serving: bool) -> Refusal:
    """The window still has somebody."""
    if serving:
        return _refusal("busy", f"请先结束 {number} 号的办理", f"finish {number} first")
    return _refusal(
        "busy", f"{number} 号已叫未到：请开始办理、重呼或过号", f"{number} is called: start, recall or no-show it first"
    )


def too_soon(seconds: float) -> Refusal:
    """The interval between two calls has not passed."""
    whole = math.ceil(seconds)
    return _refusal("too-soon", f"请 {whole} 秒后再重呼", f"recall again in {whole} s")


def called_enough(times: int) -> Refusal:
    """The ticket has been called as often as the rules allow."""
    return _refusal("called-enough", f"已叫 {times} 次，可作过号", f"called {times} times already; it may be a no-show")


def too_early(calls: int, times: int) -> Refusal:
    """Not called often enough for a no-show."""
    return _refusal(
        "too-early", f"叫满 {times} 次才可过号，现已叫 {calls} 次", f"no-show after {times} calls; called {calls} so far"
    )


_STATES = {
    "printing": "正在打印",
    "waiting": "正在等候",
    "called": "已被叫",
    "serving": "正在办理",
    "parked": "已挂起",
    "done": "已办结",
    "no-show": "已过号",
    "void": "已作废",
    "unserved": "未办理",
}


def not_waiting(number: str, state: str) -> Refusal:
    """The ticket cannot be called."""
    zh = _STATES.get(state, state)
    return _refusal(f"is-{state}", f"{number} 号{zh}", f"{number} is {state}")


def not_missed(number: str) -> Refusal:
    """Only a missed ticket can come back."""
    return _refusal("not-missed", f"{number} 号没有过号", f"{number} was not missed")


def not_served_here(number: str) -> Refusal:
    """The window does not serve what the ticket is for."""
    return _refusal("not-served-here", f"本窗口不办理 {number} 号的事项", f"this window does not serve what {number} is for")


def not_served_there(window: str) -> Refusal:
    """The window to which a ticket shall go does not serve it."""
    return _refusal("not-served-there", f"窗口 {window} 不办理该事项", f"window {window} does not serve that")


def not_parked(number: str) -> Refusal:
    """The number is not parked at this window."""
    return _refusal("not-parked", f"{number} 号没有在本窗口挂起", f"{number} is not parked at this window")


def withheld(number: str, window: str) -> Refusal:
    """Another window's node is out of reach and may be calling the ticket."""
    return _refusal(
        "withheld",
        f"{number} 号可能正由失联的窗口 {window} 呼叫",
        f"{number} may be called by window {window}, which is out of reach",
    )


def unknown_staff(staff: str) -> Refusal:
    """There is nobody with that staff number."""
    return _refusal("unknown-staff", f"没有工作人员 {staff}", f"there is no staff member {staff}")


def no_substitute(staff: str, other: str) -> Refusal:
    """The rules name others as substitutes."""
    return _refusal("no-substitute", f"{staff} 不是 {other} 的替岗人员", f"{staff} is no substitute of {other}")


def busy_elsewhere(number: str, window: str) -> Refusal:
    """Somebody who serves at another window cannot leave it now."""
    return _refusal("busy-elsewhere", f"请先结束窗口 {window} 的 {number} 号", f"finish {number} at window {window} first")
