"""The supervisor: keeps one device's agent running; one that fails or hangs is started anew alone, its neighbours untouched."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Literal

from contract.values import Text
from devices.errors import DeviceError
from firmware.device import Device
from link.weather import Backoff

log = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds between two looks at an agent."""
PATIENCE = 10.0
"""Seconds after which a silent agent counts as hung."""
LET_GO = 1.0
"""Seconds that a cancelled agent has for its end; then it is left behind."""
STOOD_STILL = 2.0
"""Seconds beyond a look's due time that mean that the whole process stood still."""

CALL = Text(zh="若几分钟后仍未恢复，请联系技术人员", en="If it is not well again in a few minutes, call a technician")


def _failed(error: BaseException) -> Text:
    return Text(
        zh=f"设备程序出错，正在自动重启：{error}"[:400],
        en=f"The device's program failed and is being started again: {error}"[:400],
    )


HUNG = Text(zh="设备程序没有响应，正在自动重启", en="The device's program did not answer and is being started again")


class Supervisor:
    """Runs one agent for as long as it is itself run."""

    def __init__(
        self,
        device: Device,
        life: Callable[[], Coroutine[Any, Any, None]],
        *,
        patience: float = PATIENCE,
        backoff: Backoff | None = None,
    ) -> None:
        """`life` builds the agent and runs it."""
        self.device = device
        self._life = life
        self._patience = patience
        self._backoff = backoff or Backoff(first=0.5, most=30.0, steady=30.0)
        self._restart = asyncio.Event()
        self._last_failure = ""

    def restart(self) -> None:
        """Start the agent anew at once, because it is wanted so."""
        self._restart.set()

    async def run(self) -> None:
        """Keep the agent running until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._restart.clear()
            self.device.alive()
            began = loop.time()
            if await self._one_life():
                continue
            if loop.time() - began > self._backoff.steady:
                self._backoff.reset()
            self.device.count("agent-restarted")
            await self._pause(self._backoff.next())

    async def _pause(self, seconds: float) -> None:
        """Wait before the next try, unless one is wanted at once."""
        until = asyncio.get_running_loop().time() + seconds
        while not self._restart.is_set() and (left := until - asyncio.get_running_loop().time()) > 0:
            self.device.seen()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK)):
                    await self._restart.wait()

    async def _one_life(self) -> bool:
        """Run the agent to its end; whether that end was wanted."""
        agent = asyncio.create_task(self._life())
        wanted = asyncio.create_task(self._restart.wait())
        try:
            hung = await self._watch(agent, wanted)
        finally:
            wanted.cancel()
            await self._end(agent)
        if hung:
            self._say_failed("agent-hung", HUNG, None)
        elif not self._restart.is_set():
            self._say_end(agent)
        return self._restart.is_set()

    async def _watch(self, agent: asyncio.Task[None], wanted: asyncio.Task[Literal[True]]) -> bool:
        """Look at the agent until it ends or another one is wanted; whether it hangs."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            done, _ = await asyncio.wait(
                {agent, wanted}, timeout=min(LOOK, self._patience / 2), return_when=asyncio.FIRST_COMPLETED
            )
            self.device.seen()
            if done:
                return False
            if (late := loop.time() - before - LOOK) > STOOD_STILL:
                self.device.forgive(late)
            if self.device.silent_for > self._patience:
                return True

    async def _end(self, agent: asyncio.Task[None]) -> None:
        """Cancel the agent; one that does not let go is left behind, for nothing may wait for it."""
        agent.cancel()
        done, _ = await asyncio.wait({agent}, timeout=LET_GO)
        if not done:
            log.error("%s: its agent does not let go; it is left behind", self.device.name)
            self.device.count("agent-left-behind")

    def _say_end(self, agent: asyncio.Task[None]) -> None:
        error = None if agent.cancelled() else agent.exception()
        cause = _first(error) if error is not None else RuntimeError("it ended by itself")
        if isinstance(cause, DeviceError) and self.device.condition == "fault":
            return  # the agent has said it in better words
        self._say_failed("agent-failed", _failed(cause), cause)

    def _say_failed(self, code: str, what: Text, error: BaseException | None) -> None:
        known, self._last_failure = self._last_failure == what.en, what.en
        if isinstance(error, Exception) and not isinstance(error, DeviceError):
            log.log(logging.DEBUG if known else logging.ERROR, "%s: its agent failed", self.device.name, exc_info=error)
        self.device.say("fault", code, what, CALL)


def _first(error: BaseException) -> BaseException:
    """What happened first, out of the groups that task groups make of it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
