"""Reports tell what was played: JUnit for machines, HTML with pictures for people."""

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hardware_sim.scenario.html import write_html
from hardware_sim.scenario.junit import write_junit
from hardware_sim.scenario.play import Performance, Player
from tests.demo.bench_hall import bench_hall
from tests.scenarios.story import BenchWorld, script


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[list[Performance]]:
    async with bench_hall(tmp_path) as bench:
        player = Player(BenchWorld(bench))
        good = script(tmp_path, {"do": "expect-board", "board": "strip-1", "dark": True, "note": "<b> & so on"}, name="good")
        bad = script(tmp_path, {"do": "expect-board", "board": "strip-1", "shows": "A012", "within": 0.1}, name="bad")
        broken = script(tmp_path, {"do": "move", "device": "strip-1", "hand": "fly"}, name="broken")
        yield [await player.play(one) for one in (good, bad, broken)]


def test_junit_counts_failures_and_errors_apart(played: list[Performance], tmp_path: Path) -> None:
    write_junit(played, tmp_path / "reports" / "junit.xml")
    suite = ElementTree.parse(tmp_path / "reports" / "junit.xml").getroot()
    assert {key: suite.get(key) for key in ("tests", "failures", "errors")} == {"tests": "3", "failures": "1", "errors": "1"}
    case = suite.findall("testcase")[1]
    failure = case.find("failure")
    assert (case.get("name"), case.get("classname")) == ("bad", "counter")
    assert failure is not None
    assert failure.get("message") == f"bad.toml:{played[1].done[0].line}: expect: strip-1 shows “A012”"
    assert failure.text == "dark"


def test_html_is_one_file_with_pictures_and_both_languages(played: list[Performance], tmp_path: Path) -> None:
    write_html(played, tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == 2
    assert "应当：strip-1 全灭" in html
    assert "expect: strip-1 is dark" in html
    assert "&lt;b&gt; &amp; so on" in html
    assert html.index('id="bad"') < html.index('id="good"')
    assert 'src="http' not in html
    assert "<link" not in html
