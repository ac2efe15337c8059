"""Reports as people and programs get them: pages, plots, workbooks, plain text, and no formula out of anybody's name."""

import csv
import io
from datetime import date, timedelta

import httpx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.codec import decode
from controller.figures import Counted, Counts, Work
from controller.report_values import Report
from controller.reporting import report
from controller.summing import Summed
from controller.web.plots import BOTTOM, TOP, Column, plot, round_step
from controller.web.report_files import plain_text, workbook
from controller.web.report_tables import NAMES, tables
from controller.web.report_words import lasted, stages
from tests.web.hall import PaperHall
from tests.web.month import month
from tests.web.scene import config

MAY = date(2026, 5, 1)
EVIL = '=HYPERLINK("http://evil","x")'


@pytest.fixture
def may(hall: PaperHall) -> PaperHall:
    hall.counted = month(hall.config, MAY, 31)
    return hall


def evil(first: str) -> Report:
    """A report with a staff member whose id a spreadsheet would take for a formula."""
    counted = Counted(work=(Work(Counts(visits=1), MAY, "property", "w3", f"{first}{EVIL}"),))
    return report(config(), MAY, MAY, Summed.of(counted))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("query", ["day=2026-05-06", "month=2026-05", "first=2026-05-04&last=2026-05-08"])
async def test_the_page_has_plots_tables_and_ways_out(staff: httpx.AsyncClient, may: PaperHall, query: str, lang: str) -> None:
    page = await staff.get(f"/reports?{query}&lang={lang}")
    assert page.status_code == 200
    asked = query.replace("&", "&amp;")
    assert f'href="/reports/report.xlsx?{asked}&amp;lang={lang}"' in page.text
    assert page.text.count("<svg class=") == (6 if query.startswith("day") else 10)
    assert ("母婴室：各时段占用（分钟）" if lang == "zh" else "minutes in use by hour") in page.text
    assert ("按窗口" if lang == "zh" else "By window") in page.text
    assert ("窗口数建议" if lang == "zh" else "Windows advised") in page.text
    assert " style=" not in page.text


async def test_the_months_before_and_after_are_one_step_away(staff: httpx.AsyncClient) -> None:
    page = await staff.get("/reports?month=2026-01")
    assert 'href="?month=2025-12"' in page.text
    assert 'href="?month=2026-02"' in page.text
    page = await staff.get("/reports?day=2026-03-01")
    assert 'href="?day=2026-02-28"' in page.text


async def test_an_empty_day_says_so(staff: httpx.AsyncClient) -> None:
    assert "这段时间没有记录" in (await staff.get("/reports?day=2026-05-03")).text


@pytest.mark.parametrize(
    "query",
    ["day=yesterday", "month=2026-13", "month=2026", "first=2026-05-02&last=2026-05-01", "first=2020-01-01&last=2026-01-01"],
)
async def test_days_that_cannot_be_shown_are_refused(staff: httpx.AsyncClient, query: str) -> None:
    for path in ("/reports", "/reports/report.xlsx", "/reports/csv/windows"):
        assert (await staff.get(f"{path}?{query}")).status_code == 400


async def test_programs_get_the_figures_of_the_page(staff: httpx.AsyncClient, may: PaperHall) -> None:
    answer = await staff.get("/api/v1/reports/month?month=2026-05")
    found = decode(answer.content, Report)
    assert (found.first, found.last) == (MAY, date(2026, 5, 31))
    assert found.all.visits == sum(day.figures.visits for day in found.days) > 1000
    assert decode((await staff.get("/api/v1/reports/day?day=2026-05-06")).content, Report).all == found.days[3].figures
    stretch = decode((await staff.get("/api/v1/reports/days?first=2026-05-06&last=2026-05-07")).content, Report)
    assert [day.day for day in stretch.days] == [date(2026, 5, 6), date(2026, 5, 7)]


async def test_a_report_adds_up_whichever_way_it_is_cut(may: PaperHall) -> None:
    found = await may.report(MAY, MAY + timedelta(days=30))
    for parts in (found.days, found.services, found.windows, found.staff):
        assert sum(part.figures.visits for part in parts) == found.all.visits
        assert sum(part.figures.ratings.given for part in parts) == found.all.ratings.given
        assert sum(part.figures.waiting.total for part in parts) == pytest.approx(found.all.waiting.total)
    assert sum(count for _, count in stages(found.all.waiting)) == found.all.waiting.count


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_workbook_opens_with_a_sheet_for_each_table(staff: httpx.AsyncClient, may: PaperHall, lang: str) -> None:
    answer = await staff.get(f"/reports/report.xlsx?month=2026-05&lang={lang}")
    assert answer.headers["content-disposition"] == 'attachment; filename="centre-2026-05-01-2026-05-31.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.sheetnames) == len(NAMES)
    sheet = book["按窗口" if lang == "zh" else "By window"]
    found = await may.report(MAY, MAY + timedelta(days=30))
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [part.figures.visits for part in found.windows]
    assert sheet.cell(2, 1).value == ("1号窗口" if lang == "zh" else "Window 1")


async def test_plain_text_opens_in_spreadsheets(staff: httpx.AsyncClient, may: PaperHall) -> None:
    answer = await staff.get("/reports/csv/services?month=2026-05&lang=zh")
    assert answer.content.startswith(b"\xef\xbb\xbf"), "the mark without which Excel reads Chinese as something else"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = await may.report(MAY, MAY + timedelta(days=30))
    assert [int(row[1]) for row in rows[1:]] == [part.figures.tickets for part in found.services]
    assert rows[0][:2] == ["事项", "取号"]
    uses = (await staff.get("/reports/csv/room-hours?day=2026-05-06&lang=zh")).content.decode("utf-8-sig").splitlines()
    assert uses[:2] == ["地点,隔间,时段,使用次数,占用时长（秒）", "一层母婴室,a,08:00,1,360.0"]
    assert (await staff.get("/reports/csv/nothing")).status_code == 404


@pytest.mark.parametrize("first", ["", " ", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_is_a_formula(first: str) -> None:
    staff = next(table for table in tables(evil(first), config(), "en") if table.name == "staff")
    text = plain_text(staff, "en").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline="")))[1][0] == f"'{first}{EVIL}"
    book = openpyxl.load_workbook(io.BytesIO(workbook(evil(first), config(), "en")))
    cell = book["By staff member"].cell(2, 1)
    assert (cell.data_type, cell.hyperlink) == ("s", None)


@given(st.lists(st.tuples(st.floats(0, 1e7), st.none() | st.floats(0, 1e7)), max_size=40), st.sampled_from((330, 620)))
def test_bars_stay_within_their_plot_and_apart(values: list[tuple[float, float | None]], width: int) -> None:
    drawn = plot([Column(str(n), pair) for n, pair in enumerate(values)], width, 200)
    assert all(bar.x >= 0 and bar.x + bar.width <= width for bar in drawn.bars)
    assert all(bar.y >= TOP - 0.01 and bar.y + bar.height == pytest.approx(200 - BOTTOM, abs=0.02) for bar in drawn.bars)
    assert all(later.x >= bar.x + bar.width - 0.02 for bar, later in zip(drawn.bars, drawn.bars[1:], strict=False))
    assert len(drawn.scale) <= 6
    assert all(later.at - mark.at >= 29.9 for mark, later in zip(drawn.labels, drawn.labels[1:], strict=False))


@pytest.mark.parametrize(("most", "step"), [(0, 1), (1, 0.2), (4, 1), (5, 1), (7, 2), (10, 2), (11, 5), (99, 20), (1600, 500)])
def test_the_scale_has_round_figures(most: float, step: float) -> None:
    assert round_step(most) == pytest.approx(step)


def test_times_are_written_to_the_second() -> None:
    assert [lasted(seconds) for seconds in (None, 0, 59.6, 61, 3600, 7384)] == ["—", "0:00", "1:00", "1:01", "1:00:00", "2:03:04"]


async def test_the_figures_are_typed_in_the_description(staff: httpx.AsyncClient) -> None:
    document = (await staff.get("/api/v1/openapi.json")).json()
    answer = document["paths"]["/api/v1/reports/month"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Report"}
    assert {"tickets", "waiting", "ratings"} <= set(document["components"]["schemas"]["Figures"]["properties"])
