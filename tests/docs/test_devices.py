"""docs/devices.md names every kind and dialect of node.toml, and of each the faults that its simulated device can have."""

import re
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import pytest

from firmware.config import DeviceConfig, NodeConfig, PrinterConfig
from hallware.simulated import Simulation
from hardware_sim.mending import MENDS
from hardware_sim.page.words import USE
from tests.docs.devices import DEVICES, config_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "devices.md").read_text(encoding="utf-8")
MENDING = MENDS.keys() - {"power_off"}
"""Hands that only make well again."""


class Row(NamedTuple):
    """A row of the table."""

    kind: str
    dialect: str
    device: str
    wire: str
    settings: str
    simulated: str
    faults: str
    tried: str


ROWS = [Row(*(cell.strip() for cell in line.strip("| ").split(" | "))) for line in PAGE.splitlines() if "| never" in line]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def dialects_of_node_toml() -> set[tuple[str, str]]:
    """Kind and dialect of everything that may stand in node.toml."""
    found = set()
    for config in get_args(DeviceConfig):
        hints = get_type_hints(config)
        chosen: Any = hints.get("dialect", hints.get("speaks"))
        literal = get_args(chosen) if get_origin(chosen) is not None else ("–",)
        found |= {(config.__struct_config__.tag, dialect) for dialect in literal}
    return found


def test_every_kind_and_dialect_of_node_toml_has_a_row_and_no_other() -> None:
    assert [(row.kind.strip("`"), row.dialect.strip("`")) for row in ROWS] == list(DEVICES)
    assert set(DEVICES) == dialects_of_node_toml()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind} {row.dialect}")
def test_a_row_tells_of_its_simulated_device(row: Row) -> None:
    key = row.kind.strip("`"), row.dialect.strip("`")
    there = Simulation(config_of(*key)).bench.peripherals["it"]
    assert names(row.faults) == sorted(set(there.hands) - USE - MENDING)
    assert (ROOT / names(row.simulated)[0]).exists()
    assert row.tried == "never"


def test_every_setting_of_printers_that_is_one_of_a_few_is_on_the_page() -> None:
    hints = get_type_hints(PrinterConfig)
    for value in [*get_args(hints["encoding"]), *get_args(hints["flow"])]:
        assert f"`{value}`" in PAGE
    assert all(f"{paper}" in PAGE for paper in get_args(hints["paper"]))


def test_the_picture_of_each_way_of_wiring_is_there() -> None:
    assert set(re.findall(r"pictures/en/(wiring-[a-z0-9]+\.svg)", PAGE)) == {
        path.name for path in (ROOT / "docs" / "pictures" / "en").glob("wiring-*.svg")
    }


def test_every_node_of_these_devices_is_well_formed() -> None:
    assert all(isinstance(config_of(*key), NodeConfig) for key in DEVICES)
