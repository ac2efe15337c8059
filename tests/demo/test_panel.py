"""The panels of the technician's page: every fault of every device can be made, seen and mended there, also without a mouse."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from hardware_sim.bench import Bench, hands
from hardware_sim.hall import FarDevice, Hall
from hardware_sim.mending import MENDS
from hardware_sim.page.layout import lay_out
from hardware_sim.page.panel import panel
from hardware_sim.page.words import HANDS, TAKEN
from tests.demo.bench_hall import BenchHall, bench_hall, until


class Gong:
    """A device of a kind that nobody has foreseen."""

    kind = "gong"

    def __init__(self) -> None:
        self.cracked, self.struck = False, 0
        self.hands = hands(self.crack, self.mend, self.strike)

    def view(self) -> dict[str, Any]:
        """What is seen of it."""
        return {"cracked": self.cracked, "struck": self.struck, "text": "锣"}

    def listen(self, listener: Any) -> Any:
        """It never changes by itself."""
        return lambda: None

    def crack(self) -> None:
        """It cracks."""
        self.cracked = True

    def mend(self) -> None:
        """It is cast anew."""
        self.cracked = False

    def strike(self, times: int = 1) -> None:
        """Strike it."""
        self.struck += times


def far(bench: Bench, device: str) -> FarDevice:
    said = next(one for one in bench.hello()["devices"] if one["device"] == device)
    return FarDevice(bench.node, device, said["kind"], {hand: tuple(t) for hand, t in said["hands"].items()}, said["about"])


async def test_bench_remembers_what_is_broken_until_it_is_mended(tmp_path: Path) -> None:
    async with bench_hall(tmp_path) as hall:
        there = hall.simulation.bench

        async def broken(hand: str, **how: Any) -> list[Any]:
            await there.do("kiosk-1", hand, **how)
            return [(one["hand"], one["with"]) for one in there.view("kiosk-1")["broken"]]

        assert await broken("open_cover") == [("open_cover", {})]
        assert await broken("hold", key="tax") == [("open_cover", {}), ("hold", {"key": "tax"})]
        assert await broken("hold", key="tax/priority") == [
            ("open_cover", {}), ("hold", {"key": "tax"}), ("hold", {"key": "tax/priority"})
        ]  # fmt: skip
        assert await broken("release", key="tax") == [("open_cover", {}), ("hold", {"key": "tax/priority"})]
        assert await broken("noise", count=5) == [("open_cover", {}), ("hold", {"key": "tax/priority"})]
        assert await broken("close_cover") == [("hold", {"key": "tax/priority"})]
        await there.do("kiosk-1", "release", key="tax/priority")


async def test_every_hand_that_breaks_stands_in_the_panel_and_is_called_something(tmp_path: Path) -> None:
    async with bench_hall(tmp_path) as hall:
        for device, there in hall.simulation.bench.peripherals.items():
            shown = panel(far(hall.simulation.bench, device), there.view())
            rows = (*shown.lasting, *shown.passing, *shown.use)
            mends = {row.mend for row in shown.lasting}
            assert {row.hand for row in rows} | mends == set(there.hands)
            assert {row.hand for row in rows} <= HANDS.keys()
            assert {take.name for row in rows for take in row.takes} <= TAKEN.keys()
            assert all(row.says for row in rows)


def test_mending_names_are_words_too() -> None:
    assert MENDS.keys() <= HANDS.keys()


def test_unforeseen_device_gets_a_place_and_a_panel_of_its_own() -> None:
    bench, hall = Bench("corner", {"gong-1": Gong()}), Hall({"corner": ""})
    hall.node_came("corner", [far(bench, "gong-1")])
    hall.saw(bench.view("gong-1"))
    (gong,) = lay_out(hall).others
    assert gong.name.en == "gong"
    assert [(row.hand, row.words.en) for row in gong.panel.passing] == [
        ("crack", "crack"),
        ("mend", "mend"),
        ("strike", "strike"),
    ]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[BenchHall]:
    async with bench_hall(tmp_path) as bench:
        yield bench


async def opened(page: Page, device: str) -> Locator:
    await page.locator(f'[data-panel="{device}"] > summary').click()
    return page.locator(f'[data-panel="{device}"] .panel')


@pytest.mark.browser
async def test_every_lasting_fault_is_made_and_mended_with_the_mouse(page: Page, bench: BenchHall) -> None:
    for device in bench.simulation.bench.peripherals:
        if not await page.locator(f'[data-panel="{device}"]').count():
            continue
        shown = await opened(page, device)
        for switch in await shown.get_by_role("switch").all():
            await expect(switch).to_have_attribute("aria-checked", "false")
            await switch.click()
            await expect(switch).to_have_attribute("aria-checked", "true")
            await expect(page.locator(f'[data-panel="{device}"] [data-many]')).to_have_text("1")
            await switch.click()
            await expect(switch).to_have_attribute("aria-checked", "false")
            for left in await shown.locator('[aria-checked="true"]').all():
                await left.click()  # what mends may be a fault itself: an error that only switching off and on clears
            await expect(shown.locator('[aria-checked="true"]')).to_have_count(0)
        assert bench.view(device)["broken"] == []
        await page.keyboard.press("Escape")
        await expect(shown).not_to_be_visible()


@pytest.mark.browser
async def test_stuck_key_is_chosen_in_a_list_and_freed_by_its_chip(page: Page, bench: BenchHall) -> None:
    shown = await opened(page, "rater-1")
    row = shown.locator('[data-hand-form="hold"]')
    await row.locator("select").select_option("1")
    await row.get_by_role("button", name="stuck key").click()
    await until(lambda: bench.view("rater-1")["keys"][1]["pressed"])
    await row.get_by_role("button", name="✕ 1").click()
    await until(lambda: not bench.view("rater-1")["keys"][1]["pressed"])
    await expect(row.locator(".chip")).to_have_count(0)


@pytest.mark.browser
async def test_fault_is_made_by_keyboard_alone(page: Page, bench: BenchHall) -> None:
    await page.locator('[data-panel="kiosk-1"] > summary').focus()
    await page.keyboard.press("Enter")
    await page.locator('[data-hand-form="open_cover"] button').focus()
    await page.keyboard.press("Space")
    await until(lambda: bench.view("kiosk-1")["printer"]["cover"] == "open")
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.activeElement.matches('[data-panel=\"kiosk-1\"] > summary')")


@pytest.mark.browser
async def test_number_is_given_in_a_field_or_refused_there(page: Page, bench: BenchHall) -> None:
    shown = await opened(page, "strip-1")
    row = shown.locator('[data-hand-form="kill_column"]')
    await row.locator("input").fill("3")
    await row.get_by_role("button").first.click()
    await until(lambda: bench.view("strip-1")["broken"] == [{"hand": "kill_column", "with": {"x": 3}}])
    await row.locator("input").fill("900")
    await row.get_by_role("button").first.click()
    await expect(page.locator("#toast")).to_contain_text("there is no column 900")


@pytest.mark.browser
async def test_panel_fits_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 780})
    shown = await opened(page, "kiosk-1")
    box = await shown.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
