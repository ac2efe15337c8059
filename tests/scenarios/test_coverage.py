"""The library leaves no device out and no fault: each dialect takes part in a story, each hand that breaks something is moved."""

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from firmware.config import CallerConfig, RaterConfig, ScannerConfig
from hallware.simulated import Simulation
from hardware_sim.page.words import USE
from hardware_sim.scenario.read import read_script, shelf
from tests.docs.devices import DEVICES, config_of
from tests.docs.test_devices import MENDING

UNSAID = {"caller": "keypad", "rater": "gpio", "scanner": "keys"}
"""The dialect of a device for which node.toml names none."""


def dialect_of(device: dict[str, str]) -> tuple[str, str]:
    kind = device["kind"]
    return kind, device.get("dialect", device.get("speaks", UNSAID.get(kind, "–")))


def devices_of(plan: Path) -> dict[str, tuple[str, str]]:
    """Kind and dialect of each device of a hall."""
    nodes = tomllib.loads(plan.read_text(encoding="utf-8"))["node"]
    return {device["id"]: dialect_of(device) for node in nodes for device in node["device"]}


def moved() -> dict[tuple[str, str], set[str]]:
    """The hands that the stories move, by kind and dialect; none for a device that is only looked at."""
    found = defaultdict[tuple[str, str], set[str]](set)
    for script in map(read_script, shelf()):
        there = devices_of(script.plan)
        for step in script.scenario.step:
            named = getattr(step, "device", None) or getattr(step, "board", None)
            if named in there:
                found[there[named]] |= {getattr(step, "hand", "")} - {""}
    return found


def breaking(kind: str, dialect: str) -> set[str]:
    """The hands that break something of such a device."""
    return set(Simulation(config_of(kind, dialect)).bench.peripherals["it"].hands) - USE - MENDING


def test_every_dialect_takes_part_in_a_story() -> None:
    assert set(moved()) == set(DEVICES)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in DEVICES}))
def test_every_fault_of_a_kind_is_made_in_a_story(kind: str) -> None:
    stories = moved()
    made = {hand for key, hands in stories.items() if key[0] == kind for hand in hands}
    possible = {hand for each, dialect in DEVICES if each == kind for hand in breaking(each, dialect)}
    assert possible - made == set()


def test_the_dialects_that_go_without_saying_are_those_of_node_toml() -> None:
    callers, raters, scanners = (kind.__struct_defaults__ for kind in (CallerConfig, RaterConfig, ScannerConfig))
    assert ("keypad" in callers, "gpio" in raters, "keys" in scanners) == (True, True, True)
