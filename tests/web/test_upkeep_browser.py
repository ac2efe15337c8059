"""Upkeep in Chromium: a round is walked, a device looked after, a room checked, in both languages, at a desk and on a phone."""

from datetime import timedelta
from functools import partial

import pytest
from playwright.async_api import Browser, Page, expect

from contract.health import DeviceState
from contract.topics import DEVICE_STATE
from contract.upkeep import DescribeDevice
from contract.values import Text
from tests.chromium import NEEDS_CHROMIUM
from tests.web.browsing import visit
from tests.web.busy import BusyHall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]

RUNS = [("zh", "desk", "rater-1"), ("en", "desk", "rater-2"), ("zh", "phone", "rater-3"), ("en", "phone", "rater-4")]
"""Each looks after a device of its own, since all walk through one hall."""


def goes_silent(calm: BusyHall, device: str) -> None:
    """A rater stops answering."""
    node = next(node.id for node in calm.morning.config.node for one in node.device if one["id"] == device)
    state = DeviceState(
        device=device, kind="rater", condition="fault", code="silent", what=Text(zh="评价器没有回答", en="The rater is silent"),
        touch=Text(zh="检查评价器插头", en="Check the rater's plug"), since=calm.now - timedelta(minutes=1),
    )  # fmt: skip
    calm.morning.hear(DEVICE_STATE, node, state, device=device)


async def walk(page: Page, calm: BusyHall, device: str) -> None:
    """What goes wrong while one looks appears, and is ticked off."""
    thing = page.locator(f"li.thing[data-key^='ill:{device}:']")
    await expect(thing).to_have_count(0)
    goes_silent(calm, device)
    calm.hall.tick()
    await expect(thing).to_be_visible()
    await thing.locator("button").click()
    await expect(thing).to_have_class("thing thing-ill ticked late")
    await expect(thing).to_contain_text("one-facilities")


async def look_after(page: Page) -> None:
    """A record with something that was not in order."""
    task = page.locator("[data-key=task-test-keys]")
    await task.locator("summary").click()
    await task.locator("input[value=lamps]").check()
    await task.locator("input[name=note]").fill("左灯不亮")
    await task.locator("button[type=submit]").click()
    await expect(page.locator("[data-key=records] tbody tr")).to_have_count(1)
    await expect(page.locator("[data-key=records] tbody")).to_contain_text("左灯不亮")
    await expect(page.locator("[data-key=jobs] .job")).to_have_count(1)
    await page.locator("[data-key=jobs] .job button").click()
    await expect(page.locator("[data-key=jobs] .job")).to_have_count(0)


async def describe(page: Page, calm: BusyHall, device: str) -> None:
    """While one writes a note, somebody else enters the asset number: both stand there afterwards."""
    form = page.locator("form[data-do=describe-device]")
    await page.locator("details.record", has=form).locator("summary").click()
    await form.locator("[name=notes]").fill("借用 on loan")
    calm.pass_by(seconds=1)
    assert (await calm.ask(DescribeDevice(device=device, asset="ZW-0042"))).outcome == "done"
    await expect(form.locator("[name=asset]")).to_have_value("ZW-0042")
    await expect(form.locator("[name=notes]")).to_have_value("借用 on loan")
    calm.pass_by(seconds=1)
    await form.locator("[type=submit]").click()
    await expect(page.locator(".facts-list")).to_contain_text("借用 on loan")
    await expect(page.locator(".facts-list")).to_contain_text("ZW-0042")


async def check_room(page: Page, lang: str) -> None:
    """The check list of the room, then its sheet."""
    room = page.locator("[data-key=room-baby-room]")
    before = await page.locator("[data-key=log] .rows li").count()
    await room.locator("summary").click()
    await room.locator("input[value=bin]").check()
    await room.locator("form button[type=submit]").click()
    await expect(page.locator("[data-key=log] .rows li")).to_have_count(before + 1)
    await page.locator("[data-key=log] a[href^='/rooms/sheet']").click()
    await expect(page.locator("h1")).to_contain_text("每日检查表" if lang == "zh" else "Daily sheet")
    await expect(page.locator(".day-sheet tbody")).to_contain_text("垃圾桶已清空" if lang == "zh" else "Bin emptied")


@pytest.mark.parametrize(("lang", "size", "device"), RUNS)
async def test_facilities_walk_the_round_look_after_a_device_and_check_a_room(
    chrome: Browser, calm: BusyHall, lang: str, size: str, device: str
) -> None:
    calm.pass_by(minutes=1)
    async with visit(chrome, calm, lang, size, "one-facilities") as here:
        for path, doing in (
            ("/round", partial(walk, here.page, calm, device)),
            (f"/inventory/{device}", partial(describe, here.page, calm, device)),
            (f"/inventory/{device}", partial(look_after, here.page)),
            ("/rooms", partial(check_room, here.page, lang)),
        ):
            await here.go(path)
            assert await here.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            await doing()
