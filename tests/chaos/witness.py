"""The witness: looks at every wire and hears every message, and writes down what people would swear to."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from contract.codec import encode
from contract.topics import CALL_ANSWER, COMMAND_ANSWER, EVENT
from hardware_sim.hall import Hall
from link.link import Link
from tests.chaos import reading, stores
from tests.chaos.history import Answer, Occupied, Paper, People, Report, Sight, Thanks, Told, Wire

NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9]{3,4}(?![A-Za-z0-9])")
SLIP = "slip:"
"""What a slip's QR code begins with in these runs; a ticket's is a link or the bare ticket."""
WAKING = timedelta(seconds=4)
"""A node that was started anew takes so long to light its lamps again; a dark lamp means nothing until then."""


def now() -> datetime:
    """The true time."""
    return datetime.now(UTC)


class Witness:
    """Collects records while it is attached to a hall."""

    def __init__(self, hall: Hall, starts: Callable[[str], int]) -> None:
        """`starts` says how often a device's node has been started: a simulated printer counts its pages from 1 each time."""
        self._hall, self._starts = hall, starts
        self._papers: dict[tuple[int, str, str], list[Paper]] = {}
        self._thanks: list[Thanks] = []
        self._lit: dict[str, frozenset[int]] = {}
        self._occupied: list[Occupied] = []
        self._inside: dict[tuple[str, str], datetime] = {}
        self._woke: dict[str, tuple[int, datetime]] = {}
        self.sights: list[Sight] = []
        self._stands: dict[str, tuple[str, ...]] = {}
        self._reports: list[Report] = []
        self._answers: list[Answer] = []
        self._told: dict[str, Told] = {}
        self.slips: dict[str, str] = {}
        """Commands that order slips, by their ids."""
        hall.listeners.append(self._look)

    def people(self) -> People:
        """What people saw and held so far."""
        lit = [Occupied(room, cubicle, began, now()) for (room, cubicle), began in self._inside.items()]
        return People(
            papers=tuple(paper for papers in self._papers.values() for paper in papers),
            thanks=tuple(self._thanks),
            occupied=(*self._occupied, *lit),
            slips=tuple(self._told.values()),
        )

    def wire(self) -> Wire:
        """What was heard so far."""
        return Wire(tuple(self._reports), tuple(self._answers))

    def since(self, moment: datetime) -> tuple[Sight, ...]:
        """What stood on each board at a moment and afterwards."""
        standing: dict[str, Sight] = {}
        after: list[Sight] = []
        for sight in self.sights:
            if sight.at <= moment:
                standing[sight.board] = sight
            else:
                after.append(sight)
        return (*standing.values(), *after)

    async def hear(self, link: Link) -> None:
        """Hear events and answers until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear_events(link))
            group.create_task(self._hear_answers(link))
            group.create_task(self._hear_orders(link))

    async def _hear_events(self, link: Link) -> None:
        with link.hear(EVENT) as ear:
            async for heard in ear:
                event = heard.message
                at = event.at if event.age is None else now() - timedelta(seconds=min(event.age, 86400.0))
                self._reports.append(Report(event.node, event.epoch, event.number, *stores.plain(encode(event.fact)), at))

    async def _hear_answers(self, link: Link) -> None:
        with link.hear(CALL_ANSWER) as ear:
            async for heard in ear:
                said = heard.message
                self._answers.append(Answer(now(), said.call, said.node, said.device, said.at, said.outcome))

    async def _hear_orders(self, link: Link) -> None:
        with link.hear(COMMAND_ANSWER) as ear:
            async for heard in ear:
                if slip := self.slips.get(heard.message.id):
                    self._told[slip] = Told(slip, heard.message.outcome)

    def _look(self, kind: str, name: str) -> None:
        if kind != "view":
            return
        view = self._hall.views[name]
        match view["kind"]:
            case "kiosk":
                self._look_at_papers(name, view)
            case "rater":
                self._look_at_lamps(name, view)
            case "room":
                self._look_at_cubicles(name, view)
            case "board":
                self._look_at_board(name, view)

    def _look_at_papers(self, kiosk: str, view: Mapping[str, Any]) -> None:
        for page in view["pages"]:
            key = self._starts(kiosk), kiosk, page["id"]
            if page["ending"] != "open" and key not in self._papers:
                self._papers[key] = _papers(kiosk, page)

    def _look_at_lamps(self, rater: str, view: Mapping[str, Any]) -> None:
        lit = frozenset(key["level"] for key in view["keys"] if key["lamp"])
        before, self._lit[rater] = self._lit.get(rater), lit
        if len(lit) == 1 and lit != before:
            self._thanks.append(Thanks(now(), rater, view["window"], next(iter(lit))))

    def _look_at_cubicles(self, room: str, view: Mapping[str, Any]) -> None:
        starts = self._starts(room)
        if self._woke.get(room, (0, now()))[0] != starts:
            self._woke[room] = starts, now()
        awake = now() - self._woke[room][1] > WAKING
        for cubicle in view["cubicles"]:
            place = view["room"], cubicle["cubicle"]
            if cubicle["lamp"]:
                self._inside.setdefault(place, now())
            elif place in self._inside and awake:
                self._occupied.append(Occupied(*place, self._inside.pop(place), now()))

    def _look_at_board(self, board: str, view: Mapping[str, Any]) -> None:
        numbers = reading.numbers(view)
        if self._stands.get(board) != numbers:
            self._stands[board] = numbers
            self.sights.append(Sight(now(), board, numbers))


def _papers(kiosk: str, page: Mapping[str, Any]) -> list[Paper]:
    """The tickets and slips on one page: more than one where a broken-off one hangs together with the next."""
    whole, reprint = page["ending"] == "cut", "补打" in page["text"]
    codes, numbers = list(page["qr"]), NUMBER.findall(page["text"])
    tickets = [code for code in codes if not code.startswith(SLIP)]
    papers = [
        Paper(now(), kiosk, page["id"], slip=code.removeprefix(SLIP), reprint=reprint, whole=whole)
        for code in codes
        if code.startswith(SLIP)
    ]
    for number, code in zip(reversed(numbers), reversed(tickets), strict=False):
        papers.append(Paper(now(), kiosk, page["id"], number, code.rpartition("/")[2], None, reprint, whole))
    return papers
