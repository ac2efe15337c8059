"""A report as JUnit XML, for a CI server: one test case for each scenario."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from hardware_sim.scenario.play import Done, Performance
from hardware_sim.scenario.words import in_words


def write_junit(performances: Iterable[Performance], path: Path) -> None:
    """Write the report to `path`."""
    played = list(performances)
    suite = ElementTree.Element(
        "testsuite",
        name="hallware scenarios",
        tests=str(len(played)),
        failures=str(sum(one.outcome == "failed" for one in played)),
        errors=str(sum(one.outcome == "broken" for one in played)),
        time=f"{sum(one.took for one in played):.3f}",
    )
    for performance in played:
        suite.append(_case(performance))
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _case(performance: Performance) -> ElementTree.Element:
    script = performance.script
    case = ElementTree.Element("testcase", classname=script.scenario.hall, name=script.name, time=f"{performance.took:.3f}")
    for done in performance.done:
        if done.outcome != "passed":
            tag = "failure" if done.outcome == "failed" else "error"
            problem = ElementTree.SubElement(case, tag, message=f"{script.path.name}:{done.line}: {in_words(done.step).en}")
            problem.text = done.found
    ElementTree.SubElement(case, "system-out").text = "\n".join(_line(done) for done in performance.done)
    return case


def _line(done: Done) -> str:
    words = in_words(done.step)
    return f"{done.began:8.2f} s  {done.outcome:<7} {words.zh} / {words.en}" + (f"  [{done.found}]" if done.found else "")
