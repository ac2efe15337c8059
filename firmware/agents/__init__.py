"""The agents: one module for each kind of device, imported only when a node has one."""

import importlib
from collections.abc import Callable
from typing import Any, cast

from devices.wires import Wires
from firmware.station import Agent, Station

BUILDERS = {
    "board": "firmware.agents.board:build",
    "strip": "firmware.agents.strip:build",
    "kiosk": "firmware.agents.kiosk:build",
    "rater": "firmware.agents.rater:build",
    "room": "firmware.agents.room:build",
    "help": "firmware.agents.help:build",
    "announcer": "firmware.agents.announcer:build",
    "scanner": "firmware.agents.scanner:build",
    "caller": "firmware.agents.caller:build",
}
"""Kind of device, as node.toml spells it, to what builds its agent; boards stand first because people wait for their light."""

Build = Callable[[Any, Wires, Station], Agent]


def builder(kind: str) -> Build:
    """What builds an agent of this kind; imports its module and the vendor's library behind it, which may take a while."""
    module, _, name = BUILDERS[kind].partition(":")
    return cast(Build, getattr(importlib.import_module(module), name))
