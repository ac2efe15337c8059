"""Numbers of a day: per prefix from 1, three digits and four beyond 999, leased blocks left out."""

from collections.abc import Iterable

from controller.config_rules import Leases
from controller.queue.values import Block

HIGHEST = 9999


def written(prefix: str, counter: int) -> str:
    """The number as people read it: A012, A1000."""
    return f"{prefix}{counter:03d}"


def counted(prefix: str, number: str) -> int | None:
    """The counter of a number with this prefix, or None when it is written otherwise."""
    digits = number.removeprefix(prefix)
    counter = int(digits) if digits.isdecimal() else 0
    return counter if counter and written(prefix, counter) == number else None


def following(last: int, blocks: Iterable[Block]) -> int | None:
    """The number to give out after `last`, beyond every leased block that is in the way; None when there is none left."""
    counter = last + 1
    for block in sorted(blocks, key=lambda block: block.first):
        if block.first <= counter <= block.last:
            counter = block.last + 1
    return counter if counter <= HIGHEST else None


def free_block(kiosk: str, last: int, blocks: tuple[Block, ...], rules: Leases) -> Block | None:
    """The next block to lease, above all leased ones and all numbers given out; None when there is no room."""
    first = max(rules.start, last + 1, *(block.last + 1 for block in blocks))
    block = Block(kiosk=kiosk, first=first, last=first + rules.size - 1)
    return block if block.last <= HIGHEST else None


def held(kiosk: str, blocks: Iterable[Block]) -> Block | None:
    """The newest block of a kiosk."""
    return next((block for block in reversed(tuple(blocks)) if block.kiosk == kiosk), None)


def runs_low(block: Block, rules: Leases) -> bool:
    """Whether less than half of a block is left, as far as the kiosk has told."""
    return block.used * 2 > rules.size
