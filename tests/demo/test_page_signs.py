"""Text boards on the technician's page: what they show can be read there, and their faults are made where the mouse hits."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from devices.text_board import Look, TextBoard
from tests.demo.bench_hall import BenchHall, bench_hall, until

SERIAL = "/dev/serial/by-id/usb-"
NODE = {
    "node": {"id": "corner", "hall": "centre"},
    "device": [
        {"kind": "strip", "id": "text-1", "dialect": "queue", "wire": f"{SERIAL}a", "window": "window-1", "columns": 12},
        {"kind": "strip", "id": "digits-1", "dialect": "digits", "wire": f"{SERIAL}b", "window": "window-1", "columns": 3},
        {"kind": "strip", "id": "card", "dialect": "udp-card", "wire": "udp://card:8453", "layout": "notices", "rows": 2},
    ],
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[BenchHall]:
    async with bench_hall(tmp_path, NODE) as bench:
        yield bench


async def send(bench: BenchHall, board: TextBoard, *looks: Look) -> None:
    async with board.line(bench.simulation.wires) as line:
        for row, look in enumerate(looks):
            await line.send(board.frame(row, look))


def board(dialect: str, wire: str, address: int, columns: int) -> TextBoard:
    return TextBoard(dialect, wire, address, columns=columns, missing=print)


@pytest.mark.browser
async def test_strip_shows_its_text_and_blinks_as_it_was_told(page: Page, bench: BenchHall) -> None:
    strip = board("queue", f"{SERIAL}a", 0x20, 12)
    await send(bench, strip, Look("A012>3", blinks=9))
    row = page.locator('[data-window="window-1"] [data-device="text-1"] .cells')
    await expect(row).to_have_text("A012>3")
    assert "sign-blink" in str(await row.get_attribute("style"))
    await send(bench, strip, Look("A012>3"))
    await expect(row).not_to_have_attribute("style", re.compile("sign-blink"))


@pytest.mark.browser
async def test_digits_are_seven_segments_and_one_dies_where_the_mouse_hits_it(page: Page, bench: BenchHall) -> None:
    await send(bench, board("digits", f"{SERIAL}b", 1, 3), Look("017"))
    shown = page.locator('[data-device="digits-1"]').first
    lit = shown.locator("path.lit")
    await expect(lit).to_have_count(6 + 2 + 3)
    await shown.locator("summary").click()
    await shown.get_by_text("dead segment").click()
    await shown.locator('[data-segment="1b"]').click()
    await until(lambda: bench.view("digits-1")["dead_segments"] == ["1b"])
    await expect(shown.locator('[data-segment="1b"]')).to_have_class("lit dead")


@pytest.mark.browser
async def test_column_of_a_card_dies_where_the_mouse_hits_it_and_its_rows_have_their_colours(
    page: Page, bench: BenchHall
) -> None:
    await send(bench, board("udp-card", "udp://card:8453", 0, 16), Look("请到窗口", colour="green"), Look("Welcome"))
    shown = page.locator('.boards [data-device="card"]').first
    rows = shown.locator(".cells")
    await expect(rows.nth(0)).to_have_text("请到窗口")
    await expect(rows.nth(1)).to_have_text("Welcome")
    assert "--led-green" in str(await rows.nth(0).get_attribute("style"))
    await shown.locator("summary").click()
    await shown.get_by_text("dead column").click()
    box = await rows.nth(0).bounding_box()
    assert box is not None
    await rows.nth(0).click(position={"x": box["width"] * 3.5 / 16, "y": box["height"] / 2})
    await until(lambda: bench.view("card")["dead"] == [3])
    await expect(rows.nth(1).locator(".hole")).to_have_count(1)
