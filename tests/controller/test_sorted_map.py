"""The sorted map agrees with a plain dict, stays balanced, and never changes an older version of itself."""

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.queue.sorted_map import SortedMap

steps = st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=200)


@given(steps)
@settings(deadline=None)
def test_it_agrees_with_a_dict_and_keeps_every_older_version(todo: list[tuple[bool, int]]) -> None:
    plain: dict[int, int] = {}
    tree: SortedMap[int, int] = SortedMap()
    versions = []
    for step, (put, key) in enumerate(todo):
        versions.append((tree, dict(plain)))
        if put:
            plain[key], tree = step, tree.put(key, step)
        else:
            plain.pop(key, None)
            tree = tree.without(key)
    for version, model in [*versions, (tree, plain)]:
        assert list(version.items()) == sorted(model.items())
        assert len(version) == len(model)
    ordered = sorted(plain)
    for key in range(-1, 62):
        assert tree.get(key) == plain.get(key)
        assert (key in tree) == (key in plain)
        assert tree.rank(key) == sum(other < key for other in ordered)
    assert [tree.at(index) for index in range(len(plain) + 1)] == [(key, plain[key]) for key in ordered] + [None]


def test_it_stays_shallow_whatever_the_order() -> None:
    for keys in (range(4096), range(4096, 0, -1)):
        tree: SortedMap[int, None] = SortedMap()
        for key in keys:
            tree = tree.put(key, None)
        for key in list(keys)[:2048]:
            tree = tree.without(key)
        assert _depth(tree._root) <= 28, "a weight-balanced tree of 2048 is at most log(2048) / log(4/3) = 26.5 deep"


def _depth(node: object) -> int:
    return 0 if node is None else 1 + max(_depth(node.left), _depth(node.right))  # type: ignore[attr-defined]
