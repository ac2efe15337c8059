"""What `hallware watch` says of each board's picture: how old it is, or since when and by how much it is behind."""

from collections.abc import Collection
from datetime import datetime, timedelta

from controller.boards import BoardWatch
from controller.view import BoardView

MOST = 12
"""So many boards are listed, those that are behind first."""

Words = tuple[str, str]
"""Chinese and English."""


def rows(boards: BoardWatch, away: Collection[str], now: datetime) -> list[tuple[BoardView, Words]]:
    """The boards to list, with what is said of each; `away` are those whose node is not there."""
    views = sorted((boards.of(board) for board in boards.known), key=lambda view: (not view.late, view.board))
    return [(view, _words(view, away=view.board in away, now=now)) for view in views[:MOST]]


def _words(view: BoardView, *, away: bool, now: datetime) -> Words:
    if away:
        return "未知，节点离线", "unknown, its node is away"
    if view.shown is None or view.since is None:
        return "没有报告画面", "has not said what it shows"
    if view.late and view.behind_since is not None:
        since, n = f"{view.behind_since.astimezone():%H:%M:%S}", view.behind
        return f"自 {since} 起落后 {n} 版", f"behind since {since}, by {n} version{'s' if n != 1 else ''}"
    zh, en = _age(now - view.since)
    return f"最新，{zh}前更新", f"newest, {en} old"


def _age(age: timedelta) -> Words:
    seconds = max(0, int(age.total_seconds()))
    if seconds < 120:
        return f"{seconds} 秒", f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} 分钟", f"{seconds // 60} min"
    return f"{seconds // 3600} 小时", f"{seconds // 3600} h"
