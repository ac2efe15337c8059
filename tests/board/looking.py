"""Boards without hardware: one tells the rules what happened, and looks at them after so many seconds."""

from datetime import timedelta

from devices.lettering import Typesetter
from firmware.agents.board_rules import BoardRules, Instant
from firmware.agents.board_sheet import of_pixels
from firmware.agents.board_turns import Face
from firmware.config import BoardConfig
from tests.board.station import NOON

MEASURE = Typesetter(128, 16, print).width


def after(seconds: float) -> Instant:
    return Instant(NOON + timedelta(seconds=seconds), 1000.0 + seconds)


def board(**settings: object) -> BoardRules:
    """A board in a hall whose controller is there."""
    config = BoardConfig(**{"id": "board-1", "blink": 3.0, "page": 4.0, "scroll": 48.0} | settings)  # type: ignore[arg-type]
    rules = BoardRules(of_pixels(config), MEASURE, after(0))
    rules.presence(True, after(0))
    return rules


def strip(**settings: object) -> BoardRules:
    return board(layout="window", window="w3", **settings)


def text(face: Face) -> str:
    return "/".join(row.text if row.lit else "" for row in face.rows)


def at(rules: BoardRules, seconds: float) -> str:
    return text(rules.face(after(seconds))[0])
