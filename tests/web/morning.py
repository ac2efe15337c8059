"""Nodes and devices as on an ordinary morning, with its small troubles."""

from datetime import timedelta
from typing import Literal

import msgspec

from contract.health import DeviceState, NodeStatus
from contract.values import Text
from controller.view import NodeView
from tests.web.hall import PaperHall
from tests.web.paper import token


def furnish(hall: PaperHall) -> None:
    """Put them into `hall`."""
    now = hall.clock()

    def state(device: str, kind: str, condition: str = "ready", code: str = "ok", **words: Text) -> DeviceState:
        what = words.get("what", Text(zh="一切正常。", en="All is well."))
        return msgspec.convert(
            {
                "device": device, "kind": kind, "condition": condition, "code": code, "what": msgspec.to_builtins(what),
                "since": (now - timedelta(minutes=42)).isoformat(),
                **({"touch": msgspec.to_builtins(words["touch"])} if "touch" in words else {}),
            },
            DeviceState,
        )  # fmt: skip

    def status(node: str, state: Literal["online", "lost"] = "online", waiting: int = 0) -> NodeStatus:
        return NodeStatus(node=node, session=token(), state=state, at=now - timedelta(hours=2), version="0.1.0", waiting=waiting)

    paper = {
        "what": Text(zh="纸快用完了。", en="The paper is near its end."),
        "touch": Text(
            zh="打开取号机右侧灰色盖板，换上新纸卷，打印面朝上。",
            en="Open the grey cover on the right of the kiosk and put in a new roll, print side up.",
        ),
    }
    hall.node(
        NodeView(
            node="entrance", place="入口 Entrance", status=status("entrance"),
            devices=(state("kiosk-1", "kiosk", "attention", "paper-low", **paper), state("board-main", "board")),
        )
    )  # fmt: skip
    hall.node(
        NodeView(node="window-1", place="1号窗口 Window 1", status=status("window-1", waiting=3),
                 devices=(state("board-1", "board"), state("rater-1", "rater"), state("caller-1", "caller", "busy")))
    )  # fmt: skip
    away = now - timedelta(minutes=7)
    hall.node(
        NodeView(
            node="room", place="母婴室 Baby room", status=status("room", "lost"), away=away, devices=(state("room-1", "room"),)
        )
    )
