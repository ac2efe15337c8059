"""A report as one HTML file that needs nothing else: every scenario's steps on a timeline, with pictures as they were."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hardware_sim.scenario.play import Done, Happening, Performance
from hardware_sim.scenario.words import OUTCOMES, in_words


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: a step, or what the hall said meanwhile."""

    at: float
    done: Done | None = None
    said: Happening | None = None


def write_html(performances: Iterable[Performance], path: Path) -> None:
    """Write the report to `path`."""
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    pages.filters["png"] = lambda data: "data:image/png;base64," + b64encode(data).decode()
    played = sorted(performances, key=lambda one: (one.outcome == "passed", one.script.name))
    text = pages.get_template("report.html").render(
        played=played, words=in_words, outcomes=OUTCOMES, timeline=_timeline, good=sum(one.outcome == "passed" for one in played)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _timeline(performance: Performance) -> list[Entry]:
    entries = [Entry(done.began, done=done) for done in performance.done]
    entries += [Entry(said.at, said=said) for said in performance.happenings]
    return sorted(entries, key=lambda entry: entry.at)
