"""Midnight in the hall: numbers restart, nobody is lost from the books, and what lasts goes on."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contract import dispatch
from contract.dispatch import DispatchReply, DispatchRequest
from contract.events import Event, HelpAsked, RatingGiven, StayEnded, StayStarted
from contract.topics import EVENT, RATING_INVITE, Topic
from contract.values import Text
from controller.config import HallConfig
from controller.service import HallService
from link.hearing import Heard
from link.letter import Letter
from tests.controller.halls import NOON, hall
from tests.controller.play import token, until


class Night:
    """A hall without a broker, whose clock is set by hand."""

    def __init__(self, config: HallConfig) -> None:
        self.now = NOON
        self.said: list[Letter] = []
        self.service = HallService(config, say=self.said.extend, clock=lambda: self.now)
        self._numbers: Iterator[int] = iter(range(1, 1000))

    async def ask(self, do: dispatch.Action) -> DispatchReply:
        """Ask, and let the owner of the queue work."""
        request = DispatchRequest(id=token(), at=self.now, not_after=self.now + timedelta(seconds=9), do=do)
        asking = self.service.ask(request, "web:li")
        reply: Any = None

        async def answer() -> None:
            nonlocal reply
            reply = await asking

        await self.work(answer())
        return reply  # type: ignore[no-any-return]

    async def work(self, meanwhile: Any = None) -> None:
        """Let all waiting jobs be done."""
        running = asyncio.create_task(self.service.run())
        if meanwhile is not None:
            await meanwhile
        await until(lambda: not self.service._jobs._first and not self.service._jobs._events)
        version = self.service._version
        self.service.count("nudge")
        self.service.tick()
        await until(lambda: self.service._version > version)
        running.cancel()

    async def report(self, device: str, fact: Any, node: str) -> None:
        """A node's event."""
        number = next(self._numbers)
        event = Event(node=node, epoch=f"epoch-{number}", number=1, device=device, at=self.now, age=0.0, fact=fact)
        self.service.hear(EVENT, Heard(event, {"hall": "centre", "node": node}, retained=False))
        await self.work()

    def letters(self, topic: Topic[Any]) -> list[Any]:
        """What was said on a topic."""
        return [letter.message for letter in self.said if letter.topic is topic]


async def test_the_list_of_ratings_has_the_newest_first_by_the_time_that_it_shows(database: str) -> None:
    night = Night(hall(database))
    service = night.service
    await service.open()
    for _ in range(2):
        await night.ask(dispatch.IssueTicket(service="social"))
        for action in (dispatch.CallNext, dispatch.Start, dispatch.Finish):
            await night.ask(action(window="w1"))
        night.now += timedelta(seconds=1)
    for invite in reversed(night.letters(RATING_INVITE)):
        night.now += timedelta(seconds=3)
        await night.report("rater-1", RatingGiven(rating=invite.rating, window="w1", level=5, after=4.0), "desk")
    rows = await service.ratings(NOON.date())
    assert [row.number for row in rows] == ["A001", "A002"], "who was invited first has rated last"
    assert rows[0].at > rows[1].at
    await service.close()


async def test_at_midnight_the_day_is_closed_and_what_lasts_goes_on(database: str) -> None:
    night = Night(hall(database))
    service = night.service
    await service.open()
    tickets = [str((await night.ask(dispatch.IssueTicket(service="social"))).ticket) for _ in range(3)]
    await night.ask(dispatch.CallNext(window="w1"))
    await night.ask(dispatch.Start(window="w1"))
    await night.ask(dispatch.Finish(window="w1"))
    await night.ask(dispatch.CallNext(window="w2"))
    await night.ask(dispatch.PostNotice(text=Text(zh="明日照常", en="Open tomorrow")))
    await night.report("room-1", StayStarted(stay="stay-over-midnight", room="nursery", cubicle="one"), "room-node")
    await night.report("room-1", HelpAsked(place="nursery"), "room-node")
    night.now = NOON + timedelta(hours=12, seconds=1)
    await night.work()
    view = service.view()
    assert str(service._state.queue.day) == "2026-05-05"
    assert [window.state for window in view.windows] == ["open", "open", "closed"]
    assert all(window.stage == "idle" for window in view.windows)
    assert [s.count for s in view.services] == [0, 0, 0]
    assert view.rooms[0].cubicles[0].occupied
    assert (len(view.help), len(view.notices), view.calls) == (1, 1, ())
    states = [found.state for ticket in tickets if (found := await service.ticket(ticket))]
    assert states == ["done", "unserved", "unserved"]
    assert (await night.ask(dispatch.IssueTicket(service="social"))).number == "A001"

    invite = night.letters(RATING_INVITE)[0]
    await night.report("rater-1", RatingGiven(rating=invite.rating, window="w1", level=5, after=10.0), "desk")
    rows = await service.ratings(NOON.date())
    assert [row.level for row in rows] == [5], "a rating that was on its way over midnight is not lost"
    await night.report("room-1", StayEnded(stay="stay-over-midnight", room="nursery", cubicle="one", lasted=100), "room-node")
    assert [row.lasted for row in await service.stays(NOON.date())] == [100]

    state = service._state
    await service.close()
    again = Night(hall(database))
    again.now = night.now
    await again.service.open()
    assert again.service._state == state
    await again.service.close()


async def test_a_controller_that_slept_over_days_begins_a_new_one_at_its_start(database: str) -> None:
    night = Night(hall(database))
    await night.service.open()
    ticket = str((await night.ask(dispatch.IssueTicket(service="social"))).ticket)
    await night.service.close()
    later = Night(hall(database))
    later.now = datetime.fromisoformat("2026-05-09T01:00:00+00:00")
    await later.service.open()
    assert str(later.service._state.queue.day) == "2026-05-09"
    found = await later.service.ticket(ticket)
    assert found is not None
    assert found.state == "unserved"
    assert (await later.ask(dispatch.IssueTicket(service="social"))).number == "A001"
    await later.service.close()
