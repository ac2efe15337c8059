"""Calls and pictures for the announcer's tests."""

from datetime import UTC, datetime, timedelta

from contract.calling import BoardPicture, Call, NoticeLine
from contract.values import Text

NINE = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So long after nine."""
    return NINE + timedelta(seconds=seconds)


def call(number: str, window: int, at: datetime = NINE, *, fresh: float = 20, zone: str = "east", times: int = 1) -> Call:
    """A call of one ticket to one window."""
    return Call(
        id=f"call-{number}-{window}-{times}", at=at, not_after=at + timedelta(seconds=fresh), ticket=f"ticket-{number}",
        number=number, window=f"window-{window}", window_name=Text(zh=f"{window}号窗口", en=f"Window {window}"), zone=zone,
        times=times,
    )  # fmt: skip


def picture(*urgent: str, at: datetime = NINE, until: datetime | None = None, calm: str = "") -> BoardPicture:
    """A board's picture with urgent notices, and a calm one."""
    lines = [NoticeLine(notice=f"notice-{text}", text=Text(zh=text, en=text), urgent=True, until=until) for text in urgent]
    if calm:
        lines.append(NoticeLine(notice=f"notice-{calm}", text=Text(zh=calm, en=calm)))
    return BoardPicture(board="main", version=1, at=at, notices=tuple(lines), idle=Text(zh="", en=""))
