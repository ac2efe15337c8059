"""A configuration file is read, or refused in one sentence that names file, key and remedy."""

from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.settings import BadSettings, parse, read
from controller.config import HallConfig
from firmware.config import NodeConfig
from hallware.main import main

NODE = '[node]\nid = "entrance"\nhall = "centre"\n'
BOARD = '[[device]]\nkind = "board"\nid = "board-1"\n'
HALL = (files("hallware.demo") / "hall.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (NODE + "[broker]\nprot = 1\n" + BOARD, "unknown field `prot` at `broker`; did you mean `port`?"),
        (NODE + BOARD + "width = 12\n", "`device[0].width`: Expected `int` that's a multiple of 8, but it is 12"),
        (NODE + BOARD + BOARD, "device id `board-1` is used more than once"),
        (NODE + BOARD + 'layout = "window"\n', "a board with layout `window` needs `window`"),
        ("[node\n", "is not TOML"),
        (NODE, "`device` is missing"),
    ],
)
def test_a_mistake_in_node_toml_is_named_with_its_place_and_remedy(text: str, says: str) -> None:
    with pytest.raises(BadSettings) as refused:
        parse(text, NodeConfig, name="node.toml")
    assert str(refused.value).startswith("node.toml: ")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('zone = "zone-a"', 'zone = "zone-x"', "there is no zone `zone-x`; known are zone-a, zone-b"),
        ('prefix = "B"', 'prefix = "A"', "service prefix `A` is used more than once"),
        ("interval", "intervall", "unknown field `intervall` at `calling`; did you mean `interval`?"),
        ('prefix = "A"', 'prefix = "a1"', "Expected `str` matching regex"),
    ],
)
def test_a_mistake_in_hall_toml_is_named_with_its_place_and_remedy(old: str, new: str, says: str) -> None:
    with pytest.raises(BadSettings) as refused:
        parse(HALL.replace(old, new, 1), HallConfig, name="hall.toml")
    assert says in str(refused.value)


@pytest.mark.parametrize(("content", "says"), [(b"\xff\xfe", "is not UTF-8 at byte 0"), (None, "there is no such file")])
def test_an_unreadable_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "node.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadSettings, match=says):
        read(path, NodeConfig)


@given(st.text(max_size=200))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with suppress(BadSettings):
        parse(text, NodeConfig, name="node.toml")


@given(st.integers(0, len(HALL) - 1), st.integers(0, 40), st.text(max_size=6))
def test_no_damage_to_a_good_file_does_worse_than_being_refused(at: int, length: int, put: str) -> None:
    with suppress(BadSettings):
        parse(HALL[:at] + put + HALL[at + length :], HallConfig, name="hall.toml")


@pytest.mark.parametrize("command", ["node", "check", "controller"])
def test_every_command_that_reads_a_file_says_one_sentence_and_ends_with_2(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[hall]\nid = 3\n")
    assert main([command, str(path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
