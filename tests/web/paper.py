"""What stands on the paper hall's paper, and the world's hands on it: keys, boards, nodes, people in rooms."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from contract.calling import CallAnswer, NoticeLine
from contract.dispatch import (
    DispatchReply,
)
from contract.ticketing import Priority
from controller.accounts import utc_now
from controller.config import HallConfig
from controller.config_parts import Room
from controller.hall_rules import HallRules
from controller.rooms import RoomWasChecked
from controller.upkeep import checks
from controller.upkeep.showing import brief
from controller.view import (
    AuditRow,
    BoardView,
    CallView,
    ComplaintView,
    CubicleView,
    HallView,
    HelpView,
    NodeView,
    NoticeRow,
    PlannedNotice,
    RatingFigures,
    RatingRow,
    RoomView,
    TicketView,
)
from controller.view_upkeep import StayRow, UpkeepView
from controller.web.scenes import figures
from tests.web.drawing import service_view, window_state
from tests.web.paper_upkeep import PaperUpkeep


def token() -> str:
    return secrets.token_hex(8)


@dataclass
class Paper:
    """The hall's picture and everybody's hands."""

    config: HallConfig
    clock: Callable[[], datetime] = utc_now

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
        self._ended_notices: list[NoticeRow] = []
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
        self.books = PaperUpkeep(HallRules.of(self.config), self.clock, token)

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
        self.books.happen(RoomWasChecked(at=self.clock(), room=room))
        self._change()

    def cry(self, place: str, cubicle: str | None = None) -> None:
        """Somebody presses a help button."""
        self._help.append(HelpView(id=token(), place=place, cubicle=cubicle, at=self.clock()))
        self._change()

    def complain(self, window: str, number: str | None = None) -> None:
        """Somebody presses the complaint key of a rater."""
        self._complaints.append(ComplaintView(id=token(), window=window, at=self.clock(), number=number))
        self._change()

    def upkeep(self) -> UpkeepView:
        """The inventory, tasks and consumables."""
        return self.books.view(self._nodes)

    def _room(self, planned: Room) -> RoomView:
        known, calendar, now = self._rooms[planned.id], self.books.rules.queue.calendar(), self.clock()
        checked = self.books.state.rooms.checked.get(planned.id)
        return msgspec.structs.replace(
            known, checked=checked, due=checks.due(planned, calendar, checked, now),
            late=planned.id in self.books.state.upkeep.late, next=checks.following(planned, calendar, now),
        )  # fmt: skip

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

    def _all_waiting(self, window: str) -> list[TicketView]:
        services = next(known.services for known in self.config.window if known.id == window)
        return [ticket for service in services for ticket in self._waiting(service)]

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
            rooms=tuple(self._room(room) for room in self.config.room),
            upkeep=brief(self.upkeep()),
            help=tuple(self._help),
            complaints=tuple(self._complaints),
            ratings=RatingFigures(invited=found.invited, given=found.given, lapsed=found.invited - found.given),
        )
