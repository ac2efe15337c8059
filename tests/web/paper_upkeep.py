"""Upkeep on paper: the real rules over a state in memory, and the books as lists."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from controller.hall_rules import HallRules
from controller.outcome import Done
from controller.presence import Presence
from controller.queue import Refusal
from controller.rooms import RoomWasChecked
from controller.state import Fact, HallState, apply
from controller.upkeep import facts, orders, showing, watching
from controller.view import NodeView
from controller.view_upkeep import CheckRow, HelpRow, JobRow, LateRow, RoomBook, StayRow, TurnRow, UpkeepRow, UpkeepView


class PaperUpkeep:
    """What staff did for the hall's devices and rooms."""

    def __init__(self, rules: HallRules, clock: Callable[[], datetime], token: Callable[[], str]) -> None:
        self.state, self.rules, self._clock, self._token = HallState(), rules, clock, token
        self._records: list[UpkeepRow] = []
        self._jobs: dict[str, JobRow] = {}
        self._checks: list[CheckRow] = []
        self._lates: list[LateRow] = []
        self.stays: list[StayRow] = []
        self.helps: list[HelpRow] = []
        self.turned: dict[str, list[TurnRow]] = {}
        """Device to its turns, newest first."""
        self.pass_time()

    def order(self, order: Any, actor: str) -> Done | Refusal:
        """Do what staff want."""
        done = orders.carry_out(self.state, order, actor, self._clock(), self.rules, self._token)
        if isinstance(done, Done):
            for fact in done.facts:
                self.happen(fact)
        return done

    def happen(self, fact: Fact) -> None:
        """Let a fact happen."""
        self.state = apply(self.state, fact)
        match fact:
            case facts.UpkeepDone():
                row = {name: getattr(fact, name) for name in ("record", "at", "device", "task", "by", "wrong", "note")}
                self._records.insert(0, UpkeepRow(**row))
            case facts.UpkeepTested(record=record, outcome=outcome, what=what):
                self._records = [
                    msgspec.structs.replace(r, tested=outcome, test=what) if r.record == record else r for r in self._records
                ]
            case facts.JobOpened():
                self._jobs[fact.job] = JobRow(
                    job=fact.job, place=fact.place, opened=fact.at, by=fact.by, note=fact.note, task=fact.task, wrong=fact.wrong
                )
            case facts.JobClosed(job=job, at=at, by=by, note=note):
                self._jobs[job] = msgspec.structs.replace(self._jobs[job], closed=at, closed_by=by, closed_note=note)
            case facts.RoomCheckLate(room=room, slot=slot, at=at):
                self._lates.insert(0, LateRow(room=room, slot=slot, at=at))
            case RoomWasChecked():
                self._checks.insert(0, CheckRow(room=fact.room, at=fact.at, by=fact.by, wrong=fact.wrong, note=fact.note))

    def pass_time(self) -> None:
        """What time brings."""
        for fact in watching.sweep(self.state, self._clock(), self.rules):
            self.happen(fact)

    def view(self, nodes: dict[str, NodeView]) -> UpkeepView:
        """Upkeep now."""
        presence = Presence(devices={name: {d.device: d for d in node.devices} for name, node in nodes.items()})
        return showing.view(self.state, presence, self.rules, self._clock())

    def _within(self, at: datetime, first: date, last: date) -> bool:
        return first <= at.astimezone(ZoneInfo(self.rules.config.hall.timezone)).date() <= last

    async def records(self, first: date, last: date, device: str | None = None) -> list[UpkeepRow]:
        """Maintenance that was done."""
        return [row for row in self._records if self._within(row.at, first, last) and device in (None, row.device)]

    async def jobs(self, first: date, last: date) -> list[JobRow]:
        """Jobs that were opened."""
        return [row for row in reversed(self._jobs.values()) if self._within(row.opened, first, last)]

    async def rooms(self, first: date, last: date) -> RoomBook:
        """Everything about rooms."""
        return RoomBook(
            stays=tuple(row for row in self.stays if self._within(row.started, first, last)),
            checks=tuple(row for row in self._checks if self._within(row.at, first, last)),
            lates=tuple(row for row in self._lates if self._within(row.slot, first, last)),
            helps=tuple(row for row in self.helps if self._within(row.at, first, last)),
        )

    async def all_turns(self, first: date, last: date) -> list[TurnRow]:
        """How all turned."""
        return [row for rows in self.turned.values() for row in rows if self._within(row.at, first, last)]

    async def turns(self, first: date, last: date, node: str, device: str) -> list[TurnRow]:
        """How a device turned."""
        return [row for row in self.turned.get(device or node, []) if self._within(row.at, first, last)]
