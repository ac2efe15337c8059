"""The technician's page: who may see it, what it shows, and what its hands do."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
from playwright.async_api import Page, expect

from hardware_sim.page.shown import Shown
from tests.demo.bench_hall import KEY, NOON, BenchHall, bench_hall, served, until


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[BenchHall]:
    async with bench_hall(tmp_path) as bench:
        yield bench


@pytest.fixture
async def site(bench: BenchHall) -> AsyncIterator[httpx.AsyncClient]:
    async with served(bench) as (address, _), httpx.AsyncClient(base_url=address) as client:
        yield client


def test_equal_part_changes_nothing() -> None:
    shown = Shown()
    shown.put("view/a", level=1)
    shown.put("view/b", level=1)
    seen = shown.version
    shown.put("view/a", level=1)
    assert shown.since(seen) == b"[]"
    shown.put("view/a", level=2)
    assert msgspec.json.decode(shown.since(seen)) == [{"key": "view/a", "level": 2}]


async def test_stranger_is_told_to_use_the_link(site: httpx.AsyncClient) -> None:
    for path in ("/", "/?key=wrong", "/stream", "/printed/kiosk-1/1.png", "/go?to=/"):
        answer = await site.get(path)
        assert answer.status_code == 401, path
    assert (await site.post("/hand", json={"device": "kiosk-1", "hand": "press", "with": {"key": "tax"}})).status_code == 401


async def test_link_lets_in_and_keeps_the_key_out_of_the_address(site: httpx.AsyncClient) -> None:
    answer = await site.get(f"/?key={KEY}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    page = await site.get("/")
    assert page.status_code == 200
    assert "税务" in page.text
    assert KEY not in page.text


async def test_hand_is_moved_or_refused_in_words(site: httpx.AsyncClient, bench: BenchHall) -> None:
    await site.get(f"/?key={KEY}")
    done = await site.post("/hand", json={"device": "room-1", "hand": "close_door", "with": {"cubicle": "left"}})
    assert done.json() == {}
    assert bench.view("room-1")["cubicles"][0]["door"] == "closed"
    refused = await site.post("/hand", json={"device": "room-1", "hand": "close_door", "with": {"cubicle": "attic"}})
    assert "attic" in refused.json()["error"]
    assert (await site.post("/hand", json={"device": "room-1"})).status_code == 400


async def test_way_into_the_controller_leads_only_there(site: httpx.AsyncClient) -> None:
    await site.get(f"/?key={KEY}")
    assert (await site.get("/go?to=/window/window-1")).headers["location"].endswith("/enter?next=/window/window-1")
    for goal in ("//evil.example", "https://evil.example", "/a?b=c"):
        assert (await site.get("/go", params={"to": goal})).status_code == 400


async def test_page_that_was_never_printed_is_not_there(site: httpx.AsyncClient) -> None:
    await site.get(f"/?key={KEY}")
    assert (await site.get("/printed/kiosk-1/none.png")).status_code == 404


SHINES = """([x, y]) => {
    const canvas = document.querySelector('[data-device="strip-1"] canvas');
    const pitch = canvas.width / 64;
    return canvas.getContext('2d').getImageData((x + 0.5) * pitch, (y + 0.5) * pitch, 1, 1).data[0] > 120;
}"""
"""Whether the LED at column x, row y of the strip shines on the page's canvas."""


@pytest.mark.browser
async def test_board_shines_as_its_chips_do(page: Page, bench: BenchHall) -> None:
    await bench.move("strip-1", "brown_out", {"chip": 2, "into": "test"})
    await page.wait_for_function(SHINES, arg=[20, 4])
    assert [await page.evaluate(SHINES, [x, 4]) for x in (15, 16, 23, 24)] == [False, True, True, False]
    assert not await page.evaluate(SHINES, [20, 12])


@pytest.mark.browser
async def test_chip_is_browned_out_where_the_mouse_hits_it(page: Page, bench: BenchHall) -> None:
    strip = page.locator('figure[data-device="strip-1"]')
    await strip.locator("summary").click()
    await strip.get_by_text("brown out a chip").click()
    box = await strip.locator("canvas").bounding_box()
    assert box is not None
    await strip.locator("canvas").click(position={"x": box["width"] * 0.99, "y": box["height"] * 0.9})
    await until(lambda: bench.view("strip-1")["faults"])
    assert "15" in str(bench.view("strip-1")["faults"])


@pytest.mark.browser
async def test_key_pressed_on_the_page_closes_its_contact(page: Page, bench: BenchHall) -> None:
    pressed: list[bool] = []
    stop = bench.simulation.bench.listen(
        lambda device: pressed.append(bench.view("kiosk-1")["keys"][1]["pressed"]) if device == "kiosk-1" else None
    )
    await page.get_by_role("button", name="priority", exact=True).click()
    await until(lambda: True in pressed)
    stop()


@pytest.mark.browser
async def test_cable_is_pulled_and_put_back_with_the_mouse(page: Page, bench: BenchHall) -> None:
    caller = page.locator('.caller[data-device="caller-1"]')
    await caller.locator("summary").click()
    pulled = caller.get_by_role("switch", name="cable pulled")
    for plugged in (False, True):
        await pulled.click()
        await until(lambda: bench.view("caller-1")["plugged"] is plugged)  # noqa: B023
        await expect(pulled).to_have_attribute("aria-checked", str(not plugged).lower())
    await expect(caller).not_to_have_class(re.compile("unplugged"))


@pytest.mark.browser
async def test_door_moves_on_the_page_as_it_does_at_the_wire(page: Page, bench: BenchHall) -> None:
    cubicle = page.locator('[data-cubicle="left"]')
    await cubicle.get_by_text("close").click()
    await expect(cubicle).to_have_class(re.compile("closed"))
    await bench.move("room-1", "open_door", {"cubicle": "left"})
    await expect(cubicle).not_to_have_class(re.compile("closed"))


@pytest.mark.browser
async def test_window_says_whom_it_calls_and_node_says_how_it_is(page: Page, bench: BenchHall) -> None:
    window = page.locator('[data-window="window-1"]')
    await expect(window.locator("[data-number]")).to_have_text("A012")
    await expect(window.locator("[data-stage]")).to_contain_text("called")
    node = page.locator('[data-node="corner"]')
    await expect(node.locator("[data-status]")).to_contain_text("online")
    await node.get_by_text("kill").click()
    await until(lambda: bench.orders == [("corner", "kill")])
    await page.locator("#people").click()
    await until(lambda: not bench.live)


@pytest.mark.browser
async def test_fault_is_shown_in_the_words_of_the_device(page: Page, bench: BenchHall) -> None:
    state = bench.hall.states["kiosk-1"]
    what, touch = type(state.what)(zh="缺纸", en="paper is out"), type(state.what)(zh="换纸", en="load a roll")
    bench.hall.heard(msgspec.structs.replace(state, condition="fault", code="paper-out", what=what, touch=touch, since=NOON))
    says = page.locator('[data-says="kiosk-1"]')
    await expect(says).to_have_text("缺纸 换纸paper is out load a roll")
    await expect(says.get_by_text("缺纸")).to_be_visible()
    await expect(page.locator('[data-badge="kiosk-1"]')).to_have_attribute("data-tone", "fault")
    await expect(page.locator('[data-state="kiosk-1"] [data-touch]')).to_contain_text("load a roll")


@pytest.mark.browser
async def test_of_a_lost_node_the_page_does_not_say_that_its_devices_are_well(page: Page, bench: BenchHall) -> None:
    row, says = page.locator('[data-state="kiosk-1"]'), page.locator('[data-says="kiosk-1"]')
    await expect(row).to_have_attribute("data-tone", "ready")
    online = bench.hall.statuses["corner"]
    bench.hall.heard(msgspec.structs.replace(online, state="lost"))
    await expect(row).to_have_attribute("data-tone", "unknown")
    await expect(row.locator("[data-what]")).to_contain_text(re.compile(r"未知，自 \d\d:\d\d（之前：正常）"))
    await expect(row.locator("[data-what]")).to_contain_text(re.compile(r"unknown since \d\d:\d\d \(before: ready\)"))
    await expect(says).to_contain_text("unknown since")
    bench.hall.heard(msgspec.structs.replace(online, session="session-2"))
    await expect(row).to_have_attribute("data-tone", "ready")
    await expect(row.locator("[data-what]")).to_have_text("ready", use_inner_text=True)


@pytest.mark.browser
async def test_page_speaks_both_languages_and_fits_a_phone(page: Page) -> None:
    await expect(page.locator("h1")).to_have_text("Test Hall", use_inner_text=True)
    await page.locator("#language").click()
    await expect(page.locator("h1")).to_have_text("测试大厅", use_inner_text=True)
    await page.set_viewport_size({"width": 360, "height": 780})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
