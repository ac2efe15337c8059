"""Scenario files are read with the line of each step, and a mistake is one sentence with its line and a remedy."""

from pathlib import Path

import pytest

from contract.settings import BadSettings
from hallware.scenes.checking import check
from hardware_sim.scenario import steps
from hardware_sim.scenario.read import find, read_script, shelf
from tests.scenarios.story import script, write

PRESS = {"do": "press", "device": "kiosk-1", "key": "social-security"}


def test_step_knows_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, PRESS, {"do": "wait", "seconds": 1.5})
    read = read_script(path)
    lines = path.read_text().splitlines()
    assert [lines[line - 1] for line in read.lines] == ["[[step]]", "[[step]]"]
    assert read.scenario.step[1] == steps.Wait(seconds=1.5)


def test_steps_may_stand_in_a_list_one_to_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list.toml"
    head = 'hall = "counter"\ntitle = { zh = "试", en = "a" }\nabout = { zh = "试", en = "a" }\nstep = [\n    # two\n'
    path.write_text(head + '    { do = "wait", seconds = 1 },\n    { do = "wait", seconds = 2 },\n]\n')
    assert read_script(path).lines == (6, 7)
    path.write_text(path.read_text().replace("seconds = 2", "second = 2"))
    with pytest.raises(BadSettings, match=r"list\.toml:7: unknown field `second`"):
        read_script(path)


@pytest.mark.parametrize(
    ("step", "key", "words"),
    [
        ({"do": "expect-stat", "device": "kiosk-1"}, "do", "did you mean `expect-state`?"),
        ({"do": "expect-state", "device": "kiosk-1", "sys": "x"}, "sys", "unknown field `sys`"),
        ({"do": "wait", "seconds": -1}, "seconds", "seconds"),
        ({"do": "press", "device": "kiosk-1"}, "[[step]]", "`key` is missing"),
        ({"do": "process", "who": "broker", "act": "kil"}, "act", "did you mean `kill`?"),
    ],
)
def test_mistake_names_its_line_and_what_may_stand_there(tmp_path: Path, step: dict[str, object], key: str, words: str) -> None:
    path = write(tmp_path, PRESS, step)
    with pytest.raises(BadSettings) as problem:
        read_script(path)
    name, line, _ = str(problem.value).split(":", 2)
    assert name == "trial.toml"
    assert path.read_text().splitlines()[int(line) - 1].startswith(key)
    assert words in str(problem.value)


def test_name_that_nobody_has_is_refused_where_it_stands(tmp_path: Path) -> None:
    arrive = {"do": "arrive", "kiosk": "kiosk-1", "key": "social-security", "name": "first"}
    with pytest.raises(BadSettings, match=r"trial\.toml:\d+: `{frist}` stands for nothing here; did you mean `first`\?"):
        script(tmp_path, arrive, {"do": "expect-board", "board": "strip-1", "shows": "{frist}"})


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"do": "press", "device": "kiosk-9", "key": "x"}, "there is no device `kiosk-9`; did you mean `kiosk-1`?"),
        ({"do": "move", "device": "kiosk-1", "hand": "open_covr"}, "no hand of kiosk-1 `open_covr`; did you mean `open_cover`?"),
        ({"do": "move", "device": "kiosk-1", "hand": "slow_down", "with": {"bytes_per_second": 0}}, ">= 1"),
        ({"do": "ask", "ask": "call-nxt", "with": {"window": "window-1"}}, "call-nxt"),
        ({"do": "expect-window", "window": "window-7"}, "there is no window `window-7`"),
        ({"do": "expect-stored", "table": "rating"}, "no table `rating`; did you mean `ratings`?"),
        ({"do": "expect-stored", "table": "ratings", "where": {"levl": 5}}, "no column `levl`; did you mean `level`?"),
        ({"do": "process", "who": "brokr", "act": "kill"}, "did you mean `broker`?"),
        ({"do": "expect-node", "node": "attic", "state": "online"}, "there is no node `attic`"),
        ({"do": "expect-waiting", "service": "tax", "count": 0}, "there is no service `tax`"),
    ],
)
def test_what_the_hall_does_not_have_is_refused_before_it_is_played(tmp_path: Path, step: dict[str, object], words: str) -> None:
    read = script(tmp_path, PRESS, step)
    with pytest.raises(BadSettings) as problem:
        check(read)
    assert str(problem.value).startswith(read.at(1))
    assert words in str(problem.value)


def test_hall_is_found_beside_the_file_or_on_the_shelf(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"there is no hall `countr`; did you mean `counter`\?"):
        _ = script(tmp_path, PRESS, hall="countr").plan
    with pytest.raises(BadSettings, match=r"there is no .*mine\.toml"):
        _ = script(tmp_path, PRESS, hall="mine.toml").plan
    (tmp_path / "mine.toml").write_text(script(tmp_path, PRESS).plan.read_text())
    check(script(tmp_path, PRESS, hall="mine.toml"))


def test_scenario_is_found_by_its_name() -> None:
    assert find("paper_out") in shelf()
    with pytest.raises(BadSettings, match=r"did you mean `paper_out`\?"):
        find("paper_ot")
