"""What a caller says while its window goes by itself, in words that staff understand."""

from contract.values import Text


def _text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


USED_UP = _text(
    "控制器失联，本窗口的号单已用完，请到服务台咨询",
    "the controller is away and this window's list is used up; please ask at the desk",
)
NEEDS_CONTROLLER = _text("控制器失联，此键暂不可用", "the controller is away; this key needs it")
NOT_CALLED = _text("本窗口当前没有已叫的号", "no ticket is called at this window")
NOT_SERVING = _text("请先按开始办理", "start the service first")
BEING_SERVED = _text("正在办理", "the service has begun")
INVITED = _text("本次服务已邀请评价", "this visit has been invited to rate")
ASK = _text(
    "请技术人员检查控制器和网络；本窗口可继续叫号", "Have a technician look at controller and network; this window goes on"
)
DESK = _text(
    "请到服务台咨询，并请技术人员检查控制器和网络", "Ask at the desk, and have a technician look at controller and network"
)


def busy(number: str, *, serving: bool) -> Text:
    """The window still has somebody."""
    if serving:
        return _text(f"请先结束 {number} 号的办理", f"finish {number} first")
    return _text(f"{number} 号已叫未到：请开始办理、重呼或过号", f"{number} is called: start, recall or no-show it first")


def called_enough(times: int) -> Text:
    """As often as the rules allow."""
    return _text(f"已叫 {times} 次，可作过号", f"called {times} times already; it may be a no-show")


def too_soon(seconds: int) -> Text:
    """The interval between two calls has not passed."""
    return _text(f"请 {seconds} 秒后再重呼", f"recall again in {seconds} s")


def too_early(calls: int, times: int) -> Text:
    """Not called often enough for a no-show."""
    return _text(f"叫满 {times} 次才可过号，现已叫 {calls} 次", f"no-show after {times} calls; called {calls} so far")


def alone(name: Text, doing: Text | None, tickets: int) -> Text:
    """How a window is that goes by itself."""
    zh = f"{name.zh}：控制器失联，自行叫号；" + (f"{doing.zh}；" if doing else "") + f"号单还有 {tickets} 个"
    en = f"{name.en}: the controller is away, calling by itself; " + (f"{doing.en}; " if doing else "")
    return _text(zh, f"{en}{tickets} left on its list")


def of(name: Text, said: Text) -> Text:
    """Something that is so of a window."""
    return _text(f"{name.zh}：{said.zh}", f"{name.en}: {said.en}")


def doing(number: str, *, serving: bool, times: int) -> Text:
    """Whom the window has."""
    if serving:
        return _text(f"正在办理 {number}", f"serving {number}")
    return _text(f"已叫 {number}（第 {times} 次）", f"called {number}, call {times}")
