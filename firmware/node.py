"""The node: one process, one connection to the broker, one supervised agent for each device."""

import asyncio
import logging
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from zoneinfo import ZoneInfo

from contract.commands import CommandAnswer
from contract.events import DeviceTrouble, Event
from contract.settings import BadSettings
from contract.topics import ACK, COMMAND, COMMAND_ANSWER, DEVICE_STATE, ECHO, EVENT
from contract.updating import Wellness
from contract.values import Text
from devices.wires import Wires
from firmware.agents import BUILDERS, Build, builder
from firmware.boot import boot_id
from firmware.bulletin import Bulletin
from firmware.clock import HallClock
from firmware.config import DeviceConfig, NodeConfig
from firmware.controller_watch import ControllerWatch
from firmware.desk import CommandDesk, Outcome
from firmware.device import Device
from firmware.heart import Heart
from firmware.identity import Identity
from firmware.intercom import Intercom
from firmware.last_update import LastUpdate, file_of
from firmware.notify import Notifier
from firmware.outbox import Outbox
from firmware.post import Post
from firmware.power import Power
from firmware.side_door import SideDoor
from firmware.station import OutboxFull
from firmware.supervisor import Supervisor
from firmware.vitals import Vitals
from firmware.wellness import WellnessFile
from link.letter import Letter
from link.link import Link
from link.pulse import Pulse

log = logging.getLogger(__name__)

PARTING = 1.2
"""Seconds that the agents have for their end."""
PROVEN = 10.0
"""Seconds for which an echo of the link is proof."""
ITSELF = ""
"""The node among the subjects of its bulletin."""

GONE = Text(zh="新配置中没有此设备，或其类型不同", en="The new configuration has no such device, or one of another kind")
RELOADED = Text(zh="已按新配置重新启动", en="Started anew with the new configuration")


class Node:
    """Everything that runs on one machine of the hall."""

    def __init__(
        self,
        config: NodeConfig,
        wires: Wires,
        *,
        version: str,
        reread: Callable[[], NodeConfig] | None = None,
        build: Callable[[str], Build] = builder,
        clock: HallClock | None = None,
        notifier: Notifier | None = None,
        power: Power | None = None,
    ) -> None:
        """`reread` reads node.toml again for a `reload`, `build` finds what builds an agent. Raises `BadSettings`."""
        self.config = config
        self.clock = clock or HallClock()
        self._wires, self._build = wires, build
        self._reread = reread or (lambda: config)
        self._timezone = ZoneInfo(config.node.timezone)
        self._notifier = notifier or Notifier()
        self._power = power or Power()
        self._notes: set[asyncio.Task[None]] = set()
        self._intercom = Intercom()
        self._configs: dict[str, DeviceConfig] = {device.id: device for device in config.device}
        self.devices = {device.id: self._device(device) for device in config.device}
        self._last_update = LastUpdate(file_of(), lambda: self._bulletin.note(ITSELF, urgent=True))
        update = lambda: self._last_update.report  # noqa: E731
        self._identity = Identity(config.node.id, version, tuple(self.devices), self.clock, update)
        self._session, self._version = secrets.token_hex(8), version
        self.link = self._link()
        self.outbox = self._outbox()
        self._vitals = self._measured()
        self._bulletin = Bulletin(self.link, self._subjects())
        self._watch = ControllerWatch(self.link, self.clock)
        self._desk = CommandDesk(self.clock, self.devices.__contains__, self._reload, self._answer)
        self._supervisors = {name: self._supervisor(device) for name, device in self.devices.items()}
        self._heart = Heart(self._notifier, self.link, self.devices.values, lambda: self.outbox.waiting)

    def _device(self, config: DeviceConfig) -> Device:
        return Device(
            config.id,
            kind_of(config),
            self.clock,
            changed=lambda urgent: self._bulletin.note(config.id, urgent=urgent),
            trouble=lambda trouble: self._note(config.id, trouble),
        )

    def _link(self) -> Link:
        node = self.config.node
        pulse = Pulse(ECHO, {"node": node.id}, self._identity.echo)
        goodbye = lambda: [self._identity.goodbye(waiting=self.outbox.waiting)]  # noqa: E731
        return Link(
            self.config.broker, node.id, node.hall, will=self._identity.will, birth=self._birth, goodbye=goodbye, pulse=pulse
        )

    def _outbox(self) -> Outbox:
        node = self.config.node
        changed = lambda: self._bulletin.note(ITSELF, urgent=True)  # noqa: E731
        return Outbox(node.data / "outbox.db", node.id, self.clock, boot=boot_id(), send=self._send, changed=changed)

    def _measured(self) -> Vitals:
        changed = lambda urgent: self._bulletin.note(ITSELF, urgent=urgent)  # noqa: E731
        return Vitals(self.outbox, self.clock, self.link.counts.total, changed, self._power)

    def _subjects(self) -> dict[str, Callable[[], Letter]]:
        letters: dict[str, Callable[[], Letter]] = {ITSELF: self._status}
        return letters | {name: partial(self._state, device) for name, device in self.devices.items()}

    def _supervisor(self, device: Device) -> Supervisor:
        node = self.config.node
        post = Post(
            device,
            node=node.id,
            data=node.data,
            timezone=self._timezone,
            clock=self.clock,
            link=self.link,
            outbox=self.outbox,
            desk=self._desk,
            presence=self._watch.present,
            intercom=self._intercom,
        )

        async def life() -> None:
            # Its libraries are loaded in a thread: a neighbour's board must not wait for them.
            build = await asyncio.get_running_loop().run_in_executor(None, self._build, device.kind)
            await build(self._configs[device.name], self._wires, post).run()

        return Supervisor(device, life)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set. Raises what is a bug, and leaves the last word to the will; weather is lived with."""
        log.info("node %s: %s", self.config.node.id, ", ".join(self.devices))
        agents = [asyncio.create_task(one.run(), name=f"device {name}") for name, one in self._by_urgency()]
        await self.outbox.__aenter__()
        await self.link.__aenter__()
        parts = [self._watch.run(), self._obey(), self._hear_acks(), self._tell_outbox(), self._vitals.run()]
        parts += [self._bulletin.run(), self._heart.run(), self._desk.watch(), self.link.ended(), self.outbox.ended()]
        parts += [self._last_update.run(), WellnessFile().run(self._wellness), self._side_door().run()]
        services = [asyncio.create_task(part, name="node") for part in parts]
        stopping = asyncio.create_task(stop.wait(), name="stop")
        self._notifier.ready()
        try:
            await _first([stopping, *agents, *services])
        finally:
            self._notifier.stopping()
            await _end(agents, within=PARTING)
            await _end([stopping, *self._notes, *services], within=PARTING)
            await asyncio.gather(self.link.__aexit__(*sys.exc_info()), self.outbox.__aexit__(None, None, None))
            log.info("node %s: stopped", self.config.node.id)

    def _by_urgency(self) -> list[tuple[str, Supervisor]]:
        order = list(BUILDERS)
        return sorted(self._supervisors.items(), key=lambda named: order.index(self.devices[named[0]].kind))

    async def _hear_acks(self) -> None:
        with self.link.hear(ACK, node=self.config.node.id) as ear:
            async for heard in ear:
                self.outbox.acked(heard.message)

    async def _tell_outbox(self) -> None:
        async for present in self._watch.present.changes():
            log.info("the controller is %s", "there" if present else "away")
            self.outbox.presence(present)

    async def _obey(self) -> None:
        with self.link.hear(COMMAND, node=self.config.node.id) as ear:
            async for heard in ear:
                await self._desk.take(heard.message)

    def _side_door(self) -> SideDoor:
        devices = self.devices
        return SideDoor(self.clock, self._desk.ask, lambda name: devices[name].state if name in devices else None)

    async def _reload(self, name: str) -> tuple[Outcome, Text]:
        """Start a device anew with newly read configuration."""
        try:
            config = await asyncio.get_running_loop().run_in_executor(None, self._reread)
        except BadSettings as error:
            return "failed", Text(zh=f"配置无效：{error}"[:400], en=f"The configuration is not valid: {error}"[:400])
        found = next((device for device in config.device if device.id == name), None)
        if found is None or kind_of(found) != self.devices[name].kind:
            return "failed", GONE
        self._configs[name] = found
        self._supervisors[name].restart()
        return "done", RELOADED

    def _wellness(self) -> Wellness:
        """How it is now; a link whose last echo is older than a lost one would be does not count."""
        proven = self.link.up.value and self.link.age is not None and self.link.age < PROVEN
        answered = {name for name, device in self.devices.items() if device.has_answered}
        return Wellness(
            session=self._session,
            version=self._version,
            at=self.clock.monotonic(),
            echo=proven,
            controller=self._watch.present.value,
            answered=tuple(sorted(answered)),
            silent=tuple(sorted(self.devices.keys() - answered)),
        )

    def _status(self) -> Letter:
        counts = {**self.link.counts, **({"low-voltage": self._power.dips} if self._power.dips else {})}
        return self._identity.birth(waiting=self._vitals.late, trouble=self.outbox.trouble or self._power.trouble, counts=counts)

    def _state(self, device: Device) -> Letter:
        return Letter(DEVICE_STATE, device.state, {"node": self.config.node.id, "device": device.name})

    def _birth(self) -> Sequence[Letter]:
        levels = {"node": self.config.node.id}
        return [*self._bulletin.all(), *(Letter(COMMAND_ANSWER, answer, levels) for answer in self._desk.unsaid())]

    async def _send(self, event: Event) -> bool:
        return await self.link.say(EVENT, event, node=self.config.node.id)

    async def _answer(self, answer: CommandAnswer) -> bool:
        return await self.link.say(COMMAND_ANSWER, answer, node=self.config.node.id)

    def _note(self, device: str, trouble: DeviceTrouble) -> None:
        """Keep in the stream that a device broke or healed; nobody waits for it."""
        task = asyncio.create_task(self._record(device, trouble), name="note")
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _record(self, device: str, trouble: DeviceTrouble) -> None:
        with suppress(OutboxFull):
            await self.outbox.record(device, trouble)


def kind_of(config: DeviceConfig) -> str:
    """The kind of a device as node.toml spells it."""
    return str(type(config).__struct_config__.tag)


async def _first(tasks: Sequence[asyncio.Task[object]]) -> None:
    """Wait for the first of them to end, and raise what ended it."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


async def _end(tasks: Sequence[asyncio.Task[object]], *, within: float) -> None:
    """Cancel them and give them a moment."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=within)
