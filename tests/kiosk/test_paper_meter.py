"""What is left of a roll: by what was fed, over restarts, until a new one is put in."""

from pathlib import Path

import pytest

from contract.values import Text
from devices.printer_status import PrinterStatus
from firmware.agents.kiosk_paper import PaperMeter
from tests.kiosk.hall import kiosk, offer

OK, NEAR, OUT = PrinterStatus(), PrinterStatus(paper="near-end"), PrinterStatus(paper="out")
OPEN = PrinterStatus(cover_open=True)
OPEN_AND_OUT = PrinterStatus(cover_open=True, paper="out")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the meter keeps what it knows."""
    return tmp_path / "kiosk-1.paper"


def test_what_was_fed_is_gone_also_after_a_restart(file: Path) -> None:
    PaperMeter(file, 50_000).fed(120)
    meter = PaperMeter(file, 50_000)
    meter.fed(80)
    assert meter.left_mm == 49_800


def test_no_roll_has_less_than_nothing(file: Path) -> None:
    meter = PaperMeter(file, 100)
    meter.fed(300)
    assert meter.left_mm == 0


def test_without_a_length_nothing_is_said_of_what_is_left(file: Path) -> None:
    meter = PaperMeter(file, None)
    meter.fed(300)
    assert meter.left_mm is None


@pytest.mark.parametrize(
    ("seen", "new"),
    [
        ((OUT, OPEN_AND_OUT, OPEN, OK), True),
        ((OUT, OK), True),
        ((NEAR, OPEN, OK), True),
        ((NEAR, OK), False),
        ((OK, OPEN, OK), False),
        ((OUT, OPEN, NEAR), False),
    ],
)
def test_a_new_roll_is_told_from_an_opened_cover_and_a_trembling_sensor(
    file: Path, seen: tuple[PrinterStatus, ...], new: bool
) -> None:
    meter = PaperMeter(file, 1000)
    meter.fed(600)
    said = [meter.is_new_roll(status) for status in seen]
    assert (True in said) is new
    assert meter.left_mm == (1000 if new else 400)


@pytest.mark.parametrize("text", ["", "{", '{"used_mm": "many"}', "\x00\xff"])
def test_a_broken_file_means_a_full_roll(file: Path, text: str) -> None:
    file.write_text(text, encoding="latin-1")
    assert PaperMeter(file, 1000).left_mm == 1000


async def test_a_kiosk_counts_what_is_left_and_says_so_when_paper_is_low(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(), roll=10) as at:
        await at.station.until(lambda: at.station.counts["paper-left-mm"] == 10_000)
        await at.press()
        await at.tickets(1)
        await at.station.until(lambda: at.station.counts["paper-mm"])
        left = 10_000 - at.station.counts["paper-mm"]
        assert at.station.counts["paper-left-mm"] == left
        await at.do("near_end")
        await at.code("paper-low")
        metres = f"{left / 1000:.1f}"
        assert at.station.states[-1][2] == Text(
            zh=f"取号打印机快没纸了，约剩 {metres} 米", en=f"paper is low on the ticket printer, about {metres} m are left"
        )
        await at.do("run_out")
        await at.code("paper-out")
        await at.do("load_paper")
        await at.code("ok")
        assert at.station.counts["new-roll"] == 1
        await at.station.until(lambda: at.station.counts["paper-left-mm"] == 10_000)
