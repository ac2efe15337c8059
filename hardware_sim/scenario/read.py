"""Reading a scenario file: the scenario with the line of each of its steps, or one error that names the line and the remedy."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.settings import BadSettings, parse, read_text
from hardware_sim.scenario.names import learned_by, names_in
from hardware_sim.scenario.steps import Scenario

SHELF = Path(__file__).parents[1] / "scenarios"
"""The scenarios that come with the program; their halls lie in `halls/` below."""

_BEGINS = re.compile(r"\s*(\[\[\s*step\s*\]\]|(step\s*=\s*\[\s*)?\{)")
"""A step begins with its header, or is a line of its own in one list of steps."""
_PLACE = re.compile(r"`step\[(\d+)\](?:\.([\w-]+))?")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")


@dataclass(frozen=True)
class Script:
    """A scenario as it was read."""

    path: Path
    scenario: Scenario
    lines: tuple[int, ...]
    """The line at which each step begins."""

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    def at(self, step: int) -> str:
        """Where a step stands, as errors say it."""
        return f"{self.path.name}:{self.lines[step]}"

    @property
    def plan(self) -> Path:
        """The hall's file. Raises `BadSettings` when there is none."""
        return _plan(self)


def read_script(path: Path) -> Script:
    """Read a scenario file. Raises `BadSettings`."""
    text = read_text(path)
    lines = _step_lines(text)
    try:
        scenario = parse(text, Scenario, name=path.name)
    except BadSettings as problem:
        raise BadSettings(_with_line(str(problem), path.name, text, lines)) from problem
    script = Script(path, scenario, _as_many(lines, len(scenario.step)))
    _refuse_unknown_names(script)
    return script


def shelf() -> list[Path]:
    """All scenarios that come with the program."""
    return sorted(SHELF.glob("*.toml"))


def find(word: str) -> Path:
    """A scenario by its path, or by its name on the shelf. Raises `BadSettings`."""
    path = Path(word)
    if path.exists():
        return path
    known = {each.stem: each for each in shelf()}
    if word in known:
        return known[word]
    raise BadSettings(f"{word}: there is no such file, and no such scenario{_guess(path.stem, known)}; see `hallware sim list`")


def _step_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if _BEGINS.match(line)]


def _as_many(lines: Sequence[int], steps: int) -> tuple[int, ...]:
    """A line for every step, also of steps that are written in one table."""
    return (*lines, *([lines[-1] if lines else 1] * steps))[:steps]


def _with_line(problem: str, name: str, text: str, lines: Sequence[int]) -> str:
    """The same words with the line behind the file's name, where one is known."""
    place = _PLACE.search(problem)
    if place is None or int(place[1]) >= len(lines):
        return problem
    unknown = _UNKNOWN.search(problem)
    line = _line_of(place[2] or (unknown[1] if unknown else None), int(place[1]), text, lines)
    return problem.replace(f"{name}:", f"{name}:{line}:", 1)


def _line_of(key: str | None, step: int, text: str, lines: Sequence[int]) -> int:
    end = lines[step + 1] - 1 if step + 1 < len(lines) else None
    for number, line in enumerate(text.splitlines()[lines[step] : end], lines[step] + 1):
        if key is not None and re.match(rf"\s*{re.escape(key)}\b", line):
            return number
    return lines[step]


def _refuse_unknown_names(script: Script) -> None:
    known: list[str] = []
    for number, step in enumerate(script.scenario.step):
        for name in names_in(step):
            if name not in known:
                raise BadSettings(
                    f"{script.at(number)}: `{{{name}}}` stands for nothing here{_guess(name, known)}; "
                    "a step before must have that `name`"
                )
        known += learned_by(step)


def _plan(script: Script) -> Path:
    word = script.scenario.hall
    beside = script.path.parent / word
    if word.endswith(".toml"):
        if beside.exists():
            return beside
        raise BadSettings(f"{script.path.name}: `hall`: there is no {beside}")
    known = dict(_halls())
    if word not in known:
        raise BadSettings(
            f"{script.path.name}: `hall`: there is no hall `{word}`{_guess(word, known)}; there are {', '.join(known)}, "
            "or write the path of a hall.toml"
        )
    return known[word]


def _halls() -> Iterator[tuple[str, Path]]:
    return ((path.stem, path) for path in sorted((SHELF / "halls").glob("*.toml")))


def _guess(word: str, known: Sequence[str] | dict[str, Path]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
