"""The brake on guessing passwords: after some failures one has to wait, longer each time."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_FAILURES = 5
"""Failures that cost nothing; everybody mistypes."""
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=1)
MOST_KEYS = 10_000
"""A flood of made-up names must not fill the memory."""


@dataclass(frozen=True)
class _Failures:
    count: int
    last: datetime


class SignInLimit:
    """Counts failed sign-ins by key: by user name and by address."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def wait(self, keys: tuple[str, ...], now: datetime) -> timedelta:
        """How long somebody known by `keys` has to wait before the next try; zero when they may try."""
        return max((self._wait(key, now) for key in keys), default=timedelta())

    def _wait(self, key: str, now: datetime) -> timedelta:
        found = self._failures.get(key)
        if found is None or found.count < FREE_FAILURES:
            return timedelta()
        factor: int = 2 ** min(found.count - FREE_FAILURES, 10)
        return max(timedelta(), min(FIRST_WAIT * factor, LONGEST_WAIT) - (now - found.last))

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Count a failure for each of `keys`."""
        for key in keys:
            found = self._failures.pop(key, None)
            old = found.count if found and now - found.last < FORGET_AFTER else 0
            self._failures[key] = _Failures(old + 1, now)
        while len(self._failures) > MOST_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """A right password clears the count."""
        for key in keys:
            self._failures.pop(key, None)
