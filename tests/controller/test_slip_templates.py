"""A slip's template that is changed or added counts without a restart; a broken one is refused, told, and the old one stays."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from controller.config import HallConfig
from controller.config_rules import SlipRules
from controller.running import running
from controller.service import HallService
from hallware.press import Press, keep_read
from tests.controller.halls import hall, sqlite
from tests.controller.play import DEADLINE, Client, until

LOAN = """
name = {{ zh = "物品借用单", en = "{title}" }}

[fields.what]
zh = "物品"
en = "Thing"
sample = "雨伞"
{more}
[[part]]
kind = "field"
field = "what"
"""
BROKEN = LOAN.replace('field = "what"', 'field = "wat"')


def loan(title: str = "Loan", more: str = "", text: str = LOAN) -> str:
    return text.format(title=title, more=more)


def config(folder: Path, store: str = "sqlite://", port: int = 1883) -> HallConfig:
    return msgspec.structs.replace(hall(store, port=port), slips=SlipRules(templates=folder))


def titles(press: Press) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the hall's own template is called, and what is wrong."""
    return tuple(form.name.en for name, form in press.forms.items() if name == "loan"), press.problems


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "templates"
    found.mkdir()
    return found


def test_a_broken_file_stays_what_it_was_until_it_is_put_right(folder: Path) -> None:
    file = folder / "loan.toml"
    file.write_text(loan())
    press = Press(config(folder))
    assert titles(press) == (("Loan",), ())
    assert not press.look(), "nothing has changed"
    file.write_text(loan("Broken", text=BROKEN))
    assert press.look()
    said = "loan.toml: template `loan`: part 1 shows `wat`, which is no field; did you mean `what`? (at line 9)"
    assert titles(press) == (("Loan",), (said,))
    file.write_text(loan("Put right"))
    assert press.look()
    assert titles(press) == (("Put right",), ())
    file.unlink()
    assert press.look()
    assert titles(press) == ((), ())


def test_of_a_folder_that_cannot_be_read_everything_stays(folder: Path) -> None:
    (folder / "loan.toml").write_text(loan())
    press = Press(config(folder))
    folder.rename(folder.with_name("elsewhere"))
    press.look()
    assert "loan" in press.forms
    folder.with_name("elsewhere").rename(folder)
    press.look()
    assert (press.problems, "loan" in press.forms) == ((), True)


def test_a_link_that_leads_nowhere_hides_no_change_beside_it(folder: Path) -> None:
    (folder / "loan.toml").write_text(loan())
    (folder / ".#loan.toml").symlink_to("somebody@editing")
    press = Press(config(folder))
    (folder / "loan.toml").write_text(loan("Put right"))
    assert press.look()
    assert titles(press)[0] == ("Put right",)


def test_a_packaged_template_serves_where_the_halls_own_was_never_right(folder: Path) -> None:
    (folder / "handover.toml").write_text("name =")
    press = Press(config(folder))
    assert press.problems[0].startswith("handover.toml: is not TOML")
    assert "papers" in press.forms["handover"].fields


@asynccontextmanager
async def at_work(broker: MosquittoProcess, folder: Path) -> AsyncIterator[tuple[HallService, Client]]:
    """A hall whose press is looked after, and somebody at its desk."""
    settings = config(folder, sqlite(folder.parent), broker.port)
    press = Press(settings)
    async with running(settings, forms=press.forms) as now, Client(broker) as client:
        await now.link.wait_up(DEADLINE)
        await client.birth("entrance", "session-1", devices=("kiosk-1",))
        await until(lambda: not any(node.away for node in now.hall.view().nodes if node.node == "entrance"))
        task = asyncio.create_task(keep_read(press, now.hall, every=0.05))
        try:
            yield now.hall, client
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_running_hall_takes_a_new_template_and_refuses_a_broken_one(
    broker: MosquittoProcess, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    order = dispatch.IssueSlip(template="loan", fields={"what": "轮椅"}, at="kiosk-1")
    async with at_work(broker, folder) as (running_hall, client):
        assert (await client.ask(order)).code == "unknown-template"
        (folder / "loan.toml").write_text(loan())
        await until(lambda: "loan" in running_hall.forms)
        assert str((await client.ask(order)).slip).endswith("-0001")
        (folder / "loan.toml").write_text(loan(text=BROKEN))
        await until(lambda: running_hall.view().counts.get("template-broken"))
        assert "loan.toml: template `loan`: part 1 shows `wat`" in caplog.text
        assert "`hallware preview` tries it" in caplog.text
        assert str((await client.ask(order)).slip).endswith("-0002"), "the one before serves"
        (folder / "loan.toml").write_text(loan(more='\n[fields.until]\nzh = "归还"\nen = "Back by"\nsample = "x"\n'))
        await until(lambda: "until" in running_hall.forms["loan"].fields)
        assert (await client.ask(order)).code == "missing-field", "by the new form"
        assert client.messages(topics.COMMAND)[-1].do.slip.endswith("-0002")
    assert running_hall.view().counts["template-broken"] == 1, "told once"
