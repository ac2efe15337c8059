"""A hall in memory that keeps the rules a controller keeps, with the world's hands."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, assert_never

import msgspec

from contract.calling import CallAnswer, NoticeLine
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
    Finish,
    Invite,
    IssueTicket,
    NoShow,
    OpenWindow,
    Park,
    PauseWindow,
    PostNotice,
    Recall,
    ReturnTicket,
    SeeComplaint,
    SignOff,
    SignOn,
    Start,
    StepCase,
    Transfer,
    WithdrawNotice,
)
from contract.ticketing import Priority
from contract.values import Text
from controller.accounts import utc_now
from controller.accounts_roles import tag_of
from controller.config import HallConfig
from controller.figures import Counted
from controller.report_values import Report
from controller.reporting import report
from controller.view import (
    AuditRow,
    BoardView,
    CallView,
    ComplaintView,
    CubicleView,
    HallView,
    HelpView,
    NodeView,
    PlannedNotice,
    RatingFigures,
    RatingRow,
    RoomView,
    StayRow,
    TicketView,
)
from controller.web.scenes import figures
from tests.web import refusals as why
from tests.web.drawing import service_view, window_state
from tests.web.month import within
from tests.web.refusals import Refusal, Refuses


def token() -> str:
    return secrets.token_hex(8)


def request(hall: "PaperHall", do: Action) -> DispatchRequest:
    """What dispatch wants done, now."""
    now = hall.clock()
    return DispatchRequest(id=token(), at=now, not_after=now + timedelta(seconds=9), do=do)


@dataclass
class PaperHall:
    """Keeps everything on paper, so to speak: a RunningHall without broker and database."""

    config: HallConfig
    clock: Callable[[], datetime] = utc_now
    asked: list[tuple[DispatchRequest, str]] = field(default_factory=list)
    counted: Counted = field(default_factory=Counted)
    """What reports are made of."""

    def __post_init__(self) -> None:
        self._version = 1
        self._view: HallView | None = None
        self._changed = asyncio.Event()
        self._ended = False
        self._replies: dict[str, DispatchReply] = {}
        self._tickets: dict[str, TicketView] = {}
        self._windows = {window.id: window_state(window, self.clock()) for window in self.config.window}
        self._calls: list[CallView] = []
        self._notices: list[NoticeLine] = []
        self._planned: list[PlannedNotice] = []
        self._notice_zones: dict[str, tuple[str, ...]] = {}
        self._nodes: dict[str, NodeView] = {}
        self._boards: dict[str, BoardView] = {}
        self._rooms = {
            room.id: RoomView(room=room.id, name=room.name.text, cubicles=(CubicleView(cubicle="a", occupied=False),))
            for room in self.config.room
        }
        self._help: list[HelpView] = []
        self._complaints: list[ComplaintView] = []
        self._ratings: list[RatingRow] = []
        self._stays: list[StayRow] = []
        self._audit: list[AuditRow] = []

    # What the web needs

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

    def view(self) -> HallView:
        """The hall now."""
        if self._view is None or self._view.version != self._version:
            self._view = self._picture()
        return self._view

    async def changes(self) -> AsyncIterator[HallView]:
        """Now, then after every change."""
        seen = -1
        while not self._ended:
            changed = self._changed
            if self._version != seen:
                seen = self._version
                yield self.view()
                continue
            await changed.wait()

    async def ticket(self, ticket: str) -> TicketView | None:
        """A ticket with its place in line."""
        found = self._tickets.get(ticket)
        if found is None or found.state != "waiting":
            return found
        line = [waiting.ticket for waiting in self._waiting(found.service)]
        return msgspec.structs.replace(found, ahead=line.index(ticket))

    async def ratings(self, day: date, window: str | None = None) -> list[RatingRow]:
        """A day's ratings."""
        return [row for row in self._ratings if row.at.date() == day and window in (None, row.window)]

    async def stays(self, day: date) -> list[StayRow]:
        """A day's room log."""
        return [row for row in self._stays if row.started.date() == day]

    async def report(self, first: date, last: date) -> Report:
        """What was counted, as a report."""
        return report(self.config, first, last, within(self.counted, first, last))

    async def audit(self, day: date) -> list[AuditRow]:
        """A day's audit log."""
        return [row for row in self._audit if row.at.date() == day]

    # Hands

    def end(self) -> None:
        """The controller stops."""
        self._ended = True
        self._changed.set()

    def take(self, service: str, priority: Priority = "ordinary") -> TicketView:
        """Somebody takes a ticket at the kiosk."""
        prefix = next(known.prefix for known in self.config.service if known.id == service)
        number = 1 + sum(ticket.service == service for ticket in self._tickets.values())
        ticket = TicketView(
            ticket=token(),
            number=f"{prefix}{number:03}",
            service=service,
            priority=priority,
            state="waiting",
            issued=self.clock(),
        )
        self._tickets[ticket.ticket] = ticket
        self._change()
        return ticket

    def rate(self, window: str, level: int | None, number: str, after: float = 12.0) -> None:
        """Somebody presses a rating key, or nobody does."""
        self._ratings.insert(
            0, RatingRow(at=self.clock(), window=window, number=number, level=level, after=after if level else None)
        )
        self._change()

    def show(self, board: str, call: CallView | None = None, outcome: Literal["shown", "spoken", "late"] = "shown") -> None:
        """A board says what it did with the newest call."""
        wanted = call or self._calls[0]
        answer = CallAnswer(call=wanted.call, node=f"node-{board}", device=board, at=self.clock(), outcome=outcome)
        self._calls = [
            msgspec.structs.replace(known, answers=(*known.answers, answer)) if known.call == wanted.call else known
            for known in self._calls
        ]
        self._change()

    def node(self, node: NodeView) -> None:
        """A node says how it is."""
        self._nodes[node.node] = node
        self._change()

    def board(self, board: BoardView) -> None:
        """What a board was told and shows has changed."""
        self._boards[board.board] = board
        self._change()

    def occupy(self, room: str, cubicle: str, *, since: datetime, long: bool = False) -> None:
        """Somebody goes into a cubicle."""
        self._cubicle(room, CubicleView(cubicle=cubicle, occupied=True, since=since, long=long))
        self._stays.insert(0, StayRow(room=room, cubicle=cubicle, started=since))

    def leave(self, room: str, cubicle: str, lasted: float) -> None:
        """Somebody comes out."""
        self._cubicle(room, CubicleView(cubicle=cubicle, occupied=False))
        self._stays = [
            msgspec.structs.replace(row, lasted=lasted) if (row.room, row.cubicle, row.lasted) == (room, cubicle, None) else row
            for row in self._stays
        ]

    def check(self, room: str) -> None:
        """Staff press the check key."""
        self._rooms[room] = msgspec.structs.replace(self._rooms[room], checked=self.clock())
        self._change()

    def cry(self, place: str, cubicle: str | None = None) -> None:
        """Somebody presses a help button."""
        self._help.append(HelpView(id=token(), place=place, cubicle=cubicle, at=self.clock()))
        self._change()

    def complain(self, window: str, number: str | None = None) -> None:
        """Somebody presses the complaint key of a rater."""
        self._complaints.append(ComplaintView(id=token(), window=window, at=self.clock(), number=number))
        self._change()

    # Rules

    def _cubicle(self, room: str, now: CubicleView) -> None:
        known = {cubicle.cubicle: cubicle for cubicle in self._rooms[room].cubicles} | {now.cubicle: now}
        self._rooms[room] = msgspec.structs.replace(self._rooms[room], cubicles=tuple(known[name] for name in sorted(known)))
        self._change()

    def _change(self) -> None:
        self._version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def _waiting(self, service: str) -> list[TicketView]:
        waiting = [ticket for ticket in self._tickets.values() if ticket.service == service and ticket.state == "waiting"]
        return sorted(waiting, key=lambda ticket: ticket.priority != "priority")

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
            case CheckIn() | AssignCase() | StepCase() | AppealCase() | DecideAppeal():
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
            case _:
                assert_never(request.do)

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
                self._notices = [notice for notice in self._notices if notice.notice != gone]
                return self._done(request, "公告已撤下。", "The notice is withdrawn.")
            case CommandDevice(device=device, order=order):
                if device not in {state.device for node in self._nodes.values() for state in node.devices}:
                    raise Refuses(why.NO_DEVICE)
                return self._done(request, f"{device} 已收到命令 {order}。", f"{device} was asked for {order}.")

    def _must_be(self, window: str, state: str) -> None:
        if self._windows[window].state != state:
            raise Refuses(why.NOT_OPEN)

    def _all_waiting(self, window: str) -> list[TicketView]:
        services = next(known.services for known in self.config.window if known.id == window)
        return [ticket for service in services for ticket in self._waiting(service)]

    def _next(self, window: str) -> TicketView | None:
        return min(self._all_waiting(window), key=lambda t: (t.priority != "priority", t.issued), default=None)

    def _call(self, request: DispatchRequest, window: str, ticket: TicketView | None) -> DispatchReply:
        if ticket is None:
            raise Refuses(why.NOBODY if isinstance(request.do, CallNext) else why.NOT_WAITING)
        if (old := self._windows[window].ticket) is not None:
            self._tickets[old] = msgspec.structs.replace(self._tickets[old], state="done")
        self._tickets[ticket.ticket] = msgspec.structs.replace(ticket, state="called", window=window, calls=1)
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

    def _picture(self) -> HallView:
        windows = tuple(
            msgspec.structs.replace(state, waiting=len(self._all_waiting(state.window))) for state in self._windows.values()
        )
        found = figures(self._ratings)
        return HallView(
            hall=self.config.hall.id,
            name=self.config.hall.name.text,
            at=self.clock(),
            version=self._version,
            windows=windows,
            services=tuple(
                service_view(self.config, service, self._waiting(service.id), self._windows) for service in self.config.service
            ),
            calls=tuple(self._calls),
            notices=tuple(self._notices),
            planned=tuple(self._planned),
            notice_zones=dict(self._notice_zones),
            nodes=tuple(self._nodes.values()),
            boards=tuple(self._boards.values()),
            rooms=tuple(self._rooms.values()),
            help=tuple(self._help),
            complaints=tuple(self._complaints),
            ratings=RatingFigures(invited=found.invited, given=found.given, lapsed=found.invited - found.given),
        )
