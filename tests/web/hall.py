"""A hall in memory that keeps the rules a controller keeps, with the world's hands."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, assert_never

import msgspec

from contract.calling import NoticeLine
from contract.dispatch import (
    Action,
    AnswerHelp,
    AppealCase,
    AssignCase,
    BookAppointment,
    CallChosen,
    CallNext,
    CallParked,
    CancelAppointment,
    CheckIn,
    CloseWindow,
    CommandDevice,
    DecideAppeal,
    DispatchReply,
    DispatchRequest,
    EndOverride,
    Finish,
    Invite,
    IssueSlip,
    IssueTicket,
    NoShow,
    OpenWindow,
    Park,
    PauseWindow,
    PostNotice,
    PrintTicket,
    Recall,
    ReprintSlip,
    ReturnTicket,
    SeeComplaint,
    SetOverride,
    SignOff,
    SignOn,
    Start,
    StepCase,
    Transfer,
    WithdrawNotice,
)
from contract.upkeep import CheckRoom, CloseJob, DescribeDevice, FillSupply, OpenJob, RecordUpkeep, TickOff
from contract.values import Text
from controller.accounts_roles import tag_of
from controller.config import HallConfig
from controller.figures import Counted
from controller.outcome import Done
from controller.report_values import Report
from controller.reporting import report
from controller.slip_forms import Forms
from controller.slip_values import PrintRow
from controller.summing import Summed
from controller.view import AppointmentRow, AuditRow, CallView, NoticeRow, PlannedNotice, RatingRow, SlotView, TicketView
from controller.view_upkeep import StayRow
from tests.web import refusals as why
from tests.web.month import within
from tests.web.paper import Paper, token
from tests.web.refusals import Refusal, Refuses


def request(hall: "PaperHall", do: Action) -> DispatchRequest:
    """What dispatch wants done, now."""
    now = hall.clock()
    return DispatchRequest(id=token(), at=now, not_after=now + timedelta(seconds=9), do=do)


@dataclass
class PaperHall(Paper):
    """Keeps everything on paper, so to speak: a RunningHall without broker and database."""

    asked: list[tuple[DispatchRequest, str]] = field(default_factory=list)
    forms: Forms = field(default_factory=dict)
    counted: Counted = field(default_factory=Counted)
    """What reports are made of."""

    # What the web needs

    @property
    def written(self) -> HallConfig:
        """Nobody changes anything."""
        return self.config

    async def ask(self, request: DispatchRequest, actor: str) -> DispatchReply:
        """Do it once, or say why not."""
        if request.id in self._replies:
            return self._replies[request.id]
        self.asked.append((request, actor))
        reply = self._answer(request)
        self._replies[request.id] = reply
        self._audit.insert(0, AuditRow(at=self.clock(), actor=actor, what=tag_of(request.do), outcome=reply.code))
        self._change()
        return reply

    async def rate_by_phone(self, ticket: str, level: int) -> DispatchReply:
        """The ticket's page rates."""
        found, now = self._tickets.get(ticket), self.clock()
        code, what = why.RATED if found is not None and found.rated else why.NO_RATING
        if found is None or found.rate_until is None or found.window is None:
            return DispatchReply(id=token(), at=now, outcome="refused", code=code, what=what)
        self._tickets[ticket] = msgspec.structs.replace(found, rate_until=None, rated=True)
        self.rate(found.window, level, found.number)
        return DispatchReply(id=token(), at=now, outcome="done", what=Text(zh="谢谢", en="Thank you"))

    async def complain_by_phone(self, ticket: str) -> DispatchReply:
        """The ticket's page complains."""
        found, now = self._tickets.get(ticket), self.clock()
        code, what = why.COMPLAINED if found is not None and found.complained else why.NO_COMPLAINT
        if found is None or found.window is None or found.complained:
            return DispatchReply(id=token(), at=now, outcome="refused", code=code, what=what)
        self._tickets[ticket] = msgspec.structs.replace(found, may_complain=False, complained=True)
        self.complain(found.window, found.number)
        return DispatchReply(id=token(), at=now, outcome="done", what=Text(zh="已收到", en="Received"))

    async def ticket(self, ticket: str) -> TicketView | None:
        """A ticket with its place in line."""
        found = self._tickets.get(ticket)
        if found is None or found.state != "waiting":
            return found
        line = [waiting.ticket for waiting in self._waiting(found.service)]
        return msgspec.structs.replace(found, ahead=line.index(ticket))

    def numbered(self, number: str) -> TicketView | None:
        """Today's ticket with this number."""
        return next((ticket for ticket in self._tickets.values() if ticket.number == number), None)

    async def ratings(self, day: date, window: str | None = None) -> list[RatingRow]:
        """A day's ratings."""
        return [row for row in self._ratings if row.at.date() == day and window in (None, row.window)]

    async def stays(self, day: date) -> list[StayRow]:
        """A day's room log."""
        return [row for row in self._stays if row.started.date() == day]

    async def prints(self, day: date | None, number: str | None = None) -> list[PrintRow]:
        """Nothing was printed."""
        return []

    async def appointments(self, day: date) -> list[AppointmentRow]:
        """Nobody has one."""
        return []

    def slots(self, service: str, day: date) -> tuple[SlotView, ...]:
        """None is offered."""
        return ()

    async def report(self, first: date, last: date) -> Report:
        """What was counted, as a report."""
        return report(self.config, first, last, Summed.of(within(self.counted, first, last)))

    async def notices_ended(self, since: datetime, most: int) -> list[NoticeRow]:
        """Those withdrawn since then."""
        return [row for row in self._ended_notices if row.ended >= since][:most]

    async def audit(self, day: date) -> list[AuditRow]:
        """A day's audit log."""
        return [row for row in self._audit if row.at.date() == day]

    # Rules

    def _answer(self, request: DispatchRequest) -> DispatchReply:
        now = self.clock()
        if request.not_after < now:
            return self._refuse(request, why.TOO_LATE)
        try:
            return self._do(request, now)
        except Refuses as refusal:
            return self._refuse(request, refusal.args[0])

    def _refuse(self, request: DispatchRequest, why: Refusal) -> DispatchReply:
        return DispatchReply(id=request.id, at=self.clock(), outcome="refused", code=why[0], what=why[1])

    def _do(self, request: DispatchRequest, now: datetime) -> DispatchReply:
        match request.do:
            case CallNext(window=window):
                self._must_be(window, "open")
                return self._call(request, window, self._next(window))
            case CallChosen(window=window, number=number):
                self._must_be(window, "open")
                return self._call(request, window, next((t for t in self._all_waiting(window) if t.number == number), None))
            case Recall(window=window):
                return self._recall(request, window)
            case (
                IssueTicket() | ReturnTicket() | AnswerHelp() | SeeComplaint() | PostNotice() | WithdrawNotice() | CommandDevice()
            ):
                return self._desk(request, request.do)
            case Start(window=window):
                return self._stage(request, window, {"called"}, "serving", "serving")
            case Finish(window=window):
                return self._stage(request, window, {"called", "serving"}, "idle", "done")
            case NoShow(window=window):
                return self._stage(request, window, {"called"}, "idle", "no-show")
            case Park() | CallParked() | Transfer() | SignOn() | SignOff() | BookAppointment() | CancelAppointment():
                raise Refuses(why.WRONG_STAGE)
            case (
                CheckIn()
                | PrintTicket()
                | IssueSlip()
                | ReprintSlip()
                | AssignCase()
                | SetOverride()
                | EndOverride()
                | StepCase()
                | AppealCase()
                | DecideAppeal()
            ):
                raise Refuses(why.WRONG_STAGE)
            case OpenWindow(window=window):
                return self._state(request, window, "open")
            case PauseWindow(window=window):
                return self._state(request, window, "paused")
            case CloseWindow(window=window):
                return self._state(request, window, "closed")
            case Invite(window=window):
                if self._windows[window].stage != "serving":
                    raise Refuses(why.WRONG_STAGE)
                return self._done(request, "已邀请评价。", "The rating is invited.")
            case RecordUpkeep() | DescribeDevice() | FillSupply() | CheckRoom() | OpenJob() | CloseJob() | TickOff():
                return self._look_after(request, self.asked[-1][1])
            case _:
                assert_never(request.do)

    def _look_after(self, request: DispatchRequest, actor: str) -> DispatchReply:
        done = self.books.order(request.do, actor)
        if isinstance(done, Done):
            return self._done(request, done.what.zh, done.what.en)
        return DispatchReply(id=request.id, at=self.clock(), outcome="refused", code=done.code, what=done.what)

    def _desk(
        self,
        request: DispatchRequest,
        action: IssueTicket | ReturnTicket | AnswerHelp | SeeComplaint | PostNotice | WithdrawNotice | CommandDevice,
    ) -> DispatchReply:
        match action:
            case IssueTicket(service=service, priority=priority):
                ticket = self.take(service, priority)
                return self._done(
                    request, f"取号 {ticket.number}。", f"Ticket {ticket.number}.", number=ticket.number, ticket=ticket.ticket
                )
            case ReturnTicket(number=number):
                return self._return(request, number)
            case AnswerHelp(help=answered):
                if answered not in {cry.id for cry in self._help}:
                    raise Refuses(why.NO_HELP)
                self._help = [cry for cry in self._help if cry.id != answered]
                return self._done(request, "已记录有人前往。", "Noted: somebody goes.")
            case SeeComplaint(complaint=seen):
                if seen not in {complaint.id for complaint in self._complaints}:
                    raise Refuses(why.NO_COMPLAINT)
                self._complaints = [complaint for complaint in self._complaints if complaint.id != seen]
                return self._done(request, "已有人处理。", "Somebody sees to it.")
            case PostNotice() as notice:
                return self._post(request, notice)
            case WithdrawNotice(notice=gone):
                if gone not in {notice.notice for notice in self._notices}:
                    raise Refuses(why.NO_NOTICE)
                down = next(notice for notice in self._notices if notice.notice == gone)
                row = NoticeRow(notice=gone, text=down.text, urgent=down.urgent, posted=self.clock(), ended=self.clock())
                self._notices.remove(down)
                self._ended_notices.insert(0, row)
                return self._done(request, "公告已撤下。", "The notice is withdrawn.")
            case CommandDevice(device=device, order=order):
                if device not in {state.device for node in self._nodes.values() for state in node.devices}:
                    raise Refuses(why.NO_DEVICE)
                return self._done(request, f"{device} 已收到命令 {order}。", f"{device} was asked for {order}.")

    def _must_be(self, window: str, state: str) -> None:
        if self._windows[window].state != state:
            raise Refuses(why.NOT_OPEN)

    def _next(self, window: str) -> TicketView | None:
        return min(self._all_waiting(window), key=lambda t: (t.priority != "priority", t.issued), default=None)

    def _call(self, request: DispatchRequest, window: str, ticket: TicketView | None) -> DispatchReply:
        if ticket is None:
            raise Refuses(why.NOBODY if isinstance(request.do, CallNext) else why.NOT_WAITING)
        if (old := self._windows[window].ticket) is not None:
            self._tickets[old] = msgspec.structs.replace(self._tickets[old], state="done")
        self._tickets[ticket.ticket] = msgspec.structs.replace(ticket, state="called", window=window, calls=1, may_complain=True)
        return self._announce(request, window, ticket, 1)

    def _recall(self, request: DispatchRequest, window: str) -> DispatchReply:
        state = self._windows[window]
        if state.stage != "called" or state.ticket is None:
            raise Refuses(why.WRONG_STAGE)
        return self._announce(request, window, self._tickets[state.ticket], state.times + 1)

    def _announce(self, request: DispatchRequest, window: str, ticket: TicketView, times: int) -> DispatchReply:
        now, state = self.clock(), self._windows[window]
        call = CallView(call=token(), at=now, number=ticket.number, window=window, window_name=state.name, times=times)
        self._calls = [call, *self._calls][:20]
        self._windows[window] = msgspec.structs.replace(
            state, at=now, stage="called", number=ticket.number, ticket=ticket.ticket, call=call.call, times=times
        )
        said = Text(zh=f"请 {ticket.number} 到{state.name.zh}。", en=f"{ticket.number} is called to {state.name.en}.")
        return self._done(request, said.zh, said.en, number=ticket.number, ticket=ticket.ticket, call=call.call)

    def _stage(
        self,
        request: DispatchRequest,
        window: str,
        wanted: set[str],
        stage: Literal["idle", "serving"],
        becomes: Literal["serving", "done", "no-show"],
    ) -> DispatchReply:
        state = self._windows[window]
        if state.stage not in wanted or state.ticket is None:
            raise Refuses(why.WRONG_STAGE)
        ticket = self._tickets[state.ticket]
        may_rate = self.clock() + timedelta(minutes=30) if becomes == "done" else None
        self._tickets[ticket.ticket] = msgspec.structs.replace(ticket, state=becomes, rate_until=may_rate)
        over = stage == "idle"
        self._windows[window] = msgspec.structs.replace(
            state, at=self.clock(), stage=stage, number=None if over else state.number, ticket=None if over else state.ticket
        )
        return self._done(request, f"{ticket.number} 已记录。", f"{ticket.number}: noted.", number=ticket.number)

    def _return(self, request: DispatchRequest, number: str) -> DispatchReply:
        missed = next((t for t in self._tickets.values() if t.number == number and t.state == "no-show"), None)
        if missed is None:
            raise Refuses(why.NOT_MISSED)
        self._tickets[missed.ticket] = msgspec.structs.replace(missed, state="waiting", window=None)
        return self._done(request, f"{number} 重新等候。", f"{number} waits again.", number=number)

    def _state(self, request: DispatchRequest, window: str, state: Literal["open", "paused", "closed"]) -> DispatchReply:
        self._windows[window] = msgspec.structs.replace(self._windows[window], state=state, at=self.clock())
        return self._done(request, "窗口状态已更改。", f"The window is now {state}.")

    def _post(self, request: DispatchRequest, notice: PostNotice) -> DispatchReply:
        if notice.times is not None or (notice.since is not None and notice.since > self.clock()):
            return self._plan(request, notice)
        line = NoticeLine(notice=token(), text=notice.text, urgent=notice.urgent, until=notice.until)
        self._notices.append(line)
        if notice.zones:
            self._notice_zones[line.notice] = notice.zones
        return self._done(request, "公告已发布。", "The notice is posted.", notice=line.notice)

    def _plan(self, request: DispatchRequest, notice: PostNotice) -> DispatchReply:
        plan = PlannedNotice(
            notice=token(),
            text=notice.text,
            zones=notice.zones,
            urgent=notice.urgent,
            important=notice.important,
            since=notice.since,
            until=notice.until,
            times=notice.times,
        )
        self._planned.append(plan)
        return self._done(request, "公告已排期。", "The notice is planned.", notice=plan.notice)

    def _done(self, request: DispatchRequest, zh: str, en: str, **ids: str) -> DispatchReply:
        return DispatchReply(id=request.id, at=self.clock(), outcome="done", what=Text(zh=zh, en=en), **ids)
