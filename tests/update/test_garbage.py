"""Whatever stands in the files that the guard reads, it comes to its end, and a whole release is in force afterwards."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.update_guard import Tree, guard, prune
from tests.update.stage import now

NAMES = st.sampled_from(["1.0-a", "1.1-b", "", ".", "..", "/", "../..", "1.0-a/..", "gone", "\0"]) | st.text(max_size=8)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | NAMES, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
TRYING = st.fixed_dictionaries({}, optional=dict.fromkeys(("version", "release", "before", "boot"), NAMES | JSON)) | JSON


def two_releases(root: Path) -> Tree:
    """1.1-b is in force, 1.0-a was before."""
    tree = Tree(root)
    for name in ("1.0-a", "1.1-b"):
        (tree.releases / name).mkdir(parents=True, exist_ok=True)
        (tree.releases / name / "release.json").write_text("{}")
    tree.etc.mkdir(parents=True, exist_ok=True)
    tree.settings.write_text('restart = ["true"]')
    tree.switch("1.1-b")
    tree.mark.touch()
    return tree


def looked_after(tree: Tree) -> str:
    """The release that is in force once the guard has looked."""
    guard(tree, now())
    assert not tree.mark.exists()
    assert tree.is_whole(str(tree.current))
    return str(tree.current)


@given(trying=TRYING, more=JSON)
def test_whatever_is_said_to_be_on_trial_a_whole_release_is_in_force(
    tmp_path_factory: pytest.TempPathFactory, trying: Any, more: Any
) -> None:
    tree = two_releases(tmp_path_factory.mktemp("tree"))
    tree.write({"trying": trying, "last": more, "floor": more})
    assert looked_after(tree) in ("1.0-a", "1.1-b")


@pytest.mark.parametrize("text", [b"", b"[]", b"7", b"{", b"\xff\xfe", b'{"trying": {}}', b'{"trying": {"before": "1.0-a"}}'])
def test_a_state_that_says_nothing_leaves_what_is_in_force(tmp_path: Path, text: bytes) -> None:
    tree = two_releases(tmp_path)
    tree.state.write_bytes(text)
    assert looked_after(tree) == "1.1-b"
    assert len(tree.whole()) == 2


@pytest.mark.parametrize("restart", ["7", "[]", "[7]", '""', '"true"', '["a\\u0000b"]', '["/nowhere"]', "{", "\x00"])
def test_a_restart_that_is_no_command_keeps_nobody_from_going_back(tmp_path: Path, restart: str) -> None:
    tree = two_releases(tmp_path)
    tree.settings.write_text(f"restart = {restart}")
    tree.write({"trying": {"version": "1.1", "release": "1.1-b", "before": "1.0-a"}})
    assert looked_after(tree) == "1.0-a"
    assert tree.whole() == ["1.0-a"]


def test_what_lies_beside_the_releases_and_is_none_goes_without_harm_to_them(tmp_path: Path) -> None:
    tree = two_releases(tmp_path)
    (tree.releases / "a file").write_text("")
    (tree.releases / "latest").symlink_to("1.1-b")
    assert set(prune(tree, {"1.0-a", "1.1-b"})) == {"a file", "latest"}
    assert sorted(path.name for path in tree.releases.iterdir()) == sorted(tree.whole()) == ["1.0-a", "1.1-b"]
