"""Answering commands."""

from typing import Literal

from contract.commands import Command, CommandAnswer
from contract.topics import COMMAND_ANSWER
from contract.values import Text
from firmware.station import Station

Outcome = Literal["done", "refused", "failed"]

DONE = Text(zh="已执行", en="Done")
FOREIGN = Text(zh="该设备不会执行此命令", en="This device cannot do that")


async def answer(station: Station, command: Command, outcome: Outcome, what: Text) -> None:
    """Say what became of a command."""
    said = CommandAnswer(id=command.id, device=station.device, at=station.clock.now(), outcome=outcome, what=what)
    await station.say(COMMAND_ANSWER, said)
