"""What the pages show, worked out from a picture of the hall: pure functions without words or markup."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from contract.calling import CallAnswer, NoticeLine, WindowState
from contract.health import WANTING
from controller.config import HallConfig
from controller.config_parts import Board, Window
from controller.view import BoardView, CallView, HallView, NodeView, RatingRow, ServiceView

FRESH = timedelta(seconds=6)
"""A call this young blinks when a page first shows it; an older one was seen by others already."""
BOARD_CALLS = 8
RECENT = timedelta(days=7)
"""Notices that came down so long ago are still listed."""
ENDED = 20
SATISFIED = frozenset({3, 4, 5})


@dataclass(frozen=True)
class Shown:
    """What became of a call on the boards that should show it."""

    expected: int
    done: int
    spoken: int
    missing: tuple[str, ...]
    late: tuple[str, ...]


def boards_for(config: HallConfig, window: str) -> list[Board]:
    """The boards that show calls of `window`: its own, those of its zone, those of the whole hall."""
    zone = next((known.zone for known in config.window if known.id == window), None)
    return [board for board in config.board if board.lines and _concerns(board, window, zone)]


def _concerns(board: Board, window: str, zone: str | None) -> bool:
    if board.window is not None:
        return board.window == window
    return not board.zones or zone in board.zones


def shown(config: HallConfig, call: CallView) -> Shown:
    """Which boards have shown `call`, and which have not yet."""
    boards = [board.id for board in boards_for(config, call.window)]
    done = _devices(call.answers, "shown")
    late = _devices(call.answers, "late") | _devices(call.answers, "overtaken") | _devices(call.answers, "failed")
    return Shown(
        expected=len(boards),
        done=sum(board in done for board in boards),
        spoken=len(_devices(call.answers, "spoken")),
        missing=tuple(board for board in boards if board not in done),
        late=tuple(sorted(late - done)),
    )


def _devices(answers: Iterable[CallAnswer], outcome: str) -> set[str]:
    return {answer.device for answer in answers if answer.outcome == outcome}


def board_calls(config: HallConfig, view: HallView, zone: str | None) -> list[CallView]:
    """The newest call of each ticket, newest first, of one zone or of all."""
    windows = {window.id for window in config.window if zone is None or window.zone == zone}
    newest: dict[str, CallView] = {}
    for call in view.calls:
        if call.window in windows:
            newest.setdefault(call.number, call)
    return list(newest.values())[:BOARD_CALLS]


def notices(view: HallView, zone: str | None, now: datetime) -> list[NoticeLine]:
    """The notices that stand now, urgent ones first."""
    standing = [
        notice for notice in view.notices if (notice.until is None or notice.until > now) and _stands_in(view, notice, zone)
    ]
    return sorted(standing, key=lambda notice: not notice.urgent)


def _stands_in(view: HallView, notice: NoticeLine, zone: str | None) -> bool:
    zones = view.notice_zones.get(notice.notice, ())
    return zone is None or not zones or zone in zones


def services_of(view: HallView, window: Window) -> list[ServiceView]:
    """The queues that `window` serves."""
    return [service for service in view.services if service.service in window.services]


@dataclass(frozen=True)
class Steps:
    """Which boards show what they were told."""

    boards: int
    done: int
    others: tuple[tuple[BoardView, str | None], ...]
    """Each other one with the word for why nobody can know, when its node is not there or has said nothing."""


def steps(view: HallView) -> Steps:
    """How the boards stand; one on its way to the newest picture counts as there."""
    away = {device.device for node in view.nodes if not _there(node) for device in node.devices}
    others = tuple((board, why) for board in view.boards if (why := _unknown(board, away)) or board.late)
    return Steps(boards=len(view.boards), done=len(view.boards) - len(others), others=others)


def _there(node: NodeView) -> bool:
    return node.status is not None and node.status.state == "online"


def _unknown(board: BoardView, away: set[str]) -> str | None:
    if board.board in away:
        return "boards.away"
    return "boards.silent" if board.shown is None else None


def state_of(view: HallView, window: str) -> WindowState | None:
    """What `window` does now."""
    return next((state for state in view.windows if state.window == window), None)


def timeless(state: WindowState) -> tuple[object, ...]:
    """A window's state without the time at which it was told, which changes though nothing happened."""
    return tuple(getattr(state, name) for name in state.__struct_fields__ if name != "at")


def to_see_to(view: HallView) -> int:
    """How many devices want a person: those that say so, and all of a node that should be there and is not."""
    return sum(_to_see_to(node) for node in view.nodes)


def _to_see_to(node: NodeView) -> int:
    if node.status is None or node.status.state == "lost":
        return max(1, len(node.devices))
    if node.status.state == "offline":
        return 0  # switched off on purpose
    return sum(device.condition in WANTING for device in node.devices) + (node.status.trouble is not None)


@dataclass(frozen=True)
class Health:
    """How a machine of the fleet is: `there`, `ill` with so many things to see to, `away`, or `unknown`."""

    how: str
    ill: int = 0


def health(view: HallView, names: Iterable[str]) -> dict[str, Health]:
    """How each of these is."""
    nodes = {node.node: node for node in view.nodes}
    return {name: node_health(nodes.get(name)) for name in names}


def node_health(node: NodeView | None) -> Health:
    """How a machine is by what it and its devices said last."""
    if node is None or node.status is None:
        return Health("unknown")
    if node.status.state != "online":
        return Health("away")
    ill = _to_see_to(node)
    return Health("ill", ill) if ill else Health("there")


@dataclass(frozen=True)
class Figures:
    """Published figures: the response rate stands beside the satisfaction rate, or a few happy ones would mislead."""

    invited: int
    given: int
    satisfied: int
    levels: tuple[tuple[int, int], ...]

    @property
    def response(self) -> float | None:
        """Share of the invited who rated."""
        return self.given / self.invited if self.invited else None

    @property
    def satisfaction(self) -> float | None:
        """Share of those who rated with 3 or better."""
        return self.satisfied / self.given if self.given else None


def figures(rows: Iterable[RatingRow]) -> Figures:
    """The figures of some ratings; one without a level was invited and not given."""
    all_rows = list(rows)
    levels = [row.level for row in all_rows if row.level is not None]
    return Figures(
        invited=len(all_rows),
        given=len(levels),
        satisfied=sum(level in SATISFIED for level in levels),
        levels=tuple((level, levels.count(level)) for level in (5, 4, 3, 2, 1)),
    )


def alike(rows: Iterable[RatingRow], least: int) -> tuple[int, int] | None:
    """The longest run of ratings of one level, and that level, when it has `least` or more: did one person press them all?"""
    levels = [row.level for row in rows if row.level is not None]
    runs = [(len(list(run)), level) for level, run in groupby(levels)]
    longest = max(runs, default=(0, 0))
    return longest if least and longest[0] >= least else None


def hasty(row: RatingRow, within: float) -> bool:
    """Whether a rating came so quickly, within so many seconds, that a person should look whether a citizen pressed it."""
    return row.level is not None and row.after is not None and row.after < within
