"""The page's parts: each change in the hall becomes the part that a browser needs, and no more."""

import base64
import binascii
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from hardware_sim.hall import Hall
from hardware_sim.page.layout import lay_out
from hardware_sim.page.shown import Shown
from hardware_sim.people import Figures

PICTURES = 60
"""Printed pages kept for browsers that ask late."""


class Parts:
    """Watches a hall and keeps what is shown of it."""

    def __init__(self, hall: Hall, can: Callable[[str], tuple[str, ...]] = lambda node: ()) -> None:
        """`can` says what can be done to a node now: `kill`, `start`."""
        self.shown = Shown()
        self._hall, self._can = hall, can
        self._printed: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._placed: set[tuple[str, str]] = set()
        self._structure()
        for kind, name in hall.known():
            self._changed(kind, name)
        hall.listeners.append(self._changed)

    def close(self) -> None:
        """Watch no more, and let browsers go. Safe to call twice."""
        self.shown.close()
        if self._changed in self._hall.listeners:
            self._hall.listeners.remove(self._changed)

    def people(self, *, on: bool, figures: Figures) -> None:
        """Show what the people do."""
        self.shown.put("people/", on=on, figures=asdict(figures))

    def node(self, node: str) -> None:
        """Show a node anew: something else can be done to it now."""
        self._changed("node", node)

    def printed(self, device: str, page: str) -> bytes | None:
        """A printed page as PNG; None when it was long ago."""
        try:
            return base64.b64decode(self._printed[device, page], validate=True)
        except (KeyError, binascii.Error):
            return None

    def _changed(self, kind: str, name: str) -> None:
        match kind:
            case "view":
                self._view(name, self._hall.views[name])
            case "node":
                status, connected = self._hall.statuses.get(name), name in self._hall.connected
                self.shown.put(f"node/{name}", connected=connected, status=status, can=self._can(name))
                for device in self._hall.devices.values():
                    if device.node == name and device.id in self._hall.states:
                        self._state(device.id)
            case "state":
                self._state(name)
            case "window":
                self.shown.put(f"window/{name}", state=self._hall.windows[name])
            case "offer":
                for service in self._hall.offers[name].services:
                    self.shown.put(f"service/{service.service}", waiting=service.waiting, open=service.open)
            case "controller":
                self.shown.put("controller/", status=self._hall.controller)
        if kind == "devices" or (kind, name) not in self._placed:
            self._placed.add((kind, name))
            self._structure()

    def _state(self, device: str) -> None:
        far = self._hall.devices.get(device)
        unknown = None if far is None else self._hall.away.get(far.node)
        self.shown.put(f"state/{device}", state=self._hall.states[device], unknown=unknown)

    def _view(self, device: str, view: Mapping[str, Any]) -> None:
        if view["kind"] == "kiosk":
            view = dict(view) | {"pages": [self._keep(device, page) for page in view["pages"]]}
        self.shown.put(f"view/{device}", view=view)

    def _keep(self, device: str, page: Mapping[str, Any]) -> dict[str, Any]:
        self._printed[device, str(page["id"])] = page["png"]
        while len(self._printed) > PICTURES:
            self._printed.popitem(last=False)
        return {"id": page["id"], "text": page["text"], "drawn": zlib.crc32(page["png"].encode())}

    def _structure(self) -> None:
        self.shown.put("page/", structure=lay_out(self._hall).structure)
