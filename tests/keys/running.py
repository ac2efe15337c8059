"""Agents at work in a test."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from contract.commands import Command, Identify, PrintSlip, SelfTest
from devices.refusals import explain
from devices.serial_bus import LineSettings
from firmware.station import Agent
from hardware_sim.keypad import Keypad


@asynccontextmanager
async def running(agent: Agent) -> AsyncIterator[None]:
    """Run the agent for the length of a block; what it raises is raised here."""
    task = asyncio.create_task(agent.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def command(device: str, do: SelfTest | PrintSlip | Identify) -> Command:
    """A fresh command."""
    now = datetime.now(UTC)
    return Command(id=secrets.token_hex(8), device=device, at=now, not_after=now + timedelta(seconds=30), do=do)


class NoWires:
    """Wires of which none is there."""

    def pins(self) -> Any:
        """Not there."""
        raise AssertionError

    def spi(self, wire: str) -> Any:
        """Not there."""
        raise AssertionError(wire)

    def address(self, wire: str) -> str:
        """Not there."""
        raise AssertionError(wire)

    def bus(self, wire: str, settings: LineSettings) -> Any:
        """Not there."""
        raise AssertionError(wire, settings)

    def sound(self, program: str, wire: str) -> tuple[str, ...]:
        """Not there."""
        raise AssertionError(program, wire)

    def input(self, wire: str) -> Any:
        """Not there."""
        raise AssertionError(wire)


class PadWires(NoWires):
    """Wires of which only one keypad is there, as long as it is plugged in."""

    def __init__(self, keypad: Keypad) -> None:
        self.keypad = keypad

    def input(self, wire: str) -> Any:
        """The keypad, grabbed."""
        try:
            device = self.keypad.open(wire)
        except OSError as error:
            raise explain(error, wire, "input") from error
        device.grab()
        return device


class PinWires(NoWires):
    """Wires of which only the GPIO is there."""

    def __init__(self, pins: Any) -> None:
        self._pins = pins

    def pins(self) -> Any:
        """The pin factory."""
        return self._pins
