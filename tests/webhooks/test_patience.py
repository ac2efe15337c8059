"""How long a courier waits: twice as long each time, scattered, at most an hour, and as long as the receiver asks for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.webhooks.patience import LONGEST, asked_for, wait

FIRST = timedelta(seconds=5)
NOW = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)


def test_each_wait_is_twice_the_one_before_and_none_above_an_hour() -> None:
    waits = [wait(attempt, FIRST, 0.5).total_seconds() for attempt in range(1, 13)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waits_scatter_by_a_quarter(attempt: int, chance: float) -> None:
    middle = wait(attempt, FIRST, 0.5)
    assert 0.75 * middle <= wait(attempt, FIRST, chance) <= 1.25 * middle


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), (" 0 ", 0), ("999999999999", LONGEST.total_seconds()), ("Mon, 04 May 2026 04:00:30 GMT", 30),
        ("Mon, 04 May 2026 03:00:00 GMT", 0), ("soon", None), ("-5", None), ("١٢", None), ("", None), (None, None),
        ("Mon, 99 May 99999 04:00:30 GMT", None),
    ],
)  # fmt: skip
def test_what_the_receiver_asks_for(said: str | None, seconds: float | None) -> None:
    found = asked_for(said, NOW)
    assert (None if found is None else found.total_seconds()) == seconds


@given(st.text(max_size=40))
def test_no_header_is_too_strange(said: str) -> None:
    found = asked_for(said, NOW)
    assert found is None or timedelta() <= found <= LONGEST
