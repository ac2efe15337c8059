"""The navigation: every page of staff stands in it once, in a group, for those who may see it."""

import re

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from controller.accounts import Accounts
from controller.accounts_roles import RIGHTS, Right, Role
from controller.web.language import catalogue
from controller.web.navigation import GROUPS
from tests.web.conftest import browser

ENTRIES = [entry for group in GROUPS for entry in group.entries]
ELSEWHERE = {"/sign-in": "before there is anybody", "/enter": "a link", "/metrics": "for programs"}
"""Addresses without variable parts that the navigation does not lead to, and why."""


def test_every_page_stands_in_it_once_with_its_right_and_in_both_languages(app: Litestar) -> None:
    pages = {
        route.path: handler.opt.get("right")
        for route in app.routes if isinstance(route, HTTPRoute) and "{" not in route.path and route.path.count("/") == 1
        for handler in route.route_handlers if "GET" in handler.http_methods
    }  # fmt: skip
    assert sorted([entry.href for entry in ENTRIES] + list(ELSEWHERE)) == sorted(pages), "add a new page to navigation.GROUPS"
    for entry in ENTRIES:
        assert f"nav.{entry.word}" in catalogue()
        assert pages[entry.href] in (entry.right, None), entry
    assert {f"nav-group.{group.word}" for group in GROUPS} <= catalogue().keys()


@pytest.mark.parametrize("role", Role)
async def test_shows_what_a_role_may_see_and_nothing_else(app: Litestar, accounts: Accounts, role: Role) -> None:
    async with browser(app) as client:
        await client.get("/enter", params={"token": accounts.entry_link(f"one-{role.value}")})
        page = (await client.get("/windows")).text
        shown = re.findall(r'<a href="([^"]+)"', page.partition("<nav")[2].partition("</nav>")[0])
        assert shown == [entry.href for entry in ENTRIES if role in RIGHTS[Right(entry.right)]]
        for href in shown:
            assert (await client.get(href)).status_code == 200


@pytest.mark.parametrize(
    ("path", "href"), [("/", "/"), ("/windows", "/windows"), ("/window/w1", "/windows"), ("/cases", "/cases")]
)
async def test_marks_where_one_is(staff: httpx.AsyncClient, path: str, href: str) -> None:
    nav = (await staff.get(path)).text.partition("<nav")[2].partition("</nav>")[0]
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', nav) == [href]
    assert nav.count('<summary aria-current="true"') == 1
