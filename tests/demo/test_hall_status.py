"""The simulated hall knows which of a node's words counts."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from contract.health import NodeStatus
from hardware_sim.hall import Hall

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def status(session: str, state: Literal["online", "lost", "offline"], at: datetime) -> NodeStatus:
    """A node's word."""
    return NodeStatus(node="entrance", session=session, state=state, at=at, version="1")


def test_a_late_will_of_an_old_session_is_ignored() -> None:
    hall = Hall({"entrance": "entrance"})
    hall.heard(status("session-2", "online", NOON))
    hall.heard(status("session-1", "lost", NOON - timedelta(hours=1)))
    assert hall.statuses["entrance"].state == "online"


def test_a_node_whose_clock_was_set_back_is_there_when_it_says_so() -> None:
    hall = Hall({"entrance": "entrance"})
    hall.heard(status("session-1", "lost", NOON + timedelta(hours=1)))
    hall.heard(status("session-2", "online", NOON))
    assert hall.statuses["entrance"].state == "online"
