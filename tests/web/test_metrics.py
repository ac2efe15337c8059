"""Metrics: what Prometheus reads, who may read it, and a dashboard that asks for nothing else."""

import json
import re
from datetime import date
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from prometheus_client.parser import text_string_to_metric_families

from contract.dispatch import CallNext, CloseWindow
from controller.accounts import Accounts
from controller.accounts_roles import RIGHTS, Right, Role
from tests.web.conftest import browser
from tests.web.hall import PaperHall, request
from tests.web.month import month

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana-dashboard.json"


async def samples(client: httpx.AsyncClient, **headers: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def remote(app: Litestar, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 5)), base_url="http://hall.test")  # type: ignore[arg-type]


async def test_the_hall_is_told_as_it_stands(anybody: httpx.AsyncClient, hall: PaperHall) -> None:
    for _ in range(3):
        hall.take("social-security")
    await hall.ask(request(hall, CallNext(window="w1")), "test")
    await hall.ask(request(hall, CloseWindow(window="w3")), "test")
    hall.cry("baby-room", "a")
    hall.occupy("baby-room", "b", since=hall.clock(), long=True)
    told = await samples(anybody)
    assert told["hallware_waiting", "social-security"] == 2
    assert told["hallware_windows", "called"] == 1
    assert told["hallware_devices", "attention"] == 1
    assert told["hallware_nodes", "lost"] == 1
    assert told["hallware_help_open",] == 1
    assert told["hallware_room_stays", "baby-room"] == told["hallware_room_stays_long", "baby-room"] == 1


async def test_the_figures_of_today_are_those_of_the_report(anybody: httpx.AsyncClient, hall: PaperHall) -> None:
    today = hall.clock().date()
    monday = date.fromordinal(today.toordinal() - today.weekday())
    made = month(hall.config, monday, 1)
    hall.counted = type(made)(work=tuple(type(row)(row.counts, today, row.service, row.window, row.staff) for row in made.work))
    report, told = await hall.report(today, today), await samples(anybody)
    assert report.all.served > 0
    for part in report.services:
        assert told["hallware_today_served", part.id] == part.figures.served
        assert told["hallware_today_waiting_seconds_sum", part.id] == part.figures.waiting.total
    assert {level: told["hallware_today_ratings", level] for level in report.all.ratings.levels} == report.all.ratings.levels


@pytest.mark.parametrize("role", Role)
async def test_whoever_may_see_reports_may_read_them_from_anywhere(app: Litestar, accounts: Accounts, role: Role) -> None:
    token = accounts.new_token(f"one-{role.value}", "prometheus")
    async with remote(app, "192.0.2.7") as client:
        answer = await client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == (200 if role in RIGHTS[Right.SEE_REPORTS] else 403)
        assert (await client.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 401


async def test_without_a_token_only_this_machine_is_answered(app: Litestar) -> None:
    for address, status in (("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 401), ("2001:db8::1", 401)):
        async with remote(app, address) as client:
            assert (await client.get("/metrics")).status_code == status
    async with remote(app, "127.0.0.1") as client:
        assert (await client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})).status_code == 401, "through a proxy"


async def test_the_dashboard_asks_for_what_there_is(anybody: httpx.AsyncClient, hall: PaperHall) -> None:
    text = DASHBOARD.read_text(encoding="utf-8")
    panels = json.loads(text)["panels"]
    asked = {name for panel in panels for target in panel["targets"] for name in re.findall(r"hallware_\w+", target["expr"])}
    answer = (await anybody.get("/metrics")).text
    there = set(re.findall(r"^# TYPE (hallware_\w+)", answer, re.MULTILINE))
    ends = re.compile(r"_(bucket|sum|count)$")
    assert {name for name in asked if name not in there and ends.sub("", name) not in there} == set()
    assert {name for name in there - asked if not any(ends.sub("", other) == name for other in asked)} <= {
        "hallware_info", "hallware_store_commit_seconds_created", "hallware_http_overstepped_created"
    }  # fmt: skip


def test_a_browser_of_this_test_stands_on_this_machine(app: Litestar) -> None:
    assert browser(app)._transport.client[0] == "127.0.0.1"  # type: ignore[attr-defined]
