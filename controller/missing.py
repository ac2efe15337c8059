"""Missing events: what nodes had handed in to a database that this one does not know."""

from datetime import datetime, timedelta

from controller.queue.facts import Happened

SHOWN_FOR = timedelta(days=7)
MOST = 200


class EventsMissing(Happened, frozen=True, kw_only=True, tag="events-missing"):
    """Events `first` to `last` of a node's epoch were acknowledged once and are not in this database: it is an older one."""

    node: str
    epoch: str
    first: int
    last: int


def carried(missing: tuple[EventsMissing, ...], now: datetime) -> tuple[EventsMissing, ...]:
    """What a new day still shows."""
    return tuple(gap for gap in missing if now - gap.at < SHOWN_FOR)[-MOST:]
