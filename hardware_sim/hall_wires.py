"""The hall's wires: keeps a connection to each node's control socket, brings views in and carries movements out."""

import asyncio
import itertools
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from hardware_sim.errors import CannotDo
from hardware_sim.hall import FarDevice, Hall

AGAIN = 0.3
"""Seconds between two tries to reach a node that is not there."""
LONGEST_LINE = 4 * 1024 * 1024
"""A kiosk's view carries its last pages as pictures."""
PATIENCE = 30.0

log = logging.getLogger(__name__)


class HallWires:
    """All nodes of a hall by their control sockets. A node that is down is tried again and again."""

    def __init__(self, hall: Hall, sockets: Mapping[str, Path]) -> None:
        """`sockets` gives each node's control socket."""
        self._hall, self._sockets = hall, dict(sockets)
        self._nodes: dict[str, _Node] = {}

    async def run(self) -> None:
        """Keep all connections until cancelled."""
        async with asyncio.TaskGroup() as group:
            for node, path in self._sockets.items():
                group.create_task(self._keep(node, path), name=f"wires of {node}")

    async def move(self, device: str, hand: str, how: Mapping[str, Any]) -> None:
        """Move a hand and return when the movement is done. Raises `CannotDo`, also when the node is not there."""
        far = self._hall.devices.get(device)
        node = self._nodes.get(far.node) if far is not None else None
        if far is None or node is None:
            raise CannotDo(f"{device}: its node is not there")
        await node.move(device, hand, how)

    async def _keep(self, name: str, path: Path) -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_LINE)
                await self._talk(name, _Node(reader, writer))
            await asyncio.sleep(AGAIN)

    async def _talk(self, name: str, node: "_Node") -> None:
        try:
            while (line := await node.line()) is not None:
                if "hello" in line:
                    self._nodes[name] = node
                    self._hall.node_came(name, [_device(name, said) for said in line["hello"]["devices"]])
                elif "view" in line:
                    self._hall.saw(line["view"])
                elif "answer" in line:
                    node.answered(line)
        finally:
            self._nodes.pop(name, None)
            node.close()
            self._hall.node_went(name)


def _device(node: str, said: Mapping[str, Any]) -> FarDevice:
    hands = {hand: tuple(takes) for hand, takes in said["hands"].items()}
    return FarDevice(node, said["device"], said["kind"], hands, said.get("about", {}))


class _Node:
    """One connection and the movements that wait for their answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[None]] = {}

    async def line(self) -> dict[str, Any] | None:
        """The next line; None at the end."""
        try:
            line = await self._reader.readline()
        except (ConnectionError, ValueError) as error:
            log.warning("a control socket broke: %s", error)
            return None
        return msgspec.json.decode(line, type=dict[str, Any]) if line.endswith(b"\n") else None

    async def move(self, device: str, hand: str, how: Mapping[str, Any]) -> None:
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(msgspec.json.encode({"id": number, "device": device, "hand": hand, "with": how}) + b"\n")
        try:
            async with asyncio.timeout(PATIENCE):
                await answer
        except TimeoutError as error:
            raise CannotDo(f"{device}: no answer to `{hand}` within {PATIENCE:.0f} s") from error
        finally:
            del self._waiting[number]

    def answered(self, line: Mapping[str, Any]) -> None:
        """The server says how a movement went."""
        waiting = self._waiting.get(line["answer"])
        if waiting is None or waiting.done():
            return
        if line["ok"]:
            waiting.set_result(None)
        else:
            waiting.set_exception(CannotDo(line["error"]))

    def close(self) -> None:
        """No more answers come."""
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(CannotDo("the node went away"))
