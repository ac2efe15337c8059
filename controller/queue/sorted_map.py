"""A sorted map that never changes: each change gives a new map that shares all but one path with the old one.

A weight-balanced tree with the parameters (3, 2), proven in Hirai and Yamamoto, "Balancing weight-balanced trees"
(Journal of Functional Programming 21, 2011). Finding, changing, ranking and picking cost O(log n); equal keys replace.
"""

from collections.abc import Iterator
from operator import eq
from typing import Any, Generic, TypeVar

import msgspec

K = TypeVar("K")
V = TypeVar("V")

_DELTA, _GAMMA = 3, 2


class _Node(msgspec.Struct, frozen=True):
    key: Any
    value: Any
    left: "_Node | None"
    right: "_Node | None"
    size: int


class SortedMap(Generic[K, V]):
    """An immutable map in the order of its keys."""

    __slots__ = ("_root",)

    def __init__(self, root: _Node | None = None) -> None:
        self._root = root

    def __len__(self) -> int:
        return _size(self._root)

    def __contains__(self, key: K) -> bool:
        return _find(self._root, key) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SortedMap) and len(self) == len(other) and all(map(eq, self.items(), other.items()))

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[K]:
        return (node.key for node in _walk(self._root))

    def values(self) -> Iterator[V]:
        """All values in the order of their keys."""
        return (node.value for node in _walk(self._root))

    def items(self) -> Iterator[tuple[K, V]]:
        """All keys with their values, in order."""
        return ((node.key, node.value) for node in _walk(self._root))

    def get(self, key: K) -> V | None:
        """The value of `key`, or None."""
        node = _find(self._root, key)
        return None if node is None else node.value

    def put(self, key: K, value: V) -> "SortedMap[K, V]":
        """This map with `key` set to `value`."""
        return SortedMap(_put(self._root, key, value))

    def without(self, key: K) -> "SortedMap[K, V]":
        """This map without `key`; the same map when it was not there."""
        return SortedMap(_without(self._root, key)) if key in self else self

    def first(self) -> tuple[K, V] | None:
        """The least key and its value."""
        return self.at(0)

    def at(self, index: int) -> tuple[K, V] | None:
        """The key with `index` lesser ones before it, and its value; None beyond the end."""
        node = self._root
        while node is not None:
            before = _size(node.left)
            if index == before:
                return node.key, node.value
            if index < before:
                node = node.left
            else:
                index, node = index - before - 1, node.right
        return None

    def rank(self, key: K) -> int:
        """How many keys are less than `key`, which need not be in the map."""
        node, before = self._root, 0
        while node is not None:
            if node.key < key:
                before, node = before + _size(node.left) + 1, node.right
            else:
                node = node.left
        return before


def _size(node: _Node | None) -> int:
    return 0 if node is None else node.size


def _find(node: _Node | None, key: Any) -> _Node | None:
    while node is not None and node.key != key:
        node = node.left if key < node.key else node.right
    return node


def _walk(node: _Node | None) -> Iterator[_Node]:
    above: list[_Node] = []
    while node is not None or above:
        while node is not None:
            above.append(node)
            node = node.left
        node = above.pop()
        yield node
        node = node.right


def _join(key: Any, value: Any, left: _Node | None, right: _Node | None) -> _Node:
    return _Node(key, value, left, right, _size(left) + _size(right) + 1)


def _balance(key: Any, value: Any, left: _Node | None, right: _Node | None) -> _Node:
    light, heavy = _size(left) + 1, _size(right) + 1
    if right is not None and heavy > _DELTA * light:
        inner = right.left
        if inner is None or inner.size + 1 < _GAMMA * (_size(right.right) + 1):
            return _join(right.key, right.value, _join(key, value, left, inner), right.right)
        return _join(
            inner.key, inner.value,
            _join(key, value, left, inner.left), _join(right.key, right.value, inner.right, right.right),
        )  # fmt: skip
    if left is not None and light > _DELTA * heavy:
        inner = left.right
        if inner is None or inner.size + 1 < _GAMMA * (_size(left.left) + 1):
            return _join(left.key, left.value, left.left, _join(key, value, inner, right))
        return _join(
            inner.key, inner.value,
            _join(left.key, left.value, left.left, inner.left), _join(key, value, inner.right, right),
        )  # fmt: skip
    return _Node(key, value, left, right, light + heavy - 1)


def _put(node: _Node | None, key: Any, value: Any) -> _Node:
    if node is None:
        return _Node(key, value, None, None, 1)
    if key == node.key:
        return _Node(key, value, node.left, node.right, node.size)
    if key < node.key:
        return _balance(node.key, node.value, _put(node.left, key, value), node.right)
    return _balance(node.key, node.value, node.left, _put(node.right, key, value))


def _without(node: _Node | None, key: Any) -> _Node | None:
    if node is None:
        return None
    if key == node.key:
        return _glue(node.left, node.right)
    if key < node.key:
        return _balance(node.key, node.value, _without(node.left, key), node.right)
    return _balance(node.key, node.value, node.left, _without(node.right, key))


def _glue(left: _Node | None, right: _Node | None) -> _Node | None:
    if left is None or right is None:
        return left or right
    if left.size > right.size:
        last = left
        while last.right is not None:
            last = last.right
        return _balance(last.key, last.value, _without(left, last.key), right)
    least = right
    while least.left is not None:
        least = least.left
    return _balance(least.key, least.value, left, _without(right, least.key))
