"""Calls, notices and pictures as the tests need them."""

from datetime import datetime, timedelta

from contract.calling import BoardPicture, Call, CallLine, NoticeLine
from contract.values import Text
from tests.board.station import NOON

WELCOME = Text(zh="欢迎光临", en="Welcome")


def call(number: str, window: int = 3, *, at: datetime = NOON, zone: str = "east", fresh: float = 20.0, times: int = 1) -> Call:
    """A call of `number` to a window, to be shown within `fresh` seconds."""
    return Call(
        id=f"call-{number}-{window}-{times}",
        at=at,
        not_after=at + timedelta(seconds=fresh),
        ticket=f"ticket-{number}",
        number=number,
        window=f"w{window}",
        window_name=Text(zh=f"{window}号窗口", en=f"Window {window}"),
        zone=zone,
        times=times,
    )


def line(of: Call) -> CallLine:
    """The call as a picture lists it."""
    return CallLine(call=of.id, at=of.at, number=of.number, window=of.window, window_name=of.window_name, times=of.times)


def notice(zh: str, en: str = "notice", *, urgent: bool = False, until: datetime | None = None) -> NoticeLine:
    """A notice."""
    return NoticeLine(notice=f"notice-{abs(hash(zh))}", text=Text(zh=zh, en=en), urgent=urgent, until=until)


def picture(
    *calls: Call, notices: tuple[NoticeLine, ...] = (), at: datetime = NOON, version: int = 1, zones: tuple[str, ...] = ()
) -> BoardPicture:
    """A board's picture with these calls, newest first."""
    lines = tuple(line(one) for one in calls)
    return BoardPicture(board="board-1", version=version, at=at, calls=lines, notices=notices, idle=WELCOME, zones=zones)
