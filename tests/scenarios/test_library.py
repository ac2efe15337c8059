"""The library: every scenario is well formed and says in both languages what it is about; some are played here for real."""

import asyncio
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hallware.scenes.checking import check
from hardware_sim.scenario.read import read_script, shelf
from tests.demo.bench_hall import until
from tests.demo.test_demo_run import demo, left_behind
from tests.scenarios.story import write

PLAYED = ["ordinary_visit", "paper_out", "board_brown_out", "caller_unplugged", "room_stay"]


@pytest.mark.parametrize("path", shelf(), ids=lambda path: path.stem)
def test_scenario_fits_its_hall(path: Path) -> None:
    check(read_script(path))


def test_titles_are_all_different() -> None:
    for language in ("zh", "en"):
        titles = [getattr(read_script(path).scenario.title, language) for path in shelf()]
        assert len(set(titles)) == len(titles)


async def sim(*words: str) -> tuple[int, str]:
    """Exit code and words of `hallware sim …`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hallware.main", "sim", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.mark.timeout(240)
async def test_scenarios_are_played_in_one_hall_and_nothing_is_left_behind(tmp_path: Path) -> None:
    report = tmp_path / "junit.xml"
    words = ("--keep", str(tmp_path / "halls"), "--junit", str(report), "--html", str(tmp_path / "report.html"))
    code, said = await sim("run", *PLAYED, *words)
    assert code == 0, said
    assert ElementTree.parse(report).getroot().get("tests") == str(len(PLAYED))
    assert "data:image/png" in (tmp_path / "report.html").read_text()
    assert [folder.name for folder in (tmp_path / "halls").iterdir() if folder.is_dir()] == ["counter-1"]
    assert left_behind(tmp_path) == []


@pytest.mark.timeout(240)
async def test_scenario_is_played_in_a_hall_that_runs_already_whose_processes_are_not_ours(tmp_path: Path) -> None:
    steps = (
        {"do": "arrive", "kiosk": "kiosk-1", "key": "social-security", "name": "an"},
        {"do": "press", "device": "caller-1", "key": "next"},
        {"do": "expect-board", "board": "strip-1", "shows": "{an}"},
        {"do": "expect-stored", "table": "calls", "where": {"number": "{an}"}, "count": 1},
    )
    good = write(tmp_path, *steps, name="good")
    bold = write(tmp_path, {"do": "process", "who": "broker", "act": "kill"}, name="bold")
    async with demo(tmp_path, "--no-people") as (process, said):
        await until(lambda: "?key=" in said.read_text() or process.returncode is not None, within=90)
        code, words = await sim("run", str(good), "--hall", str(tmp_path))
        assert code == 0, words
        code, words = await sim("run", str(bold), "--hall", str(tmp_path))
        assert code == 2
        assert "no process `broker` here can be touched" in words
    code, words = await sim("run", str(good), "--hall", str(tmp_path / "nowhere"))
    assert code == 2
    assert "client.toml" in words


async def test_mistake_is_told_before_a_hall_is_started(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    good = next(path for path in shelf() if path.stem == "paper_out")
    bad.write_text(good.read_text().replace("kiosk-1", "kisk-1"))
    code, said = await sim("run", str(bad))
    assert code == 2
    assert "did you mean `kiosk-1`?" in said
    assert (await sim("check", str(bad)))[0] == 2
    assert (await sim("run"))[0] == 2
