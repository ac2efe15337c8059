"""Printers: the kiosks of the hall that staff may choose for a ticket or a slip, and whether each can print now. Pure."""

from dataclasses import dataclass

from contract.values import Text
from controller.config import HallConfig
from controller.view import HallView


@dataclass(frozen=True)
class Printer:
    """A kiosk as somebody chooses it."""

    id: str
    ready: bool
    says: Text | None = None
    """How it is, where that is not well."""


AWAY = Text(zh="不在线", en="not there")


def printers(config: HallConfig, view: HallView) -> tuple[Printer, ...]:
    """Every kiosk, those that can print first."""
    found = [_printer(kiosk.id, view) for kiosk in config.kiosk]
    return tuple(sorted(found, key=lambda printer: not printer.ready))


def _printer(kiosk: str, view: HallView) -> Printer:
    for node in view.nodes:
        online = node.status is not None and node.status.state == "online"
        for state in node.devices:
            if state.device == kiosk and online:
                fault = state.condition == "fault"
                return Printer(kiosk, ready=not fault, says=state.what if fault else None)
        if online and node.status is not None and kiosk in node.status.devices:
            return Printer(kiosk, ready=True)
    return Printer(kiosk, ready=False, says=AWAY)
