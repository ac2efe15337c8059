"""docs/settings.md has every setting of hall.toml with its default; each kind's wiring page names all of its settings."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from contract.settings import Settings, parse
from controller.config import HallConfig
from controller.config_hours import Names
from firmware.config import DeviceConfig, NodeConfig, NodeIdentity

DOCS = Path(__file__).parents[2] / "docs"
WIRING = sorted(path for path in (DOCS / "wiring").glob("*.md") if not path.name.endswith(".zh.md"))
BLOCK = re.compile(r"^```toml\n(.*?)^```", re.DOTALL | re.MULTILINE)
TOP = ("At the top", "最上面")
ELSEWHERE = ("service.hours", "upkeep.task.steps", "room.items", "trust.loopback", "home_assistant.broker")
"""Tables whose keys stand at another one of the same kind, or beside their name."""
ABSENT = {"–": "it must be written", "none": None, "无": None}


class Devices(Settings, frozen=True, kw_only=True):
    """What an example of a wiring page is."""

    device: tuple[DeviceConfig, ...]


def parts(kind: Any) -> Iterator[type[Settings]]:
    """The tables that a field's type is made of."""
    if isinstance(kind, type) and issubclass(kind, Settings) and kind is not Names:
        yield kind
    for inner in get_args(kind):
        yield from parts(inner)


def meant(kind: type[Settings], table: str = "") -> Iterator[tuple[tuple[str, str], Any]]:
    """Table, key and default of every setting."""
    for field in msgspec.structs.fields(kind):
        place = f"{table}.{field.encode_name}".lstrip(".")
        inner = [] if place in ELSEWHERE else list(parts(field.type))
        for part in inner:
            yield from meant(part, place)
        if not inner:
            yield (table, field.encode_name), plain(ABSENT["–"] if field.required else field.default)


def plain(value: Any) -> Any:
    """A default as TOML has it; of a table what differs from the table's own defaults."""
    if isinstance(value, Names):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Settings):
        return {name: plain(it) for name, it in msgspec.structs.asdict(value).items() if it != getattr(type(value)(), name)}
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value


def told(page: Path) -> Iterator[tuple[tuple[str, str], Any]]:
    """Table, key and default of every row of the page."""
    table = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            table = "" if line[3:] in TOP else line[3:].strip("`[]")
        elif row := re.match(r"\| `(\w+)` \| (–|none|无|`.*?`) \|", line):
            yield (table, row[1]), ABSENT[row[2]] if row[2] in ABSENT else tomllib.loads(f"it = {row[2].strip('`')}")["it"]


@pytest.mark.parametrize("page", ["settings.md", "settings.zh.md"])
def test_every_setting_of_hall_toml_stands_there_with_its_default_and_no_other(page: str) -> None:
    assert dict(told(DOCS / page)) == dict(meant(HallConfig))


def test_the_example_of_a_whole_node_toml_is_good_and_names_every_setting_of_a_node() -> None:
    (block,) = BLOCK.findall((DOCS / "devices.md").read_text(encoding="utf-8"))
    assert parse(block, NodeConfig, name="devices.md").node
    assert set(tomllib.loads(block)["node"]) == {field.encode_name for field in msgspec.structs.fields(NodeIdentity)}


@pytest.mark.parametrize("page", WIRING, ids=lambda page: page.name)
def test_the_examples_of_a_wiring_page_are_good(page: Path) -> None:
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        assert parse(block, Devices, name=page.name).device


@pytest.mark.parametrize("kind", get_args(DeviceConfig), ids=lambda kind: str(kind.__struct_config__.tag))
def test_a_wiring_page_names_every_setting_of_its_kind(kind: type[Settings]) -> None:
    tag = kind.__struct_config__.tag
    pages = [DOCS / "wiring" / f"{name}.md" for name in ([tag, "touch"] if tag == "kiosk" else [tag])]
    words = set(re.findall(r"\w+", "".join(page.read_text(encoding="utf-8") for page in pages)))
    assert {key for (_, key), _ in meant(kind)} - words == set()
