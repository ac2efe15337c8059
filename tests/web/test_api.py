"""The API: actions done once, pictures and lists, refusals in words."""

from datetime import timedelta
from typing import Any

import httpx
import jsonschema
import msgspec
import pytest
from litestar import Litestar

from contract.codec import decode, encode
from contract.dispatch import DispatchReply
from controller.accounts import Accounts
from controller.accounts_roles import ACTION_RIGHTS, ACTION_TAGS, RIGHTS, Role
from controller.view import HallView, TicketView
from controller.web.document import describe
from controller.web.public import PublicView
from tests.web.clock import Clock
from tests.web.hall import PaperHall
from tests.web.paper import token

ACTIONS: dict[str, dict[str, Any]] = {
    "call-chosen": {"window": "w1", "number": "A001"},
    "issue-ticket": {"service": "property"},
    "return-ticket": {"number": "A001"},
    "answer-help": {"help": "0123456789abcdef"},
    "see-complaint": {"complaint": "0123456789abcdef"},
    "post-notice": {"text": {"zh": "停电", "en": "Power cut"}},
    "withdraw-notice": {"notice": "0123456789abcdef"},
    "command-device": {"device": "board-1", "order": "identify"},
    "book-appointment": {"service": "social-security", "slot": "2026-11-23T10:00:00+08:00"},
    "cancel-appointment": {"code": "12345678"},
    "check-in": {"code": "12345678"},
    "print-ticket": {"number": "A001", "at": "kiosk-1"},
    "issue-slip": {"template": "acceptance", "at": "kiosk-1"},
    "reprint-slip": {"template": "acceptance", "number": "20261123-0001", "at": "kiosk-1", "why": "lost"},
    "set-override": {"what": {"type": "calls", "times": 2}, "why": "training"},
    "end-override": {"override": "override-1"},
    "assign-case": {"case": "case-0001", "assignee": "staff-1"},
    "step-case": {"case": "case-0001", "step": "verified"},
    "appeal-case": {"case": "case-0001"},
    "decide-appeal": {"case": "case-0001", "upheld": True},
    "sign-on": {"window": "w1", "staff": "staff-1"},
    "record-upkeep": {"device": "kiosk-1", "task": "clean-head"},
    "describe-device": {"device": "kiosk-1"},
    "fill-supply": {"device": "kiosk-1", "supply": "paper"},
    "check-room": {"room": "baby-room"},
    "open-job": {"place": "baby-room", "note": "灯不亮"},
    "close-job": {"job": "0123456789abcdef"},
    "tick-off": {"item": "ill:kiosk-1"},
}


def order(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": token(), "do": {"type": kind, **(fields or ACTIONS.get(kind, {"window": "w1"}))}}


def bearer(accounts: Accounts, role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {accounts.new_token(f'one-{role.value}', 'test')}"}


async def test_call_next_calls_who_came_first_in_the_name_of_the_user(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    hall.take("social-security")
    answer = await staff.post("/api/v1/actions", json=order("call-next", window="w1"))
    assert answer.status_code == 200
    reply = decode(answer.content, DispatchReply)
    assert (reply.outcome, reply.number) == ("done", "A001")
    assert hall.asked[-1][1] == "web:admin"


async def test_same_id_twice_is_done_once(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    hall.take("social-security")
    hall.take("social-security")
    wanted = order("call-next", window="w1")
    first, second = [await staff.post("/api/v1/actions", json=wanted) for _ in range(2)]
    assert first.json() == second.json()
    assert len(hall.view().calls) == 1


async def test_nobody_waits_is_a_normal_answer_in_both_languages(staff: httpx.AsyncClient) -> None:
    answer = await staff.post("/api/v1/actions", json=order("call-next", window="w1"))
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "refused"
    assert answer.json()["what"] == {"zh": "没有人等候。", "en": "Nobody waits."}


async def test_order_that_came_too_late_is_refused(staff: httpx.AsyncClient, clock: Clock) -> None:
    late = {**order("open-window"), "not_after": (clock() - timedelta(seconds=1)).isoformat()}
    assert (await staff.post("/api/v1/actions", json=late)).json()["code"] == "late"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", ACTION_TAGS)
async def test_table_of_rights_holds_for_every_role_and_action(
    anybody: httpx.AsyncClient, accounts: Accounts, hall: PaperHall, role: Role, kind: str
) -> None:
    answer = await anybody.post("/api/v1/actions", json=order(kind), headers=bearer(accounts, role))
    allowed = role in RIGHTS[ACTION_RIGHTS[kind]]
    assert answer.status_code == (200 if allowed else 403)
    assert bool(hall.asked) is allowed


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"type": "call-next", "window": "w99"}, "w99"),
        ({"type": "issue-ticket", "service": "fishing"}, "fishing"),
        ({"type": "post-notice", "text": {"zh": "", "en": ""}, "zones": ["a", "z"]}, "z"),
    ],
)
async def test_places_the_hall_does_not_have_are_named(staff: httpx.AsyncClient, fields: dict[str, Any], named: str) -> None:
    answer = await staff.post("/api/v1/actions", json={"id": token(), "do": fields})
    assert answer.status_code == 404
    assert f"“{named}”" in answer.json()["what"]["en"]
    assert f"“{named}”" in answer.json()["what"]["zh"]


async def test_bad_body_is_told_which_field(staff: httpx.AsyncClient) -> None:
    answer = await staff.post("/api/v1/actions", json={"id": token(), "do": {"type": "call-next", "window": 7}})
    assert answer.status_code == 400
    assert "$.do.window" in answer.json()["what"]["en"]


async def test_staff_see_the_whole_hall(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    hall.take("property")
    view = decode((await staff.get("/api/v1/hall")).content, HallView)
    assert view == hall.view()


async def test_public_board_shows_counts_and_no_ticket_ids_nor_devices(anybody: httpx.AsyncClient, hall: PaperHall) -> None:
    ticket = hall.take("property")
    answer = await anybody.get("/api/v1/board")
    view = decode(answer.content, PublicView)
    assert {service.service: service.waiting for service in view.services}["property"] == 1
    assert ticket.ticket not in answer.text
    assert "kiosk" not in answer.text


async def test_ticket_is_found_by_its_id(staff: httpx.AsyncClient, hall: PaperHall) -> None:
    hall.take("property")
    ticket = hall.take("property")
    found = decode((await staff.get(f"/api/v1/tickets/{ticket.ticket}")).content, TicketView)
    assert (found.number, found.ahead) == ("C002", 1)
    assert (await staff.get("/api/v1/tickets/0123456789abcdef")).json()["code"] == "unknown-ticket"


async def test_lists_of_a_day(staff: httpx.AsyncClient, hall: PaperHall, clock: Clock) -> None:
    hall.rate("w1", 5, "A001")
    hall.rate("w2", None, "A002")
    hall.occupy("baby-room", "a", since=clock())
    await staff.post("/api/v1/actions", json=order("open-window", window="w4"))
    day = clock().date().isoformat()
    assert [row["number"] for row in (await staff.get("/api/v1/ratings", params={"day": day})).json()] == ["A002", "A001"]
    assert [row["window"] for row in (await staff.get("/api/v1/ratings?window=w1")).json()] == ["w1"]
    assert (await staff.get("/api/v1/ratings?day=2001-01-01")).json() == []
    assert [row["cubicle"] for row in (await staff.get("/api/v1/stays")).json()] == ["a"]
    assert [row["what"] for row in (await staff.get("/api/v1/audit")).json()] == ["open-window"]


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "2026-01-01T00:00", "\0"])
async def test_odd_days_are_refused_in_words(staff: httpx.AsyncClient, day: str) -> None:
    answer = await staff.get("/api/v1/ratings", params={"day": day})
    assert answer.status_code == 400
    assert "is no day" in answer.json()["what"]["en"]


async def test_token_says_whose_it_is(anybody: httpx.AsyncClient, accounts: Accounts) -> None:
    answer = await anybody.get("/api/v1/me", headers=bearer(accounts, Role.FACILITIES))
    assert answer.json() == {"name": "one-facilities", "role": "facilities"}


async def test_wrong_token_is_refused_even_beside_a_good_cookie(staff: httpx.AsyncClient) -> None:
    answer = await staff.get("/api/v1/me", headers={"Authorization": "Bearer hw_wrong"})
    assert answer.status_code == 401


async def test_description_tells_every_path_and_fits_what_is_answered(
    app: Litestar, staff: httpx.AsyncClient, hall: PaperHall
) -> None:
    document = (await staff.get("/api/v1/openapi.json")).json()
    assert document == msgspec.json.decode(msgspec.json.encode(describe(app, "v1")))
    assert set(document["paths"]) == {
        f"/api/v1/{name}"
        for name in (
            "actions",
            "hall",
            "board",
            "live",
            "tickets/{ticket}",
            "ratings",
            "stays",
            "audit",
            "me",
            "appointments",
            "slots",
            "slips/forms",
            "slips/prints",
            "upkeep",
            "upkeep/jobs",
            "upkeep/records",
            "upkeep/turns",
            "rooms/book",
            "openapi.json",
            "reports/day",
            "reports/month",
            "reports/days",
        )
    }
    assert all(operation["summary"] for path in document["paths"].values() for operation in path.values())
    hall.take("property")
    resolved = {"$ref": "#/components/schemas/HallView", "components": document["components"]}
    jsonschema.validate((await staff.get("/api/v1/hall")).json(), resolved)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"hall": 7}, resolved)


async def test_description_spells_every_action(staff: httpx.AsyncClient) -> None:
    document = (await staff.get("/api/v1/openapi.json")).json()
    assert set(document["components"]["schemas"]["Order"]["properties"]["do"]["discriminator"]["mapping"]) == set(ACTION_TAGS)


async def test_hall_view_survives_the_way_through_json(hall: PaperHall) -> None:
    assert decode(encode(hall.view()), HallView) == hall.view()
