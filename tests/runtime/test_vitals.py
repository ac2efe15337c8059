"""What staff are told of the outbox: only what has waited longer than it should."""

from firmware.vitals import LATE, Looks


def late(looks: Looks, *seen: tuple[float, int, int]) -> list[int]:
    """What each look finds; `seen` are seconds, newest event, newest stored one."""
    return [looks.late(newest, stored, now) for now, newest, stored in seen]


def test_what_is_on_its_way_is_not_late() -> None:
    assert late(Looks(), *((tick, tick, tick - 1) for tick in range(1, 20))) == [0] * 19


def test_what_stays_is_late_after_a_while_and_only_that() -> None:
    assert late(Looks(), (0, 5, 5), (1, 7, 5), (2, 7, 5), (1 + LATE, 9, 5), (2 + LATE, 9, 5)) == [0, 0, 0, 2, 2]


def test_nothing_is_late_once_it_is_stored() -> None:
    assert late(Looks(), (0, 7, 5), (LATE, 8, 5), (LATE + 1, 8, 6), (LATE + 2, 8, 7), (LATE + 3, 8, 8)) == [0, 2, 1, 0, 0]


def test_what_was_left_from_the_last_run_has_its_time_too() -> None:
    assert late(Looks(), (0, 500, 100), (1, 500, 300), (LATE, 500, 400)) == [0, 0, 100]


def test_a_new_epoch_begins_with_nothing_late() -> None:
    assert late(Looks(), (0, 500, 400), (LATE, 500, 400), (LATE + 1, 3, 0), (2 * LATE + 1, 3, 0)) == [0, 100, 0, 3]
