"""What each fact is called when somebody follows a ticket's way: one row for each kind, in two languages."""

from collections.abc import Callable, Mapping
from typing import Any

from contract import events
from contract.values import Text
from controller import appointments, nearing, ratings, rooms
from controller.queue import facts

Words = Callable[[Any], Text]


def _text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


_VOID = {
    "unprinted": _text("一直没有打印成功的消息", "nobody confirmed that it was printed"),
    "not-printed": _text("没有打印出来", "it did not reach paper"),
    "withdrawn": _text("取号机已自行发号", "the kiosk had issued another number by itself"),
}
_OUTCOMES = {
    "shown": _text("已显示", "showed it"),
    "spoken": _text("已播报", "spoke it"),
    "late": _text("到达太晚，未显示", "got it too late and did not show it"),
    "overtaken": _text("已有更新的叫号，未显示", "had a newer call of the window and did not show it"),
    "failed": _text("显示失败", "failed to show it"),
}


def answer(device: str, outcome: str) -> Text:
    """What a device did with a call."""
    said = _OUTCOMES[outcome]
    return _text(f"{device} {said.zh}", f"{device} {said.en}")


_MESSAGES = {
    "waiting": _text("待发送", "waits to be sent"),
    "delivered": _text("已送达", "was delivered"),
    "overtaken": _text("已被叫号消息取代", "was overtaken by the call"),
    "given-up": _text("已放弃", "was given up"),
}


def message(webhook: str, event: str, state: str, attempts: int) -> Text:
    """What became of a message to another system."""
    done = _MESSAGES[state]
    return _text(
        f"发往 {webhook} 的消息 {event} {done.zh}（{attempts} 次）",
        f"the message {event} to {webhook} {done.en} ({attempts} attempts)",
    )


def stored(number: int, outcome: str) -> Text:
    """What the inbox did with an event."""
    done = _text(f"事件 {number} 已入库并确认", f"event {number} stored and acknowledged")
    return done if outcome == "ok" else _text(f"{done.zh}，未生效：{outcome}", f"{done.en}, without effect: {outcome}")


def _granted(f: facts.TicketGranted) -> Text:
    if f.kiosk is None:
        return _text(f"人工发出 {f.number}（{f.service}）", f"staff gave {f.number} ({f.service}, {f.priority})")
    return _text(
        f"给 {f.kiosk} 发出 {f.number}（{f.service}）", f"{f.number} ({f.service}, {f.priority}) was granted to {f.kiosk}"
    )


_AWAY = _text("（控制器失联期间由窗口自行呼叫）", ", by the window itself while the controller was away")
_STEPS = {
    "called": _text("呼叫", "called it"),
    "started": _text("开始办理", "began the service"),
    "finished": _text("办理完毕", "ended the service"),
    "missed": _text("记为过号", "said that nobody came"),
    "invited": _text("邀请评价", "invited to rate"),
}


def _called(f: facts.TicketCalled) -> Text:
    away = _AWAY if f.away else _text("", "")
    return _text(
        f"叫 {f.number} 到 {f.window}，第 {f.times} 次{away.zh}", f"{f.number} called to {f.window}, call {f.times}{away.en}"
    )


def _closed(f: ratings.RatingClosed) -> Text:
    if f.silent:
        return _text("评价时间已过，评价器没有消息", "the time for rating was over, and the rater was silent")
    return _text("未评价", "nobody rated")


def _over(f: rooms.StayOver) -> Text:
    if f.lasted is None:
        return _text("使用已结束，时间不详", "the stay is over; nobody knows since when")
    return _text(f"使用结束，共 {f.lasted:.0f} 秒", f"the stay ended after {f.lasted:.0f} s")


def _rated(f: ratings.RatingStored) -> Text:
    again = _text("（更正）", ", a correction") if f.corrected else _text("", "")
    where = _text("（手机）", ", by phone") if f.phone else _text("", "")
    return _text(f"评价计入：{f.level} 级{where.zh}{again.zh}", f"the rating counts: level {f.level}{where.en}{again.en}")


def _moved(f: facts.TicketMoved) -> Text:
    if f.next:
        return _text(f"接着等候 {f.service}", f"waits for its next service, {f.service}")
    if f.only is not None:
        return _text(f"转到窗口 {f.only}（{f.service}）", f"transferred to {f.only} ({f.service})")
    return _text(f"转到 {f.service}", f"transferred to {f.service}")


JOURNAL: Mapping[type[Any], tuple[str, Words]] = {
    facts.TicketGranted: ("granted", _granted),
    facts.TicketLeased: ("granted", lambda f: _text(
        f"{f.kiosk} 离线自行发出 {f.number}", f"{f.kiosk} issued {f.number} by itself"
    )),
    facts.PrintConfirmed: ("printed", lambda _: _text("已打印，进入等候", "it is on paper and waits")),
    facts.TicketVoided: ("voided", lambda f: _text(f"作废：{_VOID[f.why].zh}", f"void: {_VOID[f.why].en}")),
    appointments.AppointmentArrived: ("checked-in", lambda _: _text("凭预约码签到", "checked in for an appointment")),
    nearing.TurnNear: ("near", lambda f: _text(f"前面还有 {f.ahead} 位", f"its turn is near: {f.ahead} before it")),
    facts.TicketCalled: ("called", _called),
    facts.CallTakenBack: ("taken-back", lambda f: _text(
        f"{f.window} 失联期间已自行叫其他号，重新等候", f"{f.window} had called somebody else by itself meanwhile; it waits again"
    )),
    facts.AwayNoted: ("noted", lambda f: _text(
        f"{f.window} 失联期间自行{_STEPS[f.step].zh}；当时已为：{f.why}",
        f"{f.window} {_STEPS[f.step].en} by itself while the controller was away; it was {f.why} by then",
    )),
    facts.TicketsReleased: ("released", lambda f: _text(
        f"{f.window} 失联已久，经人工决定可由其他窗口呼叫",
        f"{f.window} had been out of reach for long; a person decided that others may call it",
    )),
    facts.ServiceStarted: ("started", lambda f: _text(f"{f.window} 开始办理", f"service began at {f.window}")),
    facts.ServiceFinished: ("finished", lambda f: _text(
        f"{f.window} 办理完毕，用时 {f.took:.0f} 秒", f"service ended at {f.window} after {f.took:.0f} s"
    )),
    facts.TicketMissed: ("missed", lambda f: _text(f"{f.window} 过号", f"nobody came to {f.window}")),
    facts.TicketParked: ("parked", lambda f: _text(f"在 {f.window} 挂起", f"stepped aside at {f.window}")),
    facts.TicketMoved: ("moved", _moved),
    facts.TicketReturned: ("returned", lambda _: _text("过号后重新排队", "back in the queue")),
    ratings.RatingInvited: ("invited", lambda f: _text(f"{f.window} 邀请评价", f"invited to rate at {f.window}")),
    ratings.RatingJoined: ("joined", lambda _: _text("窗口离线时的评价邀请并入本次", "the same as the window's own")),
    ratings.RatingStored: ("rated", _rated),
    ratings.RatingClosed: ("closed", _closed),
    rooms.StayBegan: ("began", lambda f: _text(f"{f.room} {f.cubicle} 开始使用", f"somebody went into {f.room}, {f.cubicle}")),
    rooms.StayGrewLong: ("long", lambda _: _text("使用超过时限", "the stay passed the room's limit")),
    rooms.StayOver: ("ended", _over),
}  # fmt: skip
"""Facts of the journal: the step's name and its words."""


def _printed(f: events.TicketPrinted) -> Text:
    how = {
        "consumed": _text("打印机已确认全部收到", "the printer answered that it has consumed it"),
        "sent": _text("已送出，打印机无应答功能", "sent to a printer that gives no answers"),
    }[f.proof]
    mark = _text("补打 ", "marked as a reprint; ") if f.reprint else _text("", "")
    return _text(f"{mark.zh}打印 {f.number}：{how.zh}", f"{f.number} printed: {mark.en}{how.en}")


REPORTS: Mapping[type[Any], Words] = {
    events.TicketPrinted: _printed,
    events.TicketNotPrinted: lambda f: _text(f"{f.number} 未打印：{f.why}", f"{f.number} not printed: {f.why}"),
    events.TicketIssued: lambda f: _text(
        f"控制器无法联系，自行发出 {f.number}", f"the controller was out of reach: {f.number} issued from its own numbers"
    ),
    events.TicketCalledAway: lambda f: _text(
        f"控制器失联，窗口 {f.window} 自行叫 {f.number}",
        f"the controller was away: {f.number} called by the window itself ({f.window})",
    ),
    events.VisitAway: lambda f: _text(
        f"控制器失联，窗口 {f.window} 自行{_STEPS[f.step].zh}",
        f"the controller was away: {f.window} {_STEPS[f.step].en} by itself",
    ),
    events.RatingGiven: lambda f: _text(
        f"{f.window} 按下 {f.level} 级（邀请后 {f.after:.1f} 秒）", f"level {f.level} pressed at {f.window} after {f.after:.1f} s"
    ),
    events.RatingLapsed: lambda f: _text(f"{f.window} 无人按键", f"nobody pressed a key at {f.window}"),
    events.StayStarted: lambda f: _text(f"{f.cubicle} 有人进入", f"somebody went into {f.cubicle}"),
    events.StayEnded: lambda f: _text(
        f"{f.cubicle} 已空出（{f.lasted:.0f} 秒）", f"{f.cubicle} is free again after {f.lasted:.0f} s"
    ),
    events.StayLong: lambda f: _text(f"{f.cubicle} 使用超过时限", f"{f.cubicle} was in use beyond the limit"),
}
"""Facts that a node accepted."""

UNREADABLE = _text("此版本无法读取的记录", "a record that this version cannot read")
UNSERVED = _text("当日结束，未办理", "the day ended and it had not been served")
