"""Whatever is said on whatever topic, the controller counts it, logs a line, and goes on."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker_config.process import MosquittoProcess
from contract import dispatch, events, topics
from contract.codec import encode
from contract.dispatch import DispatchRequest
from contract.events import Event, RoomChecked, StayEnded
from contract.health import DeviceState
from contract.ticketing import TicketRequest
from contract.values import Text
from controller import dispatching, reports
from controller.draft import Draft
from controller.hall_rules import HallRules
from controller.hearing import HEARD
from controller.presence import Presence
from controller.service import HallService
from controller.state import HallState, apply, sweep
from controller.store.store import line
from tests.contract.messages import extremes
from tests.controller.halls import NOON, hall
from tests.controller.play import Client, now, running_hall, token, until

GARBAGE = (
    b"", b"\x00", b"\xff\xfe\x00", b"{", b"[]", b"null", b"{}", b'"text"', b"[" * 5000, b'{"node": 7}', b"9" * 5000,
    b'{"id": "' + b"x" * 60000 + b'"}', '{"node": "桌"}'.encode("gb18030"),
)  # fmt: skip
LEVELS = {"node": "desk", "device": "strip-1", "user": "dispatch"}


@dataclass
class Scene:
    """A hall and somebody who means it harm."""

    hall: HallService
    client: Client

    async def still_works(self) -> None:
        """Ask for a ticket."""
        assert (await self.client.ask(dispatch.IssueTicket(service="social"))).outcome == "done"


@pytest.fixture
async def scene(broker: MosquittoProcess, tmp_path: Path) -> AsyncIterator[Scene]:
    """A running hall."""
    async with Client(broker) as client, running_hall(broker, tmp_path) as service:
        yield Scene(service, client)


@pytest.mark.parametrize("topic", [topic.name for topic in (*HEARD, topics.CONTROLLER_STATUS)])
async def test_garbage_on_a_topic_is_counted_and_said_once(scene: Scene, topic: str, caplog: pytest.LogCaptureFixture) -> None:
    row = next(row for row in topics.TABLE if row.name == topic)
    address = row.at(hall="centre", **{level: LEVELS[level] for level in row.levels if level != "hall"})
    caplog.clear()
    for payload in GARBAGE:
        await scene.client.raw(address, payload)
    refused = len(GARBAGE) - row.retain  # an empty payload clears a retained topic
    if topic != "controller-status":
        await until(lambda: scene.hall._counts["bad-message"] == refused, "the count of what was refused")
        warnings = [r for r in caplog.records if r.levelno >= logging.WARNING and address in r.getMessage()]
        assert len(warnings) == 2, "the controller and the tester say one line each"
    await scene.still_works()


async def test_strangers_and_forgers_are_counted_and_said_once(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    client, hall = scene.client, scene.hall
    for number in (1, 2, 3):
        await client.report("stranger", "room-1", RoomChecked(room="nursery"), number=number)
    forged = Event(node="room-node", epoch="epoch-one", number=1, device="room-1", at=now(), fact=RoomChecked(room="nursery"))
    await client.link.say(topics.EVENT, forged, node="desk")
    request = DispatchRequest(id=token(), at=now(), not_after=now() + timedelta(seconds=9), do=dispatch.CallNext(window="w1"))
    await client.link.say(topics.DISPATCH_REQUEST, request, user="somebody")
    address = topics.DISPATCH_REQUEST.at(hall="centre", user="dispatch")
    await client.raw(address, encode(request), retain=True)
    await until(lambda: hall.view().counts.get("stranger") == 4)
    assert hall.view().counts["forged"] == 1
    assert len([r for r in caplog.records if "from stranger" in r.getMessage()]) == 1
    assert client.messages(topics.ACK) == []
    await scene.still_works()


async def test_a_retained_request_is_not_carried_out_at_the_next_start(broker: MosquittoProcess, tmp_path: Path) -> None:
    request = DispatchRequest(
        id=token(), at=now(), not_after=now() + timedelta(seconds=60), do=dispatch.IssueTicket(service="social")
    )
    async with Client(broker) as client:
        await client.raw(topics.DISPATCH_REQUEST.at(hall="centre", user="dispatch"), encode(request), retain=True)
        async with running_hall(broker, tmp_path) as hall:
            await until(lambda: hall.view().counts.get("retained") == 1)
            assert len(hall._state.queue.tickets) == 0


async def test_a_kiosk_gets_tickets_for_its_own_services_only(scene: Scene) -> None:
    assert (await scene.client.request("civil", kiosk="kiosk-2")).code == "not-offered"
    assert (await scene.client.request("nothing")).code == "not-offered"
    foreign = TicketRequest(id=token(), kiosk="kiosk-1", service="social", at=now(), not_after=now() + timedelta(seconds=5))
    await scene.client.link.say(topics.TICKET_REQUEST, foreign, node="desk")
    await until(lambda: scene.hall.view().counts.get("foreign-device") == 1)
    await scene.still_works()


EARLY, LATE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)
FAR = (EARLY, LATE, NOON)
LONG = 10 * 366 * 86400.0
huge = st.sampled_from([0.0, 1e-300, LONG])


@given(
    st.sampled_from(FAR),
    st.none() | huge,
    st.sampled_from(("strip-1", "caller-1", "rater-1", "room-1", "kiosk-1", "unknown")),
    st.sampled_from((
        StayEnded(stay="stay-one", room="nursery", cubicle="c", lasted=LONG),
        events.StayLong(stay="stay-one", room="nursery", cubicle="c", lasted=LONG),
        events.StayStarted(stay="stay-one", room="elsewhere", cubicle="c"),
        events.TicketIssued(ticket="ticket-one", number="A800", service="social"),
        events.TicketIssued(ticket="ticket-one", number="ZZ9999", service="unknown"),
        events.TicketPrinted(ticket="nobody-has", number="A001"),
        events.RatingGiven(rating="rating-one", window="w1", level=1, after=LONG),
        events.RatingLapsed(rating="rating-one", window="w9"),
        events.KeyPressed(window="w9", key="next", not_after=LATE),
        events.KeyPressed(window="w1", key="finish", not_after=EARLY),
        events.HelpAsked(place="anywhere"),
    )),
)  # fmt: skip
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_event_however_absurd_breaks_a_rule_or_the_journal(at: datetime, age: float | None, device: str, said: Any) -> None:
    rules = HallRules.of(hall())
    draft = Draft(HallState(), rules, NOON, lambda: "an-id-of-its-own", Presence(), Counter())
    draft.add(sweep(draft.state, NOON, rules.queue, rules.config.rating))
    for node in ("desk", "entrance", "room-node"):
        event = Event(node=node, epoch="epoch-one", number=1, device=device, at=at, age=age, fact=said)
        taken = reports.take(draft.state, event, NOON, rules, lambda: "an-id-of-its-own")
        if isinstance(taken, tuple):
            draft.add(taken)
    state = HallState()
    for found in draft.facts:
        line(found)
        state = apply(state, found)
    assert state == draft.state


@pytest.mark.parametrize("row", HEARD, ids=lambda row: row.name)
async def test_no_valid_message_however_extreme_ends_the_controller(scene: Scene, row: topics.Topic[Any]) -> None:
    address = row.at(hall="centre", **{level: LEVELS[level] for level in row.levels if level != "hall"})
    for payload in await asyncio.to_thread(extremes, row, 30, node="desk", device="strip-1"):
        await scene.client.raw(address, payload)
    await scene.still_works()
    assert scene.hall._counts["bad-message"] == 0, "all of it was valid"


NOBODYS: dict[str, Any] = {
    "number": "A001", "service": "unknown", "notice": "no-such-notice", "help": "no-such-help", "text": {"zh": " ", "en": ""},
    "complaint": "no-such-complaint", "case": "no-such-case", "assignee": "nobody", "step": "verified", "upheld": True,
    "code": "00000000", "slot": NOON.isoformat(), "staff": "nobody", "at": "no-such-kiosk", "template": "nothing",
    "why": "because", "device": "nothing", "order": "identify", "task": "nothing", "supply": "nothing", "room": "nowhere",
    "place": "nowhere", "note": "nothing", "job": "no-such-job", "item": "nothing", "override": "no-such-override",
    "what": {"type": "quota", "service": "unknown"},
}  # fmt: skip
"""Every field of an order, about things that no hall has."""


@pytest.mark.parametrize("window", ["w1", "w9"])
@pytest.mark.parametrize("kind", dispatch.Action.__args__, ids=lambda kind: kind.__struct_config__.tag)
def test_every_order_has_its_answer_in_an_empty_hall(kind: Any, window: str) -> None:
    own = {"window": window} | ({"number": "NOTHING-0001"} if kind is dispatch.ReprintSlip else {})
    values = {name: value for name, value in (NOBODYS | own).items() if name in kind.__struct_fields__}
    order = msgspec.convert(values | {"type": kind.__struct_config__.tag}, kind)
    draft = Draft(HallState(), HallRules.of(hall()), NOON, token, Presence(), Counter())
    reply = dispatching.ask(
        draft, DispatchRequest(id=token(), at=NOON, not_after=NOON + timedelta(seconds=5), do=order), "web:li"
    )
    assert reply.what.zh
    assert reply.what.en


def test_what_a_device_says_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    trick = Text(zh="", en="fine\n2026 ERROR forged\u202e")
    said = DeviceState(device="strip-1", kind="board", condition="fault", code="trick", what=trick, since=NOON)
    Presence().device("desk", said)
    assert [record.getMessage() for record in caplog.records] == [r"strip-1 on desk: fine\n2026 ERROR forged\u202e"]
