"""Orders: the commands for one device, each once and in time, and their answers."""

from collections import deque
from collections.abc import AsyncIterator
from typing import Literal

from contract.commands import Command, CommandAnswer
from contract.topics import COMMAND, COMMAND_ANSWER
from contract.values import Text
from firmware.station import Station

Outcome = Literal["done", "refused", "failed", "late"]

REMEMBERED = 16
"""Commands known again when the broker repeats them."""

DONE = Text(zh="已执行", en="Done")
LATE = Text(zh="命令到达太晚，未执行", en="The command came too late and was not carried out")
FOREIGN = Text(zh="该设备不会执行此命令", en="This device cannot do that")


async def orders(station: Station) -> AsyncIterator[Command]:
    """The commands for this station's device; stale ones are answered here, repeated ones passed over."""
    seen: deque[str] = deque(maxlen=REMEMBERED)
    async for command in station.hear(COMMAND):
        if command.device != station.device or command.id in seen:
            continue
        seen.append(command.id)
        if station.clock.now() > command.not_after:
            await answer(station, command, "late", LATE)
        else:
            yield command


async def answer(station: Station, command: Command, outcome: Outcome, what: Text) -> None:
    """Say what became of a command."""
    said = CommandAnswer(id=command.id, device=station.device, at=station.clock.now(), outcome=outcome, what=what)
    await station.say(COMMAND_ANSWER, said)
