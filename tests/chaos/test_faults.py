"""The series of faults: the same for the same seed, all kinds in it, and each kind has somebody who can do it."""

from collections import Counter
from itertools import islice

from tests.chaos.faults import KINDS, series, table
from tests.chaos.strikes import STRIKES


def test_the_same_seed_gives_the_same_faults() -> None:
    assert list(islice(series(7, (1.0, 2.0)), 50)) == list(islice(series(7, (1.0, 2.0)), 50))
    assert list(islice(series(7, (1.0, 2.0)), 50)) != list(islice(series(8, (1.0, 2.0)), 50))


def test_two_hundred_faults_bring_every_kind() -> None:
    for seed in range(5):
        counts = Counter(fault.kind for fault in islice(series(seed, (1.0, 2.0)), 200))
        assert len(counts) >= len(KINDS) - 3, f"seed {seed} lacks { {kind.name for kind in KINDS} - set(counts) }"


def test_every_kind_can_be_done() -> None:
    assert {kind.name for kind in KINDS} == set(STRIKES)


def test_durations_and_targets_stay_within_their_kind() -> None:
    kinds = {kind.name: kind for kind in KINDS}
    for fault in islice(series(3, (1.0, 2.0)), 500):
        kind = kinds[fault.kind]
        assert fault.on in kind.on
        assert kind.lasts[0] <= fault.lasts <= kind.lasts[1]
        assert 1.0 <= fault.pause <= 2.0
        assert fault.part == kind.part.format(on=fault.on)


def test_what_is_left_out_never_comes() -> None:
    assert all(fault.kind != "disk full" for fault in islice(series(1, (1.0, 2.0), {"disk full"}), 500))


def test_the_table_counts_every_kind() -> None:
    text = table(Counter({"broker killed": 12}))
    assert "broker killed" in text
    assert "  12" in text
    assert len(text.splitlines()) == len(KINDS)
