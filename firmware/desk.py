"""The command desk: each command reaches its device once and in time, and every one is answered."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Literal

from contract.commands import Command, CommandAnswer, Reload
from contract.values import Text
from firmware.station import Clock

log = logging.getLogger(__name__)

Outcome = Literal["done", "refused", "failed", "late"]

REMEMBERED = 256
"""Commands and answers that are known again."""
GRACE = timedelta(seconds=5)
"""How long after a command's deadline its answer may still come."""
LONGEST = timedelta(seconds=300)
"""Nobody waits longer for an answer, whatever the command says."""

LATE = Text(zh="命令到达太晚，未执行", en="The command came too late and was not carried out")
UNKNOWN = Text(zh="该节点没有此设备", en="This node has no such device")
NOT_RUNNING = Text(zh="设备程序未运行，命令未执行", en="The device's program does not run; the command was not carried out")
NO_ANSWER = Text(zh="设备没有回答，无法确定是否已执行", en="The device did not answer; whether it was done is not known")


class CommandDesk:
    """Hands commands to agents and keeps an eye on the answers."""

    def __init__(
        self,
        clock: Clock,
        devices: Callable[[str], bool],
        reload: Callable[[str], Awaitable[tuple[Outcome, Text]]],
        say: Callable[[CommandAnswer], Awaitable[bool]],
    ) -> None:
        """`devices` knows which are here, `reload` starts one anew with newly read configuration, `say` publishes an answer."""
        self._clock, self._devices, self._reload, self._say = clock, devices, reload, say
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._queues: dict[str, list[asyncio.Queue[Command]]] = {}
        self._open: dict[str, tuple[Command, datetime]] = {}
        self._unsaid: deque[CommandAnswer] = deque(maxlen=REMEMBERED)
        self._askers: dict[str, asyncio.Future[CommandAnswer]] = {}
        self._changed = asyncio.Event()

    async def take(self, command: Command) -> None:
        """A command came."""
        if command.id in self._seen:
            return
        self._seen.append(command.id)
        log.info("command %s for %s: %s", command.id, command.device, type(command.do).__name__)
        if not self._devices(command.device):
            await self._answer(command, "refused", UNKNOWN)
        elif self._clock.now() > command.not_after:
            await self._answer(command, "late", LATE)
        elif isinstance(command.do, Reload):
            await self._answer(command, *await self._reload(command.device))
        elif not (queues := self._queues.get(command.device)):
            await self._answer(command, "failed", NOT_RUNNING)
        else:
            now = self._clock.now()
            self._open[command.id] = (command, min(command.not_after + GRACE, now + LONGEST))
            self._changed.set()
            for queue in queues:
                queue.put_nowait(command)

    async def ask(self, command: Command) -> CommandAnswer:
        """Take a command of somebody on this machine, to whom the answer goes instead of to the hall."""
        asker: asyncio.Future[CommandAnswer] = asyncio.get_running_loop().create_future()
        self._askers[command.id] = asker
        try:
            await self.take(command)
            return await asker
        finally:
            del self._askers[command.id]

    async def commands(self, device: str) -> AsyncIterator[Command]:
        """The commands for one device's agent, while it listens."""
        queue: asyncio.Queue[Command] = asyncio.Queue()
        queues = self._queues.setdefault(device, [])
        queues.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            queues.remove(queue)

    async def answered(self, answer: CommandAnswer) -> bool:
        """An agent answers; kept for the next connection when there is none now."""
        self._open.pop(answer.id, None)
        if (asker := self._askers.get(answer.id)) is not None:
            if not asker.done():
                asker.set_result(answer)
            return True
        if await self._say(answer):
            return True
        self._unsaid.append(answer)
        return False

    async def _answer(self, command: Command, outcome: Outcome, what: Text) -> None:
        at = self._clock.now()
        await self.answered(CommandAnswer(id=command.id, device=command.device, at=at, outcome=outcome, what=what))

    def unsaid(self) -> list[CommandAnswer]:
        """The answers that nobody has heard yet; they count as said with this."""
        answers = list(self._unsaid)
        self._unsaid.clear()
        return answers

    async def watch(self) -> None:
        """Answer for the agents that do not."""
        while True:
            wait = await self._answer_overdue()
            self._changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _answer_overdue(self) -> float | None:
        """Answer what is overdue; returns the seconds until something else will be."""
        now = self._clock.now()
        for command, until in list(self._open.values()):
            if until <= now:
                await self._answer(command, "failed", NO_ANSWER)
        waits = [max(0.1, (until - now).total_seconds()) for _, until in self._open.values()]
        return min(waits, default=None)
