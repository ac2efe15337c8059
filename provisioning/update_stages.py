"""Which nodes are updated when: one first, then some, then all; each stage only after the one before has gone well."""

import math
from collections.abc import Sequence


class BadStages(Exception):
    """What was asked for is no order of stages; the text says why."""


def staged(nodes: Sequence[str], stages: str, first: str | None = None) -> list[list[str]]:
    """The nodes of each stage. `stages` says how many are updated after each: `1,25%,all`. Raises `BadStages`."""
    if first is not None and first not in nodes:
        raise BadStages(f"there is no node `{first}` among those to update: {', '.join(nodes)}")
    order = [node for node in nodes if node == first] + [node for node in nodes if node != first]
    upto = [_count(word.strip(), len(order)) for word in stages.split(",")]
    if sorted(upto) != upto:
        raise BadStages(f"{stages}: each stage has at least as many nodes as the one before")
    cuts = [0, *upto]
    return [part for begin, end in zip(cuts, upto, strict=False) if (part := order[begin:end])]


def _count(word: str, of: int) -> int:
    """How many of all a word means."""
    if word == "all":
        return of
    number = word.removesuffix("%")
    if not number.isdecimal() or not 0 < int(number) <= (100 if word.endswith("%") else 10_000):
        raise BadStages(f"{word!r} is no stage; write a number, a share such as 25%, or all: 1,25%,all")
    return min(of, math.ceil(of * int(number) / 100) if word.endswith("%") else int(number))
