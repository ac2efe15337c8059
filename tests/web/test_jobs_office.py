"""In the office, in a browser: a case from step to step, an account, a new machine, a report taken home."""

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from contract import dispatch
from contract.enrolment import Claim, Identity, bound
from contract.events import ComplaintMade
from tests.chromium import NEEDS_CHROMIUM, SIZES
from tests.web.browsing import EVERYWHERE, LANGUAGES, visit
from tests.web.busy import BusyHall

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]


async def new_case(busy: BusyHall, name: str) -> str:
    """Somebody complains at window 2; the case that it opens."""
    before = {case.id for case in busy.hall.view().cases}
    busy.morning.report(*busy.morning.rater("window-2"), ComplaintMade(complaint=f"complaint-{name}", window="window-2"))
    await busy.settled()
    (case,) = {case.id for case in busy.hall.view().cases} - before
    return str(case)


@EVERYWHERE
async def test_a_case_is_assigned_taken_a_step_on_and_appealed(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    case = await new_case(busy, f"{lang}-{size}")
    async with visit(chrome, busy, lang, size, "one-dispatch") as here:
        await here.go("/cases")
        card = here.page.locator(f"[data-key=case-{case}]")
        step = card.locator("li[aria-current=step]")
        await expect(step).to_contain_text("核实" if lang == "zh" else "Verif")
        await card.locator("[data-key=assign] summary").click()
        await card.locator("select[name=assignee]").select_option(index=1)
        await card.locator("[data-do=assign-case] [type=submit]").click()
        chosen = next(known for known in busy.morning.config.staff[1:2])
        await expect(card.locator(".compare")).to_contain_text(chosen.name.zh if lang == "zh" else chosen.name.en)
        await card.locator("[data-do=step-case] [name=note]").fill("已核实")
        await card.locator("[data-do=step-case] [type=submit]").click()
        await expect(step).not_to_contain_text("核实" if lang == "zh" else "Verif")
        await card.locator("[data-key=appeal] summary").click()
        await card.locator("[data-do=appeal-case] [name=note]").fill("当事人按错了键")
        await card.locator("[data-do=appeal-case] [type=submit]").click()
        await expect(card.locator(".touch")).to_contain_text("当事人按错了键")
        await expect(card.locator("[data-do=decide-appeal]")).to_have_count(2)
    await busy.ask(dispatch.DecideAppeal(case=case, upheld=True))


@EVERYWHERE
async def test_an_account_is_made_and_given_another_role(chrome: Browser, busy: BusyHall, lang: str, size: str) -> None:
    name = f"new-{lang}-{size}"
    async with visit(chrome, busy, lang, size) as here:
        await here.go("/accounts")
        adding = here.page.locator("form[action='/accounts']")
        await adding.locator("[name=name]").fill(name)
        await adding.locator("[name=role]").select_option("window")
        await adding.locator("[type=submit]").click()
        await expect(here.page.locator(".success .secret")).to_contain_text("/enter?token=")
        row = here.page.locator(".user", has=here.page.locator(f"strong:text-is('{name}')"))
        await row.locator("[name=role]").select_option("facilities")
        await row.locator("form[action='/accounts/change'] [type=submit]").click()
        await expect(row.locator("[name=role]")).to_have_value("facilities")
        await expect(here.page.locator("tbody tr").first).to_contain_text(name)


@pytest.mark.parametrize(("lang", "size", "place"), [(lang, size, place) for place, (lang, size) in enumerate(
    ((lang, size) for lang in LANGUAGES for size in SIZES), start=3)])  # fmt: skip
async def test_a_new_machine_is_let_in(chrome: Browser, busy: BusyHall, lang: str, size: str, place: int) -> None:
    node = busy.morning.config.node[place].id
    token = busy.book.invite(node, Identity.NODE, "admin")
    claim = Claim(
        token=token, bound=bound(token, "csr"), hall=busy.morning.config.hall.id, role=Identity.NODE, name=node, request="csr",
        serial=f"10000000abcdef{place:02}", model="Raspberry Pi 4 Model B Rev 1.5",
    )  # fmt: skip
    busy.book.claim(claim, f"{place}" * 64, "192.0.2.21")
    async with visit(chrome, busy, lang, size, "one-facilities") as here:
        await here.go("/nodes")
        card = here.page.locator("section.node", has=here.page.locator(f"code:text-is('10000000abcdef{place:02}')"))
        await expect(card.locator(".blinks")).to_be_visible()
        await card.locator("[value=approve]").click()
        await expect(here.page.locator(".success")).to_contain_text(node)
        await expect(card).to_have_count(0)


@EVERYWHERE
async def test_a_report_is_taken_home(chrome: Browser, busy: BusyHall, lang: str, size: str, tmp_path: Path) -> None:
    async with visit(chrome, busy, lang, size, "one-viewer") as here:
        await here.go("/reports")
        async with here.page.expect_download() as workbook:
            await here.page.locator("a[href^='/reports/report.xlsx']").click()
        await (await workbook.value).save_as(tmp_path / "report.xlsx")
        assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"
        async with here.page.expect_download() as table:
            await here.page.locator("a[href^='/reports/csv/services']").click()
        await (await table.value).save_as(tmp_path / "services.csv")
        rows = list(csv.reader(io.StringIO((tmp_path / "services.csv").read_text(encoding="utf-8-sig"))))
        assert len(rows) > len(busy.morning.config.service)
        await here.page.emulate_media(media="print")
        await expect(here.page.locator(".nav")).to_be_hidden()
        await expect(here.page.locator("table").first).to_be_visible()
