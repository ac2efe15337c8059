"""Checking a scenario without playing it: its devices, hands, keys, actions and tables against the hall it asks for."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from contract.settings import BadSettings, parse
from controller.config import HallConfig, load
from firmware.config import NodeConfig
from hallware.scenes.stored import refuse_unknown
from hallware.scenes.voice import as_action
from hallware.simulated import Simulation
from hardware_sim.bench import Bench
from hardware_sim.errors import CannotDo
from hardware_sim.scenario import steps
from hardware_sim.scenario.names import filled, learned_by
from hardware_sim.scenario.read import Script
from link.address import BrokerAddress
from provisioning.plan import Folders, node_files

EXAMPLE, NOTICE = "A001", "notice-0001"
"""What a name stands for while nobody has a ticket yet, and no notice is posted."""


class PlannedHall:
    """A hall's plan with the benches of its nodes, as they would be."""

    def __init__(self, config: HallConfig, benches: Iterable[Bench]) -> None:
        self.config = config
        self.benches = {device: bench for bench in benches for device in bench.peripherals}

    @classmethod
    def of(cls, script: Script) -> "PlannedHall":
        """The hall that a scenario asks for. Raises `BadSettings`."""
        config = load(script.plan)
        files = node_files(config, BrokerAddress(), Folders(), name=script.plan.name)
        nodes = (parse(text, NodeConfig, name=script.plan.name) for text in files.values())
        return cls(config, [Simulation(node).bench for node in nodes])


def check(script: Script) -> None:
    """Raise `BadSettings` that names the first thing in a scenario that its hall does not have."""
    hall = PlannedHall.of(script)
    known: dict[str, str] = {}
    for number, step in enumerate(script.scenario.step):
        try:
            _check(filled(step, known), hall)
        except CannotDo as problem:
            raise BadSettings(f"{script.at(number)}: {problem}") from problem
        example = NOTICE if isinstance(step, steps.Ask) and step.ask == "post-notice" else EXAMPLE
        known |= dict.fromkeys(learned_by(step), example)


def _check(step: steps.AnyStep, hall: PlannedHall) -> None:
    config = hall.config
    for what, value, there in _references(step, hall):
        _refuse(what, value, there)
    match step:
        case steps.Arrive():
            _check_hand(hall, step.kiosk, "press", {"key": step.key})
        case steps.Press():
            _check_hand(hall, step.device, "press", {"key": step.key})
        case steps.Move():
            _check_hand(hall, step.device, step.hand, step.how)
        case steps.Ask():
            as_action({"type": step.ask} | step.how)
        case steps.ExpectStored():
            refuse_unknown(step.table, step.where)
        case steps.Process():
            _refuse("process", step.who, ("broker", "controller", *(node.id for node in config.node)))


def _references(step: steps.AnyStep, hall: PlannedHall) -> Iterator[tuple[str, str, Iterable[str]]]:
    """What a step names: the kind of thing, its id, and what the hall has of it."""
    config = hall.config
    devices = hall.benches
    match step:
        case steps.Arrive():
            yield "device", step.kiosk, devices
        case steps.Press() | steps.Move() | steps.ExpectState() | steps.ExpectTicket() | steps.ExpectView():
            yield "device", step.device, devices
        case steps.ExpectBoard():
            yield "board", step.board, devices
        case steps.ExpectWindow():
            yield "window", step.window, [window.id for window in config.window]
        case steps.ExpectWaiting():
            yield "service", step.service, [service.id for service in config.service]
        case steps.ExpectNode():
            yield "node", step.node, ["controller", *(node.id for node in config.node)]


def _check_hand(hall: PlannedHall, device: str, hand: str, how: dict[str, Any]) -> None:
    there = hall.benches[device].peripherals[device]
    _refuse(f"hand of {device}", hand, there.hands)
    there.hands[hand].check(how)


def _refuse(what: str, value: str, there: Iterable[str]) -> None:
    known = list(there)
    if value not in known:
        close = difflib.get_close_matches(value, known, n=1)
        guess = f"; did you mean `{close[0]}`?" if close else ""
        raise CannotDo(f"there is no {what} `{value}`{guess} There are {', '.join(known)}".replace("` There", "`; there"))
