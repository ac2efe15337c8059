"""Orders: what dispatch wants, turned into facts and an answer in words, or a refusal. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contract import dispatch
from contract.values import Text
from controller import booking, case_orders, complaints, notices, ratings, rooms
from controller import queue as queues
from controller.config_hours import Names
from controller.hall_rules import HallRules
from controller.outcome import Done, NewId
from controller.queue import Refusal, actions, facts, refusals
from controller.queue.values import WindowDoor
from controller.state import HallState


def carry_out(state: HallState, order: dispatch.Action, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    """What `order` makes happen at `now`. Commands to devices are no business of the hall's state and are not done here."""
    return _ORDERS[type(order)](state, order, now, rules, new_id)


def _call(state: HallState, order: Any, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    match order:
        case dispatch.CallNext():
            action: actions.QueueAction = actions.CallNext(window=order.window, call=new_id())
        case dispatch.CallChosen():
            action = actions.CallChosen(window=order.window, number=order.number, call=new_id())
        case dispatch.CallParked():
            action = actions.CallParked(window=order.window, number=order.number, call=new_id())
        case _:
            action = actions.Recall(window=order.window, call=new_id())
    decision = queues.decide(state.queue, action, now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    called = next(fact for fact in decision if isinstance(fact, facts.TicketCalled))
    name = rules.queue.windows[called.window].name
    times = "" if called.times == 1 else f"（第 {called.times} 次）"
    what = Text(
        zh=f"请 {called.number} 号到{name.zh}{times}",
        en=f"{called.number} to {name.en}" + ("" if called.times == 1 else f", call {called.times}"),
    )
    return Done(facts=decision, what=what, number=called.number, ticket=called.ticket, call=called.call)


def _start(state: HallState, order: dispatch.Start, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    return _at_window(state, order.window, actions.Start(window=order.window), now, rules, "开始办理", "is being served")


def _no_show(state: HallState, order: dispatch.NoShow, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    return _at_window(state, order.window, actions.NoShow(window=order.window), now, rules, "过号", "did not come")


def _park(state: HallState, order: dispatch.Park, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    return _at_window(state, order.window, actions.Park(window=order.window), now, rules, "已挂起", "steps aside")


def _transfer(state: HallState, order: dispatch.Transfer, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    action = actions.Transfer(window=order.window, service=order.service, to=order.to)
    window, service = rules.queue.windows.get(order.to or ""), rules.queue.services.get(order.service or "")
    name = window.name if window else service.name if service else Names(zh="别处", en="another place")
    return _at_window(state, order.window, action, now, rules, f"已转到{name.zh}", f"goes on to {name.en}")


def _at_window(
    state: HallState, window: str, action: actions.QueueAction, now: datetime, rules: HallRules, zh: str, en: str
) -> Done | Refusal:
    ticket = state.queue.present(window)
    decision = queues.decide(state.queue, action, now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    number = "" if ticket is None else ticket.number
    return Done(
        facts=decision, what=Text(zh=f"{number} 号{zh}", en=f"{number} {en}"), number=number or None,
        ticket=None if ticket is None else ticket.id,
    )  # fmt: skip


def _finish(state: HallState, order: dispatch.Finish, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    ticket = state.queue.present(order.window)
    done = _at_window(state, order.window, actions.Finish(window=order.window), now, rules, "办理完毕", "is done")
    if isinstance(done, Refusal) or ticket is None:
        return done
    invited = ratings.invite(state.ratings, ticket, new_id(), now, rules.config.rating)
    return done if isinstance(invited, Refusal) else Done(
        facts=(*done.facts, invited), what=done.what, number=done.number, ticket=done.ticket
    )  # fmt: skip


def _invite(state: HallState, order: dispatch.Invite, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    if order.window not in rules.queue.windows:
        return refusals.unknown_window(order.window)
    ticket = state.queue.present(order.window)
    if ticket is None or ticket.state != "serving":
        return refusals.NOT_SERVING
    invited = ratings.invite(state.ratings, ticket, new_id(), now, rules.config.rating)
    if isinstance(invited, Refusal):
        return invited
    what = Text(zh=f"已邀请 {ticket.number} 号评价", en=f"{ticket.number} is invited to rate")
    return Done(facts=(invited,), what=what, number=ticket.number, ticket=ticket.id)


_DOORS: Mapping[type[Any], tuple[WindowDoor, str, str]] = {
    dispatch.OpenWindow: ("open", "已开放", "is open"),
    dispatch.PauseWindow: ("paused", "暂停服务", "is paused"),
    dispatch.CloseWindow: ("closed", "已关闭", "is closed"),
}


def _turn(state: HallState, order: Any, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    door, zh, en = _DOORS[type(order)]
    decision = queues.decide(state.queue, actions.TurnWindow(window=order.window, door=door), now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    name = rules.queue.windows[order.window].name
    return Done(facts=decision, what=Text(zh=f"{name.zh}{zh}", en=f"{name.en} {en}"))


def _sign_on(state: HallState, order: dispatch.SignOn, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    action = actions.SignOn(window=order.window, staff=order.staff, instead_of=order.instead_of)
    decision = queues.decide(state.queue, action, now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    who, window = rules.queue.staff[order.staff].name, rules.queue.windows[order.window].name
    return Done(facts=decision, what=Text(zh=f"{who.zh} 在{window.zh}上岗", en=f"{who.en} serves at {window.en}"))


def _sign_off(state: HallState, order: dispatch.SignOff, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    decision = queues.decide(state.queue, actions.SignOff(window=order.window), now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    name = rules.queue.windows[order.window].name
    return Done(facts=decision, what=Text(zh=f"{name.zh}已离岗", en=f"nobody serves at {name.en} now"))


def _issue(state: HallState, order: dispatch.IssueTicket, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    action = actions.Issue(ticket=new_id(), service=order.service, then=order.then, priority=order.priority, printed=True)
    decision = queues.decide(state.queue, action, now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    granted = decision[0]
    assert isinstance(granted, facts.TicketGranted)  # noqa: S101
    what = Text(zh=f"已发 {granted.number} 号", en=f"ticket {granted.number}")
    return Done(facts=decision, what=what, number=granted.number, ticket=granted.ticket)


def _return(state: HallState, order: dispatch.ReturnTicket, now: datetime, rules: HallRules, _: NewId) -> Done | Refusal:
    decision = queues.decide(state.queue, actions.ReturnTicket(number=order.number), now, rules.queue)
    if isinstance(decision, Refusal):
        return decision
    ticket = state.queue.numbered(order.number)
    what = Text(zh=f"{order.number} 号重新排队", en=f"{order.number} waits again")
    return Done(facts=decision, what=what, number=order.number, ticket=None if ticket is None else ticket.id)


def _post(state: HallState, order: dispatch.PostNotice, now: datetime, rules: HallRules, new_id: NewId) -> Done | Refusal:
    zones = frozenset(zone.id for zone in rules.config.zone)
    notice = new_id()
    decision = notices.post(state.notices, order, notice, now, zones)
    if isinstance(decision, Refusal):
        return decision
    return Done(facts=decision, what=Text(zh=f"公告已发布（{notice}）", en=f"the notice is up ({notice})"), notice=notice)


def _withdraw(state: HallState, order: dispatch.WithdrawNotice, now: datetime, _: HallRules, __: NewId) -> Done | Refusal:
    decision = notices.withdraw(state.notices, order.notice, now)
    if isinstance(decision, Refusal):
        return decision
    return Done(facts=decision, what=Text(zh="公告已撤下", en="the notice is down"), notice=order.notice)


def _help(state: HallState, order: dispatch.AnswerHelp, now: datetime, _: HallRules, __: NewId) -> Done | Refusal:
    decision = rooms.answer_help(state.rooms, order.help, now)
    if isinstance(decision, Refusal):
        return decision
    return Done(facts=decision, what=Text(zh="求助已响应", en="somebody goes to help"))


def _complaint(state: HallState, order: dispatch.SeeComplaint, now: datetime, _: HallRules, __: NewId) -> Done | Refusal:
    decision = complaints.see(state.complaints, order.complaint, now)
    if isinstance(decision, Refusal):
        return decision
    return Done(facts=decision, what=Text(zh="已有人处理该反映", en="somebody sees to the complaint"))


_ORDERS: Mapping[type[Any], Callable[[HallState, Any, datetime, HallRules, NewId], Done | Refusal]] = {
    dispatch.CallNext: _call,
    dispatch.CallChosen: _call,
    dispatch.CallParked: _call,
    dispatch.Park: _park,
    dispatch.Transfer: _transfer,
    dispatch.SignOn: _sign_on,
    dispatch.SignOff: _sign_off,
    dispatch.Recall: _call,
    dispatch.Start: _start,
    dispatch.NoShow: _no_show,
    dispatch.Finish: _finish,
    dispatch.Invite: _invite,
    dispatch.OpenWindow: _turn,
    dispatch.PauseWindow: _turn,
    dispatch.CloseWindow: _turn,
    dispatch.IssueTicket: _issue,
    dispatch.ReturnTicket: _return,
    dispatch.PostNotice: _post,
    dispatch.WithdrawNotice: _withdraw,
    dispatch.AnswerHelp: _help,
    dispatch.AssignCase: case_orders.see_to,
    dispatch.StepCase: case_orders.see_to,
    dispatch.AppealCase: case_orders.see_to,
    dispatch.DecideAppeal: case_orders.see_to,
    dispatch.BookAppointment: booking.book,
    dispatch.CancelAppointment: booking.cancel,
    dispatch.CheckIn: booking.check_in,
    dispatch.SeeComplaint: _complaint,
}
