"""The side door: root at the node itself lets a device test itself, by the same way as an order of the hall."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

from contract.commands import Command, CommandAnswer, SelfTest
from contract.health import DeviceState
from contract.side_door import SIDE_DOOR, SelfTestAsked, SelfTestTold
from firmware.station import Clock

log = logging.getLogger(__name__)

ANSWER = timedelta(seconds=25)
"""For a self-test; a board shows every pixel for some of them."""
PATIENCE = 5.0
"""Seconds for whoever has opened the door to say what is wanted."""
LONGEST = 1000

_asked = msgspec.json.Decoder(SelfTestAsked)


class SideDoor:
    """Serves one question a connection; there is no door where nobody has named a folder for it."""

    def __init__(
        self,
        clock: Clock,
        ask: Callable[[Command], Awaitable[CommandAnswer]],
        state: Callable[[str], DeviceState | None],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """The folder is `RuntimeDirectory=` of the unit; `ask` gives a command to its device, `state` tells how one is."""
        folder = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._path = Path(folder) / SIDE_DOOR if folder else None
        self._clock, self._ask, self._state = clock, ask, state

    async def run(self) -> None:
        """Serve until cancelled; nothing is kept from working by a door that cannot be made."""
        server = await self._opened(self._path) if self._path is not None else None
        try:
            await asyncio.Event().wait()
        finally:
            if server is not None:
                server.close()

    async def _opened(self, path: Path) -> asyncio.Server | None:
        try:
            return await asyncio.start_unix_server(self._serve, sock=_socket(path), limit=LONGEST)
        except OSError as error:
            log.warning("%s: %s; `hallware doctor --self-test` cannot ask this node", path, error.strerror or error)
            return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                asked = _asked.decode(await reader.readline())
            writer.write(msgspec.json.encode(await self._tested(asked.device)) + b"\n")
            await writer.drain()
        except (msgspec.DecodeError, ValueError, OSError) as problem:  # a timeout is an OSError
            log.debug("side door: %s", problem)
        finally:
            writer.close()

    async def _tested(self, device: str) -> SelfTestTold:
        now = self._clock.now()
        command = Command(id=secrets.token_hex(8), device=device, at=now, not_after=now + ANSWER, do=SelfTest())
        answer = await self._ask(command)
        return SelfTestTold(answer=answer, state=self._state(device))


def _socket(path: Path) -> socket.socket:
    """For its owner and root alone, before anybody can knock. Raises `OSError`."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX)
    try:
        made.bind(str(path))
        path.chmod(0o600)
    except OSError:
        made.close()
        raise
    return made
