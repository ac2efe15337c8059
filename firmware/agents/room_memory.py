"""The stays in progress, in a small file: a restarted node goes on with them instead of taking a sleeper's cubicle for free."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from contract.values import Moment, Token
from firmware.agents.room_rules import Stay
from firmware.small_file import put
from firmware.station import Clock

log = logging.getLogger(__name__)


class SavedStay(msgspec.Struct, frozen=True):
    """A stay as the file keeps it: by the hall's time, since the monotonic clock starts anew with the machine."""

    stay: Token
    since: Moment
    long: bool = False


def freeze(stays: Mapping[str, Stay], clock: Clock) -> dict[str, SavedStay]:
    """Stays by cubicle, as the file keeps them."""
    now, monotonic = clock.now(), clock.monotonic()
    return {
        cubicle: SavedStay(stay.token, now - timedelta(seconds=monotonic - stay.since), stay.long)
        for cubicle, stay in stays.items()
    }


def thaw(saved: Mapping[str, SavedStay], clock: Clock) -> dict[str, Stay]:
    """The other way round. A start that lies in the future, because the clock was set back, becomes now."""
    now, monotonic = clock.now(), clock.monotonic()
    return {cubicle: Stay(one.stay, monotonic - _age(one.since, now), one.long) for cubicle, one in saved.items()}


def _age(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


def load(file: Path) -> dict[str, SavedStay]:
    """What the file keeps; nothing when there is none or it is damaged."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, SavedStay])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("%s cannot be read and is set aside; cubicles are free until somebody moves: %s", file, error)
        return {}


def save(file: Path, saved: Mapping[str, SavedStay]) -> None:
    """Replace the file as a whole; it is on the disk when this returns. Raises `OSError`."""
    put(file, msgspec.json.encode(saved))
