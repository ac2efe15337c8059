"""A window place in a test: callers and raters on simulated wires, their agents at work, hands and eyes on both sides."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from contract.events import KeyPressed, RatingGiven
from devices.talk import QUIET
from firmware.agents import builder
from firmware.config import NodeConfig, NodeIdentity
from firmware.config_keys import CallerConfig, RaterConfig, RatingKey
from hallware.simulated import Simulation
from tests.keys.running import running
from tests.keys.station import HeldStation

LINE = "/dev/serial/by-id/usb-rs485-if00-port0"
PAD = "/dev/input/by-id/usb-pad-event-kbd"
CODES = {
    "01": "5", "02": "4", "03": "3", "04": "2", "05": "1",
    "11": "attitude", "12": "quality", "21": "reason-slow", "31": "complaint",
}  # fmt: skip

CALLERS = {
    "keypad": CallerConfig(id="caller", window="w3", wire=PAD),
    "ff68": CallerConfig(id="caller", window="w3", dialect="ff68", wire=LINE, address=5, answers=True),
    "four-key": CallerConfig(id="caller", window="w3", dialect="four-key", wire=LINE, address=0x21),
}
RATERS = {
    "gpio": RaterConfig(
        id="rater",
        window="w3",
        keys=(
            *(RatingKey(level=level, line=level + 3, lamp=level + 19) for level in (1, 2, 3, 4, 5)),
            RatingKey(means="attitude", line=10, lamp=11),
            RatingKey(means="reason-slow", line=12),
            RatingKey(means="complaint", line=13),
        ),
        debounce=0.005,
    ),
    "keypad": RaterConfig(
        id="rater", window="w3", dialect="keypad", wire=PAD,
        codes={"KEY_5": "5", "KEY_4": "4", "KEY_2": "2", "KEY_A": "attitude", "KEY_S": "reason-slow", "KEY_C": "complaint"},
    ),
    "ff68": RaterConfig(id="rater", window="w3", dialect="ff68", wire=LINE, address=5, answers=True, codes=CODES),
    "jtt905": RaterConfig(
        id="rater", window="w3", dialect="jtt905", wire=LINE, codes=CODES, rating_command=0x11, invite_command=0x10, answers=True
    ),
}  # fmt: skip


class Place:
    """What tests see and move: `do` and `view` at the far side, `stations` at the near one."""

    def __init__(self, simulation: Simulation, stations: dict[str, HeldStation]) -> None:
        self.simulation, self.stations = simulation, stations

    async def do(self, device: str, hand: str, **given: Any) -> None:
        """Move a hand."""
        await self.simulation.bench.do(device, hand, **given)

    def view(self, device: str) -> dict[str, Any]:
        """What a person sees."""
        return self.simulation.bench.view(device)

    async def shows(self, device: str, **seen: Any) -> None:
        """Wait until a person sees this."""
        await self.stations[device].until(lambda: {name: self.view(device)[name] for name in seen} == seen)

    def orders(self, device: str = "caller") -> list[str]:
        """What a caller's keys have ordered."""
        return [fact.key for fact in self.stations[device].facts if isinstance(fact, KeyPressed)]

    def levels(self, device: str = "rater") -> list[int]:
        """The levels that were given."""
        return [fact.level for fact in self.stations[device].facts if isinstance(fact, RatingGiven)]

    async def collides(self, device: str, key: str, until: str) -> None:
        """Two talk at once, again and again, until the device says so; whoever reads late takes two collisions for one."""
        async with asyncio.timeout(60):
            while self.stations[device].code != until:
                await self.do(device, "collide", key=key)
                await asyncio.sleep(3 * QUIET)

    async def says(self, device: str, code: str) -> tuple[str, str]:
        """Wait for a state; what it says and what to touch, in English."""
        station = self.stations[device]
        await station.until(lambda: station.code == code)
        _, _, what, touch = station.states[-1]
        assert what.zh != what.en
        return what.en, "" if touch is None else touch.en


@asynccontextmanager
async def at_work(data: Path, *devices: CallerConfig | RaterConfig) -> AsyncIterator[Place]:
    """These devices on one node, each with its agent, all of them well."""
    config = NodeConfig(node=NodeIdentity(id="node-3", hall="hall", data=data), device=devices)
    stations = {device.id: HeldStation(device.id, data) for device in devices}
    async with Simulation(config) as simulation, AsyncExitStack() as agents:
        for device in devices:
            kind = str(device.__struct_config__.tag)
            await agents.enter_async_context(running(builder(kind)(device, simulation.wires, stations[device.id])))
        place = Place(simulation, stations)
        for device in devices:
            await place.says(device.id, "ok")
        yield place
