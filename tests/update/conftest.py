"""One hall with its bundles for a whole module, and a fresh node for each test that asks for one."""

from pathlib import Path

import pytest

from tests.update.stage import Hall, Node, copied, new_node


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    return Hall.make(tmp_path_factory.mktemp("hall"))


@pytest.fixture(scope="module")
def first(hall: Hall) -> Path:
    """The bundle that is on every node at the beginning: version 1.0."""
    return hall.pack("1.0")


@pytest.fixture(scope="module")
def newer(hall: Hall, first: Path) -> Path:
    """Version 1.1, well."""
    return hall.pack("1.1")


@pytest.fixture(scope="module")
def installed(hall: Hall, first: Path, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node as its card made it; not to be changed."""
    return new_node(tmp_path_factory.mktemp("node") / "tree", hall, first)


@pytest.fixture
def node(installed: Node, tmp_path: Path) -> Node:
    """A node of one's own."""
    return copied(installed, tmp_path)
