"""The page of settings: what is in force and whence, no secrets, changes for a while, a new file checked in words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from controller.config import parse_hall
from controller.web.settings_shown import HIDDEN, check, tables
from tests import accessible
from tests.chromium import NEEDS_CHROMIUM, SIZES, chromium
from tests.web.busy import PLAN, BusyHall, busy_hall
from tests.web.scene import HALL_TOML

LANGUAGES = ("zh", "en")
SECRET = "hush-9f3c"
LIVE = "html[data-stream=live]"
browsing = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]


def with_marks(test: object) -> object:
    for mark in browsing:
        test = mark(test)
    return test


def test_each_setting_says_whether_the_file_has_it() -> None:
    shown = {row.key: row for rows in tables(parse_hall(HALL_TOML, name="hall.toml"), HALL_TOML).values() for row in rows}
    assert (shown["hall.timezone"].value, shown["hall.timezone"].written) == ("UTC", True)
    assert (shown["calling.times"].value, shown["calling.times"].written) == ("3", False)
    assert (shown["service[property].prefix"].value, shown["service[property].prefix"].written) == ("C", True)
    assert not shown["service[property].daily_quota"].written


def test_no_secret_is_shown_wherever_it_stands() -> None:
    text = (
        HALL_TOML.replace("[hall]", f'store = "postgresql+psycopg://hall:{SECRET}@db/hallware"\n\n[hall]', 1)
        + f"""
[[node]]
id = "somewhere"
[[node.device]]
kind = "kiosk"
id = "kiosk-x"
token = "{SECRET}"
nested = {{ password = "{SECRET}" }}
"""
    )
    config = parse_hall(text, name="hall.toml")
    shown = [row.value for rows in tables(config, text).values() for row in rows]
    assert not [value for value in shown if SECRET in value]
    assert f"postgresql+psycopg://hall:{HIDDEN}@db/hallware" in shown
    changed = check(config, text.replace(SECRET, "another-one"))
    assert {one.key for one in changed.differences} >= {"store", "node[somewhere].device"}
    assert SECRET not in str(changed)
    assert "another-one" not in str(changed)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('prefix = "C"', 'prefix = "A"', "A"),
        ("timezone", "timezon", "did you mean `timezone`?"),
        ('zone = "b"', 'zone = "z"', "there is no zone `z`"),
        ("[hall]", "[hall", "hall.toml"),
    ],
)
def test_what_is_wrong_with_a_new_file_is_said_in_words(before: str, after: str, says: str) -> None:
    found = check(parse_hall(HALL_TOML, name="hall.toml"), HALL_TOML.replace(before, after, 1))
    assert found.problem is not None
    assert says in found.problem


def test_what_would_change_is_told_key_by_key() -> None:
    new = HALL_TOML.replace('prefix = "C"', 'prefix = "K"', 1) + "\n[calling]\ntimes = 2\n"
    found = {one.key: (one.now, one.then) for one in check(parse_hall(HALL_TOML, name="hall.toml"), new).differences}
    assert found == {"calling.times": ("3", "2"), "service[property].prefix": ("C", "K")}
    assert check(parse_hall(HALL_TOML, name="hall.toml"), HALL_TOML).differences == ()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BusyHall]:
    async with busy_hall(f"sqlite:///{tmp_path_factory.mktemp('hall') / 'hall.db'}", tickets=40) as found:
        yield found


@asynccontextmanager
async def page_of_settings(browser: Browser, busy: BusyHall, size: str, lang: str) -> AsyncIterator[Page]:
    width, height = SIZES[size]
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    try:
        page = await context.new_page()
        link = await asyncio.to_thread(busy.accounts.entry_link, "admin")
        await page.goto(f"{busy.address}/enter?token={link}")
        await page.goto(f"{busy.address}/settings?lang={lang}")
        await page.wait_for_selector(LIVE)
        yield page
    finally:
        await context.close()


@with_marks
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_hall_closes_early_for_a_day_and_is_as_before_again(
    browser: Browser, busy: BusyHall, lang: str, size: str
) -> None:
    async with page_of_settings(browser, busy, size, lang) as page:
        form = page.locator("form:has(#c-hours)")
        await form.locator("[name='what.closes']").fill("15:00")
        await form.locator("[name=why]").fill("停电")
        await form.locator("[type=submit]").click()
        standing = page.locator(".settings-standing li")
        await expect(standing).to_have_count(1)
        await expect(standing).to_contain_text("15:00 提前关门" if lang == "zh" else "closes at 15:00")
        await expect(standing).to_contain_text("停电")
        calls = page.locator("form:has(#c-calls)")
        await calls.locator("[name='what.times']").fill("2")
        await calls.locator("[name=why]").fill("培训")
        await calls.locator("[type=submit]").click()
        await expect(standing).to_have_count(2)
        assert busy.hall.config.calling.times == 2
        assert busy.hall.written.calling.times == 3
        assert not [*await accessible.faults(page), *await accessible.misfits(page)]
        for left in (1, 0):
            await standing.first.locator("[data-do=end-override]").click()
            await expect(standing).to_have_count(left)
        assert busy.hall.config.calling.times == 3


@with_marks
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_new_file_is_checked_before_it_is_taken(browser: Browser, busy: BusyHall, lang: str) -> None:
    written = busy.hall.written
    async with page_of_settings(browser, busy, "desk", lang) as page:
        text, found = page.locator("[data-check] textarea"), page.locator("[data-found]")
        submit = page.locator("[data-check] [type=submit]")
        await text.fill("[hall]\nidd = 1\n")
        await submit.click()
        await expect(found.locator(".refusal")).to_contain_text("did you mean `id`?")
        await text.fill(PLAN.text.replace("times = 3", "times = 4", 1))
        await submit.click()
        await expect(found.locator("tr", has_text="calling.times")).to_contain_text("34")
        await expect(found).to_contain_text("systemctl restart hallware-controller")
    assert busy.hall.written is written, "a check changes nothing"


@with_marks
async def test_settings_are_for_those_who_lead_and_checks_for_administrators(busy: BusyHall) -> None:
    async with httpx.AsyncClient(base_url=busy.address, headers={"Origin": busy.address}, follow_redirects=True) as client:
        roles = (("one-window", 403, 403), ("one-facilities", 403, 403), ("one-dispatch", 200, 403), ("admin", 200, 200))
        for user, sees, checks in roles:
            await client.get("/enter", params={"token": await asyncio.to_thread(busy.accounts.entry_link, user)})
            page = await client.get("/settings")
            assert page.status_code == sees, user
            assert ("data-check" in page.text) is (checks == 200)
            answer = await client.post("/settings/check", content=msgspec.json.encode({"text": PLAN.text}))
            assert answer.status_code == checks, user
        missing = await client.post("/settings/check", json={})
        assert missing.status_code == 404, "that file does not lie on this machine"
        assert missing.json()["code"] == "unknown", "a script is answered as a script can read it"
