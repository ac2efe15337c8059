"""Presence: which of a node's words counts, and that somebody hears of it when no word comes any more."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Literal

from contract.health import NodeStatus
from controller.presence import Presence
from controller.running import tell_outages
from link.apart import beside
from link.watched import Watched

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def status(session: str, state: Literal["online", "lost", "offline"], at: datetime = NOON) -> NodeStatus:
    """A node's word."""
    return NodeStatus(node="entrance", session=session, state=state, at=at, version="1")


def test_a_late_will_of_an_old_session_is_ignored() -> None:
    presence = Presence()
    presence.status(status("session-1", "online"), NOON)
    presence.status(status("session-2", "online", NOON + HOUR), NOON)
    assert not presence.status(status("session-1", "lost"), NOON)
    assert presence.online("entrance")


def test_a_node_whose_clock_was_set_back_is_there_when_it_says_so() -> None:
    presence = Presence()
    presence.status(status("session-1", "online", NOON + HOUR), NOON)
    presence.status(status("session-1", "lost", NOON + HOUR), NOON)
    assert presence.status(status("session-2", "online", NOON), NOON)
    assert presence.online("entrance")


def test_an_old_birth_that_the_broker_kept_says_nothing() -> None:
    presence = Presence()
    presence.status(status("session-2", "online", NOON + HOUR), NOON)
    presence.status(status("session-2", "lost", NOON + HOUR), NOON)
    assert not presence.status(status("session-1", "online", NOON), NOON, retained=True)
    assert not presence.online("entrance")


def test_of_a_node_that_went_away_it_is_known_when_that_was_heard() -> None:
    presence = Presence()
    presence.status(status("session-1", "online"), NOON)
    assert presence.away == {}
    presence.status(status("session-1", "lost"), NOON + HOUR)
    assert presence.away == {"entrance": NOON + HOUR}, "a will carries the moment of its session's birth"
    presence.status(status("session-2", "online"), NOON + 2 * HOUR)
    assert presence.away == {}


def test_of_a_will_that_the_broker_kept_nobody_knows_when_it_was_said() -> None:
    presence = Presence()
    presence.status(status("session-1", "lost"), NOON, retained=True)
    assert (presence.online("entrance"), presence.away) == (False, {})


async def test_the_broker_is_out_of_reach_once_that_lasts_and_a_short_break_concerns_nobody() -> None:
    up, told, moments = Watched(value=True), Watched[datetime | None](value=None), iter((NOON, NOON + HOUR))
    async with asyncio.timeout(30), beside(tell_outages(up, told.set, lambda: next(moments), grace=0.05)):
        await asyncio.sleep(0)
        up.set(False)
        await asyncio.sleep(0)
        up.set(True)
        await asyncio.sleep(0.1)
        assert told.value is None
        up.set(False)
        await told.until(NOON + HOUR)
        up.set(True)
        await told.until(None)
