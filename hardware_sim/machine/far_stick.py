"""A USB stick for the machine (a mass-storage gadget): plugged in with an image, pulled out at any time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware_sim.bench import Stop, hands
from hardware_sim.errors import CannotDo
from hardware_sim.machine.gadget import GADGETS, Gadget

SLOT = GADGETS / "stick/functions/mass_storage.0/lun.0"


class UsbStick:
    """In no socket at the beginning. Hands: `plug`, `unplug`."""

    kind = "usb-stick"

    def __init__(self, slot: Path = SLOT, gadget: Gadget | None = None) -> None:
        self._slot, self._gadget = slot, gadget or Gadget("stick", "dummy_udc.2")
        self.hands = hands(self.plug, self.unplug)

    def view(self) -> dict[str, Any]:
        """Whether it is plugged in."""
        return {"plugged": self._gadget.plugged}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """It changes by hands alone."""
        return lambda: None

    def plug(self, image: str) -> None:
        """Put in the stick whose content is this file of the machine."""
        self._gadget.unplug()
        try:
            # Whoever had mounted it has locked it in, which pulling it out does not undo.
            (self._slot / "forced_eject").write_text("1")
            (self._slot / "file").write_text(image)
        except OSError as error:
            raise CannotDo(f"{image}: {error.strerror}") from error
        self._gadget.plug()

    def unplug(self) -> None:
        """Pull it out."""
        self._gadget.unplug()
