"""Help buttons, scanners and loudspeakers on the technician's page: recognisable, usable with the mouse, faults in words."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from devices.sound import chime
from devices.speaker import Speaker
from tests.demo.bench_hall import BenchHall, bench_hall, until

CARD = "plughw:CARD=Device"
NODE = {
    "node": {"id": "corner", "hall": "centre"},
    "device": [
        {"kind": "help", "id": "help-desk", "place": "window-1", "line": 5, "lamp": 16},
        {"kind": "scanner", "id": "scanner-1", "wire": "/dev/input/by-id/scanner", "green": 17, "red": 18},
        {"kind": "announcer", "id": "announcer-1", "wire": CARD},
    ],
}  # fmt: skip


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[BenchHall]:
    async with bench_hall(tmp_path, NODE) as bench:
        yield bench


def peripheral(bench: BenchHall, device: str) -> Any:
    return bench.simulation.bench.peripherals[device]


@pytest.mark.browser
async def test_the_help_button_is_pressed_there_and_its_lamp_shows(page: Page, bench: BenchHall) -> None:
    lines, pressed = bench.simulation.lines, list[bool]()
    bench.simulation.bench.listen(lambda _: pressed.append(lines.closed(5)))
    await page.locator('[data-device="help-desk"] .mushroom').click()
    await until(lambda: any(pressed))
    lamp = lines.pins.pin(16)
    lamp._set_function("output")
    lamp.state = True
    await expect(page.locator('[data-device="help-desk"] .lamp.lit')).to_be_visible()


@pytest.mark.browser
async def test_a_code_is_held_before_the_scanner_there(page: Page, bench: BenchHall) -> None:
    scanner = page.locator('[data-device="scanner-1"]')
    await scanner.locator(".scan-post input").fill("A012")
    await scanner.locator(".scan-post button").click()
    await expect(scanner.locator("[data-last]")).to_have_text("A012")
    assert bench.view("scanner-1")["last"] == "A012"
    lamp = bench.simulation.lines.pins.pin(17)
    lamp._set_function("output")
    lamp.state = True
    await expect(scanner.locator(".lamp.green.lit")).to_be_visible()


@pytest.mark.browser
async def test_what_the_loudspeaker_says_is_read_there_and_a_muted_card_is_seen(page: Page, bench: BenchHall) -> None:
    peripheral(bench, "announcer-1").card.speed = 10.0
    await Speaker(bench.simulation.wires, CARD).play(chime(), "请 A012 号到 3号窗口 · Ticket A012, please go to Window 3")
    announcer = page.locator('[data-device="announcer-1"]')
    await expect(announcer.locator("[data-said] li").first).to_contain_text("Ticket A012, please go to Window 3")
    await expect(announcer.locator("[data-now]")).to_contain_text("—")
    await bench.move("announcer-1", "mute", {})
    await expect(announcer.locator(".muted")).to_be_visible()
    await bench.move("announcer-1", "unmute", {})
    await expect(announcer.locator(".muted")).to_have_count(0)
