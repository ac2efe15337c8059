"""The brake on what anybody may send: so many in a stretch of time by one key."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MOST_KEYS = 10_000
"""A flood of made-up keys must not fill the memory."""


@dataclass
class Brake:
    """Lets `most` pass by each key in each stretch of time `within`."""

    most: int
    within: timedelta
    _passed: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)

    def lets_pass(self, key: str, now: datetime) -> bool:
        """Whether one more may pass; it is counted."""
        began, count = self._passed.pop(key, (now, 0))
        if not timedelta() <= now - began < self.within:
            began, count = now, 0
        self._passed[key] = (began, count + 1)
        while len(self._passed) > MOST_KEYS:
            self._passed.popitem(last=False)
        return count < self.most
