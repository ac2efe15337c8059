"""A USB gadget of the machine (configfs): bound to its port it is plugged in, unbound it is pulled out."""

from pathlib import Path

GADGETS = Path("/sys/kernel/config/usb_gadget")


class Gadget:
    """One gadget and the port it hangs on."""

    def __init__(self, name: str, port: str) -> None:
        self._udc, self._port = GADGETS / name / "UDC", port

    @property
    def plugged(self) -> bool:
        """Whether the machine sees it."""
        return bool(self._udc.read_text().strip())

    def plug(self) -> None:
        """Put it in; nothing happens when it is in."""
        if not self.plugged:
            self._udc.write_text(self._port)

    def unplug(self) -> None:
        """Pull it out; nothing happens when it is out."""
        if self.plugged:
            self._udc.write_text("\n")
