"""`hallware watch`: the hall live in the terminal: windows, queues, calls with their answers, troubles."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text as Words

from contract.calling import BoardPicture, Call, CallAnswer, PictureShown, WindowState
from contract.health import WANTING, ControllerStatus, DeviceState, NodeStatus
from contract.helping import HelpState
from contract.ticketing import KioskOffer, ServiceOffer
from contract.topics import (
    BOARD_PICTURE,
    CALL,
    CALL_ANSWER,
    CONTROLLER_STATUS,
    DEVICE_STATE,
    HELP_STATE,
    KIOSK_OFFER,
    NODE_STATUS,
    PICTURE_SHOWN,
    WINDOW_STATE,
    Topic,
)
from contract.values import Text
from controller.boards import BoardWatch
from hallware.commands import client, watch_boards
from hallware.commands.turns import turn
from link.hearing import Heard
from link.link import Link, LinkDown

HEARD: tuple[Topic[Any], ...] = (
    CONTROLLER_STATUS, WINDOW_STATE, KIOSK_OFFER, CALL, CALL_ANSWER, NODE_STATUS, DEVICE_STATE, BOARD_PICTURE,
    PICTURE_SHOWN, HELP_STATE,
)  # fmt: skip
CALLS = 8
"""So many last calls are shown."""
QUIET = 0.4
"""Seconds without news after which the broker has told all that it keeps."""
FRAMES = 4
"""Frames a second."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--once", action="store_true", help="one frame, then end (1 when the controller is not there)")
    client.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Show the hall until Ctrl-C."""
    settings = client.settings(args)
    try:
        with turn(settings.broker, "watch"):
            return asyncio.run(_watch(settings, once=args.once))
    except LinkDown as problem:
        print(f"hallware watch: {problem}", file=sys.stderr)
        return 1


async def _watch(settings: client.ClientSettings, *, once: bool) -> int:
    seen = Seen(client.language())
    async with Link(settings.broker, f"watch-{secrets.token_hex(4)}", settings.hall) as link:
        ears = [asyncio.create_task(_listen(link, topic, seen)) for topic in HEARD]
        try:
            await asyncio.sleep(0)
            await link.wait_up(client.PATIENCE)
            await _quiet(seen)
            if once:
                Console().print(seen.frame(datetime.now(UTC), up=True))
                return 0 if seen.controller is not None and seen.controller.state == "online" else 1
            await _show(link, seen)
        finally:
            for ear in ears:
                ear.cancel()
    return 0


async def _listen(link: Link, topic: Topic[Any], seen: "Seen") -> None:
    async for heard in link.hear(topic):
        seen.take(heard)


async def _quiet(seen: "Seen") -> None:
    news = -1
    while news != seen.news:
        news = seen.news
        await asyncio.sleep(QUIET)


async def _show(link: Link, seen: "Seen") -> None:
    with Live(screen=True, auto_refresh=False) as live:
        for turn in count():
            if turn % FRAMES == 0:
                seen.boards.look()
            live.update(seen.frame(datetime.now(UTC), up=link.up.value), refresh=True)
            await asyncio.sleep(1 / FRAMES)


class Seen:
    """What was heard of the hall, and how it looks."""

    def __init__(self, language: str) -> None:
        self.controller: ControllerStatus | None = None
        self.news = 0
        self._language = language
        self._windows: dict[str, WindowState] = {}
        self._services: dict[str, ServiceOffer] = {}
        self._nodes: dict[str, NodeStatus] = {}
        self._devices: dict[tuple[str, str], DeviceState] = {}
        self._helps: dict[str, HelpState] = {}
        self._calls: list[Call] = []
        self._answers: dict[str, list[CallAnswer]] = {}
        self.boards = BoardWatch()

    def take(self, heard: Heard[Any]) -> None:
        """Take a message in."""
        self.news += 1
        match heard.message:
            case ControllerStatus() as status:
                self.controller = status
            case WindowState() as window:
                self._windows[window.window] = window
            case KioskOffer() as offer:
                self._services |= {service.service: service for service in offer.services}
            case NodeStatus() as node:
                self._nodes[node.node] = node
            case BoardPicture() as picture:
                self.boards.tell(picture)
            case PictureShown() as shown:
                self.boards.hear(shown)
            case HelpState() as help_:
                self._helps[help_.place] = help_
            case DeviceState() as device:
                self._devices[heard.levels["node"], device.device] = device
            case Call() as call:
                self._called(call)
            case CallAnswer() as answer if answer.call in self._answers:
                self._answers[answer.call].append(answer)

    def _called(self, call: Call) -> None:
        if call.id in self._answers:
            return
        self._calls = [call, *self._calls][:CALLS]
        self._answers = {kept.id: self._answers.get(kept.id, []) for kept in self._calls}

    def frame(self, now: datetime, *, up: bool) -> RenderableType:
        """The hall as it looks now."""
        tables = (self._window_table(), self._queue_table(), self._call_table(), self._board_table(now), self._troubles())
        return Group(self._head(now, up=up), *self._cries(), *tables)

    def _say(self, zh: str, en: str) -> str:
        return Text(zh=zh, en=en).within(self._language)

    def _head(self, now: datetime, *, up: bool) -> Words:
        clock = f"{now.astimezone():%H:%M:%S}  "
        if not up:
            return Words(clock + self._say("与消息代理的连接已断开", "the broker is out of reach"), style="bold red")
        status = self.controller
        late = status is not None and (now - status.at).total_seconds() > 3 * status.every
        if status is None or status.state != "online" or late:
            return Words(clock + self._say("控制器不在线", "the controller is not there"), style="bold red")
        return Words(clock + self._say(f"控制器在线（{status.version}）", f"controller online ({status.version})"), style="green")

    def _cries(self) -> Iterator[Words]:
        """The calls for help that nobody has answered, before everything else."""
        for place, state in sorted(self._helps.items()):
            name = self._windows[place].name.within(self._language) if place in self._windows else place
            for spot in state.spots:
                if spot.asked is not None:
                    where = f"{name} {spot.cubicle or ''}".rstrip()
                    since = f"{spot.asked.astimezone():%H:%M:%S}"
                    yield Words(
                        self._say(f"求助：{where}，自 {since}", f"HELP: {where}, since {since}"), style="bold white on red"
                    )

    def _window_table(self) -> Table:
        rows = [
            (
                w.name.within(self._language),
                self._say(*_DOORS[w.state]),
                w.number or "",
                self._say(*_STAGES[w.stage]) + (f" ×{w.times}" if w.times > 1 else ""),
                str(w.waiting),
            )
            for _, w in sorted(self._windows.items())
        ]
        titles = (("窗口", "window"), ("状态", "state"), ("号码", "number"), ("阶段", "stage"), ("等候", "waiting"))
        return self._table(titles, rows)

    def _queue_table(self) -> Table:
        rows = [
            (
                s.name.within(self._language),
                str(s.waiting),
                f"{s.wait.low}–{s.wait.high} min" if s.wait else "–",
                "" if s.open else (s.why_closed.within(self._language) if s.why_closed else self._say("关闭", "closed")),
            )
            for _, s in sorted(self._services.items())
        ]
        return self._table((("事项", "service"), ("等候", "waiting"), ("预计", "wait"), ("", "")), rows)

    def _call_table(self) -> Table:
        rows = [
            (f"{c.at.astimezone():%H:%M:%S}", c.number, c.window_name.within(self._language), str(c.times), self._answered(c.id))
            for c in self._calls
        ]
        return self._table((("时间", "time"), ("号码", "number"), ("窗口", "window"), ("次", "call"), ("回答", "answers")), rows)

    def _answered(self, call: str) -> str:
        return ", ".join(f"{answer.device} {answer.outcome}" for answer in self._answers[call])

    def _board_table(self, now: datetime) -> Table:
        away = {device for status in self._nodes.values() if status.state != "online" for device in status.devices}
        rows = [
            (view.board, "" if view.told is None else str(view.told), self._say(*words))
            for view, words in watch_boards.rows(self.boards, away, now)
        ]
        return self._table((("显示屏", "board"), ("版本", "version"), ("画面", "its picture")), rows)

    def _troubles(self) -> Table:
        rows = [
            (name, "", self._say("节点离线", "the node is away"))
            for name, node in sorted(self._nodes.items())
            if node.state != "online"
        ]
        rows += [
            (
                node,
                device,
                state.what.within(self._language) + (f" → {state.touch.within(self._language)}" if state.touch else ""),
            )
            for (node, device), state in sorted(self._devices.items())
            if state.condition in WANTING
        ]
        return self._table((("节点", "node"), ("设备", "device"), ("异常", "trouble")), rows)

    def _table(self, titles: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> Table:
        table = Table(*(self._say(*title) for title in titles), expand=True)
        for row in rows:
            table.add_row(*(Words(cell) for cell in row))
        return table


_DOORS = {"open": ("开放", "open"), "paused": ("暂停", "paused"), "closed": ("关闭", "closed")}
_STAGES = {"idle": ("空闲", "idle"), "called": ("已叫号", "called"), "serving": ("办理中", "serving")}
