"""A board that was started anew takes no picture that is older than the one it had."""

from datetime import timedelta
from pathlib import Path

from firmware.agents.picture_memory import PictureMemory
from tests.board.halls import call, picture
from tests.board.station import NOON

FILE = "board-1.picture.json"
SECOND = timedelta(seconds=1)


def test_a_board_that_was_killed_takes_no_older_picture_from_a_broker_that_was_restored(tmp_path: Path) -> None:
    PictureMemory(tmp_path / FILE).keep(picture(call("B800"), version=8, at=NOON + SECOND))
    again = PictureMemory(tmp_path / FILE)
    assert again.is_old(picture(call("B004"), version=7, at=NOON))
    assert not again.is_old(picture(call("B800"), version=8, at=NOON + SECOND))
    assert not again.is_old(picture(call("B801"), version=9, at=NOON + 2 * SECOND))


def test_a_controller_that_begins_anew_is_followed(tmp_path: Path) -> None:
    PictureMemory(tmp_path / FILE).keep(picture(version=800, at=NOON))
    assert not PictureMemory(tmp_path / FILE).is_old(picture(version=1, at=NOON + SECOND))


def test_a_damaged_file_and_a_disk_that_takes_nothing_know_nothing_and_harm_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'{"version": "\xff')
    assert not PictureMemory(tmp_path / FILE).is_old(picture(version=1))
    nowhere = PictureMemory(tmp_path / "missing" / FILE)
    nowhere.keep(picture(version=8))
    assert nowhere.is_old(picture(version=7))
    assert not PictureMemory(tmp_path / "missing" / FILE).is_old(picture(version=7))
