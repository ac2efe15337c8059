"""Boards in step: which picture each board was told, which one it says that it shows, and since when it is behind."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from contract.calling import BoardPicture, PictureShown
from controller.view import BoardView

LATE = 3
"""Looks, about a second apart, after which a board that lacks the same picture still is late; on its way it is for less."""
REMEMBERED = 100
"""Pictures of each board whose moments are remembered."""


class _Told(NamedTuple):
    version: int
    at: datetime


@dataclass
class BoardWatch:
    """Compares what boards were told with what they show. Never stored: both are said again after a restart.

    Counts looks instead of reading a clock, which may jump.
    """

    _told: dict[str, deque[_Told]] = field(default_factory=dict)
    _shown: dict[str, PictureShown] = field(default_factory=dict)
    _lacking: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Board to the first version that it lacks, and at how many looks it has lacked it."""
    late: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """The boards that were told anything."""
        return frozenset(self._told)

    def tell(self, picture: BoardPicture) -> None:
        """A board was told a picture."""
        told = self._told.setdefault(picture.board, deque(maxlen=REMEMBERED))
        if not told or told[-1].version != picture.version:
            told.append(_Told(picture.version, picture.at))

    def hear(self, shown: PictureShown) -> bool:
        """A board says what it shows; False when that is no news."""
        if self._shown.get(shown.device) == shown:
            return False
        self._shown[shown.device] = shown
        if self._first_lacking(shown.device) is None:
            self._lacking.pop(shown.device, None)
            self.late -= {shown.device}
        return True

    def look(self) -> bool:
        """Look who is behind; for whoever holds the clock, about once a second. Whether others are late than before."""
        before, lacking = self.late, {}
        for board in self._told:
            if (first := self._first_lacking(board)) is not None:
                version, looks = self._lacking.get(board, (first.version, 0))
                lacking[board] = (first.version, looks + 1 if version == first.version else 1)
        self._lacking = lacking
        self.late = frozenset(board for board, (_, looks) in lacking.items() if looks >= LATE)
        return self.late != before

    def of(self, board: str) -> BoardView:
        """How one board is."""
        told, shown, first = self._told.get(board), self._shown.get(board), self._first_lacking(board)
        newest = told[-1].version if told else None
        return BoardView(
            board=board,
            told=newest,
            shown=None if shown is None else shown.version,
            since=None if shown is None else shown.since,
            behind=0 if first is None or newest is None or shown is None else max(1, newest - shown.version),
            behind_since=None if first is None else first.at,
            late=board in self.late,
        )

    def _first_lacking(self, board: str) -> _Told | None:
        """The first picture that a board was told and does not show; None when it shows the newest or has said nothing."""
        told, shown = self._told.get(board), self._shown.get(board)
        if not told or shown is None or shown.version == told[-1].version:
            return None
        # A version above all that were told is of a time that this database does not know; then the newest is what it lacks.
        return next((one for one in told if one.version > shown.version), told[-1])
