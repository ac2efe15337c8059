"""Who may pass: default deny, forged requests, sessions, languages of refusals, headers."""

import re

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from controller.accounts import Accounts
from controller.accounts_roles import RIGHTS, Right, Role
from controller.web.defence import SESSION, local
from tests.web.conftest import BASE, PASSWORD, browser
from tests.web.hall import PaperHall
from tests.web.test_api import order

PUBLIC = {
    "/board", "/board/{zone:str}", "/t/{ticket:str}", "/live/board", "/live/board/{zone:str}", "/live/t/{ticket:str}",
    "/t/{ticket:str}/rating", "/t/{ticket:str}/complaint",
    "/sign-in", "/sign-out", "/enter", "/api/v1/board", "/api/v1/live", "/metrics",
}  # fmt: skip


def _handlers(app: Litestar) -> list[tuple[str, dict[str, object]]]:
    routes = [route for route in app.routes if isinstance(route, HTTPRoute)]
    return [(route.path, handler.opt) for route in routes for handler in route.route_handlers if "GET" in handler.http_methods
            or "POST" in handler.http_methods]  # fmt: skip


def test_every_address_is_public_by_name_or_needs_a_right(app: Litestar) -> None:
    for path, options in _handlers(app):
        public = path in PUBLIC or path.startswith("/static/")
        assert bool(options.get("public")) is public, path
        assert public or Right(str(options["right"])) in RIGHTS, path


@pytest.mark.parametrize("path", ["/api/v1/hall", "/api/v1/audit", "/api/v1/me", "/api/v1/openapi.json"])
async def test_api_without_account_says_sign_in(anybody: httpx.AsyncClient, path: str) -> None:
    answer = await anybody.get(path)
    assert answer.status_code == 401
    assert answer.json()["code"] == "sign-in"


@pytest.mark.parametrize("path", ["/", "/windows", "/window/w1", "/devices", "/ratings", "/rooms", "/accounts", "/live/overview"])
async def test_pages_without_account_show_the_sign_in_form_and_come_back(anybody: httpx.AsyncClient, path: str) -> None:
    answer = await anybody.get(path)
    assert answer.status_code == 401
    assert f'name="next" value="{path}"' in answer.text


async def test_signing_in_leads_to_what_was_looked_for_and_a_form_that_came_too_late_is_not_lost_silently(
    anybody: httpx.AsyncClient,
) -> None:
    answer = await anybody.get("/desk?number=A001&lang=en")
    assert 'name="next" value="/desk?number=A001"' in answer.text
    sent = await anybody.post("/accounts/link", data={"name": "admin"}, headers={"Referer": f"{BASE}/accounts"})
    assert sent.status_code == 401
    assert "what you sent was not done" in sent.text
    assert 'name="next" value="/accounts"' in sent.text
    assert 'href="/accounts?lang=zh"' in sent.text
    evil = await anybody.post("/accounts/link", headers={"Referer": "https://elsewhere.example//evil.example"})
    assert "evil.example" not in evil.text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/", Right.SEE_HALL), ("/windows", Right.SEE_HALL), ("/devices", Right.SEE_DEVICES), ("/ratings", Right.SEE_RATINGS),
        ("/rooms", Right.SEE_ROOMS), ("/accounts", Right.MANAGE_ACCOUNTS), ("/account", Right.OWN_ACCOUNT),
        ("/api/v1/audit", Right.SEE_AUDIT), ("/nodes", Right.MANAGE_NODES),
    ],
)  # fmt: skip
async def test_table_of_rights_holds_for_every_role_and_page(
    anybody: httpx.AsyncClient, accounts: Accounts, role: Role, path: str, right: Right
) -> None:
    token = accounts.new_token(f"one-{role.value}", "test")
    answer = await anybody.get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == (200 if role in RIGHTS[right] else 403)


async def test_a_token_makes_no_other_way_in(anybody: httpx.AsyncClient, accounts: Accounts) -> None:
    headers = {"Authorization": f"Bearer {accounts.new_token('admin', 'a program')}", "Accept-Language": "en"}
    data = {"name": "new-one", "role": "administrator", "password": "taken by a program", "label": "another"}
    for path in (
        "/account/password",
        "/account/tokens",
        "/account/tokens/end",
        "/accounts",
        "/accounts/change",
        "/accounts/link",
    ):
        answer = await anybody.post(path, data=data, headers=headers)
        assert (answer.status_code, "sign in on the page" in answer.text) == (403, True), path
    assert accounts.sign_in("admin", PASSWORD, "here")
    assert len(accounts.tokens("admin")) == 1


@pytest.mark.parametrize("path", ["/accounts", "/accounts/change", "/accounts/link"])
async def test_only_administrators_change_accounts(anybody: httpx.AsyncClient, accounts: Accounts, path: str) -> None:
    await anybody.get("/enter", params={"token": accounts.entry_link("one-dispatch")})
    answer = await anybody.post(path, data={"name": "one-dispatch", "role": "administrator"})
    assert answer.status_code == 403
    assert accounts.users()[[user.name for user in accounts.users()].index("one-dispatch")].role is Role.DISPATCH


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://hall.test:81"},
        {},
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/v1/actions", "/sign-in", "/sign-out", "/account/password", "/account/tokens", "/accounts"]
)
async def test_forged_requests_are_refused(staff: httpx.AsyncClient, hall: PaperHall, headers: dict[str, str], path: str) -> None:
    del staff.headers["Origin"]
    answer = await staff.post(path, json=order("open-window", window="w4"), headers=headers)
    assert answer.status_code == 403
    assert not hall.asked
    assert (await staff.get("/api/v1/me")).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": BASE}, {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
async def test_our_own_pages_pass(staff: httpx.AsyncClient, headers: dict[str, str]) -> None:
    del staff.headers["Origin"]
    answer = await staff.post("/api/v1/actions", json=order("open-window", window="w4"), headers=headers)
    assert answer.status_code == 200


async def test_planted_session_cookie_is_worth_nothing_after_signing_in(anybody: httpx.AsyncClient, accounts: Accounts) -> None:
    planted = accounts.enter(accounts.entry_link("one-viewer"), "attacker")
    anybody.cookies.set(SESSION, planted, domain="hall.test")
    answer = await anybody.post("/sign-in", data={"name": "admin", "password": PASSWORD})
    assert answer.status_code == 303
    assert anybody.cookies[SESSION] != planted
    assert accounts.session(planted) is None


async def test_session_cookie_is_hidden_from_scripts_and_other_sites(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/sign-in", data={"name": "admin", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie


async def test_session_cookie_is_secure_over_https(app: Litestar) -> None:
    async with browser(app, "https://hall.test") as client:
        answer = await client.post("/sign-in", data={"name": "admin", "password": PASSWORD})
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_one_time_link_signs_in_once(anybody: httpx.AsyncClient, accounts: Accounts) -> None:
    link = accounts.entry_link("one-window")
    first = await anybody.get("/enter", params={"token": link})
    assert (first.status_code, first.headers["location"]) == (303, "/windows")
    anybody.cookies.clear()
    again = await anybody.get("/enter", params={"token": link, "lang": "en"})
    assert again.status_code == 403
    assert "used already or is too old" in again.text
    assert SESSION not in anybody.cookies


async def test_looking_ahead_does_not_use_a_link_up(anybody: httpx.AsyncClient, accounts: Accounts) -> None:
    link = accounts.entry_link("one-window")
    ahead = await anybody.get("/enter", params={"token": link}, headers={"Sec-Purpose": "prefetch;prerender"})
    assert ahead.status_code == 204
    assert (await anybody.get("/enter", params={"token": link})).status_code == 303


async def test_signing_out_ends_the_session_on_the_server(staff: httpx.AsyncClient, accounts: Accounts) -> None:
    secret = staff.cookies[SESSION]
    answer = await staff.post("/sign-out")
    assert answer.status_code == 303
    assert accounts.session(secret) is None
    assert SESSION not in staff.cookies


async def test_guessing_is_slowed_down_on_the_page(anybody: httpx.AsyncClient) -> None:
    answers = [await anybody.post("/sign-in", data={"name": "admin", "password": f"guess {n}"}) for n in range(7)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429] * 2


@pytest.mark.parametrize("goal", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil", "evil", "/a\\b"])
def test_sign_in_leads_nowhere_else(goal: str) -> None:
    assert local(goal) == ""


async def test_sign_in_leads_back_to_where_one_was(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/sign-in", data={"name": "admin", "password": PASSWORD, "next": "/window/w1"})
    assert answer.headers["location"] == "/window/w1"


@pytest.mark.parametrize("path", ["/board", "/sign-in", "/api/v1/board", "/nowhere", "/api/v1/nowhere"])
async def test_every_answer_carries_the_defences(anybody: httpx.AsyncClient, path: str) -> None:
    headers = (await anybody.get(path)).headers
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


async def test_unknown_addresses_are_told_in_words(anybody: httpx.AsyncClient) -> None:
    page = await anybody.get("/nowhere", headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "There is nothing at this address." in page.text
    assert 'href="/board"' in page.text
    assert (await anybody.get("/api/v1/nowhere")).json()["what"]["zh"] == "这里没有您要找的页面。"


async def test_staff_are_led_back_to_their_own_pages(staff: httpx.AsyncClient) -> None:
    assert 'class="do main" href="/"' in (await staff.get("/nowhere")).text


async def test_administrator_adds_a_user_who_enters_by_the_link_shown(staff: httpx.AsyncClient, accounts: Accounts) -> None:
    answer = await staff.post("/accounts", data={"name": "wang", "role": "window"})
    link = answer.text.partition('<code class="secret">')[2].partition("</code>")[0]
    assert link.startswith(f"{BASE}/enter?token=")
    assert 'href="/accounts?lang=en"' in answer.text  # the switch of languages asks for the page, not for a form's address
    staff.cookies.clear()
    assert (await staff.get(link)).status_code == 303
    assert (await staff.get("/api/v1/me")).json() == {"name": "wang", "role": "window"}


async def test_a_page_from_before_does_not_undo_what_another_administrator_did(
    staff: httpx.AsyncClient, accounts: Accounts
) -> None:
    page = (await staff.get("/accounts")).text
    (was,) = re.findall('value="one-window"><input type="hidden" name="was" value="([^"]+)"', page)
    accounts.change_user("one-window", role=Role.WINDOW, disabled=True, by="web:another")
    stale = {"name": "one-window", "role": "dispatch", "was": was}
    answer = await staff.post("/accounts/change", data=stale, headers={"Accept-Language": "en"})
    assert (answer.status_code, "Somebody else has just changed one-window" in answer.text) == (400, True)
    assert next(user for user in accounts.users() if user.name == "one-window").disabled
    assert (await staff.post("/accounts/change", data={**stale, "was": "window-locked"})).status_code == 303


async def test_new_password_keeps_this_browser_signed_in(staff: httpx.AsyncClient, accounts: Accounts) -> None:
    elsewhere = accounts.sign_in("admin", PASSWORD, "elsewhere")
    answer = await staff.post("/account/password", data={"password": "a quite new one"})
    assert answer.status_code == 303
    assert (await staff.get("/account?done=password")).status_code == 200
    assert accounts.session(elsewhere) is None
