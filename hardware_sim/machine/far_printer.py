"""The printer's plug at the machine: a USB printer gadget, whose far end is read and answered as a printer does."""

import errno
import fcntl
import os
import select
import time
from contextlib import suppress
from pathlib import Path

from hardware_sim.errors import CannotDo
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_printer import Printer
from hardware_sim.machine.gadget import Gadget

FOUND_WITHIN = 10.0
_SET_STATUS = 0xC0016722
"""GADGET_SET_PRINTER_STATUS: _IOWR('g', 0x22, unsigned char)."""
_FINE, _SELECTED, _NO_PAPER = 0x08, 0x10, 0x20
"""Port status of the USB printer class 1.1, 4.2.2."""


class UsbGadget:
    """A plug (`hardware_sim.escpos_plugs.Line`) on the machine's USB; what is not read stays in the kernel, which fills up."""

    needs_power = True

    def __init__(self, path: Path = Path("/dev/g_printer0"), gadget: Gadget | None = None) -> None:
        self._path, self._gadget = path, gadget or Gadget("printer", "dummy_udc.1")
        self._file: int | None = None
        self.address = "/dev/usb/lp0"

    def open(self) -> None:
        """Appear on the bus."""
        if self._file is None:
            self._gadget.plug()
            self._file = self._opened()

    def _opened(self) -> int:
        """It can be opened once the machine has found it on its bus."""
        until = time.monotonic() + FOUND_WITHIN
        while True:
            try:
                return os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError as error:
                if error.errno != errno.ENODEV or time.monotonic() > until:
                    raise CannotDo(f"{self._path}: {error.strerror}") from error
                time.sleep(0.02)

    def close(self) -> None:
        """Vanish from the bus."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._gadget.unplug()

    def wants(self, room: int, unsent: bool) -> dict[int, int]:
        """Reading while there is room, writing while there is something unsent."""
        if self._file is None:
            return {}
        return {self._file: (select.POLLIN if room else 0) | (select.POLLOUT if unsent else 0)}

    def read(self, size: int) -> bytes:
        """What has come in."""
        if self._file is None:
            return b""
        with suppress(OSError):
            return os.read(self._file, size)
        return b""

    def write(self, data: bytes) -> int:
        """Send what the bus takes; to nobody it is all gone."""
        if self._file is None:
            return len(data)
        with suppress(BlockingIOError):
            return os.write(self._file, data)
        return 0

    def hold(self, back: bool) -> None:
        """What is not read holds the other side back by itself."""

    def show_status(self, *, paper: bool, fine: bool) -> None:
        """What the port answers when it is asked for its status, beside the bytes of the printer."""
        if self._file is not None:
            status = _SELECTED | (_FINE if fine else 0) | (0 if paper else _NO_PAPER)
            with suppress(OSError):
                fcntl.ioctl(self._file, _SET_STATUS, bytes([status]))


def usb_printer() -> Port:
    """A printer of 80 mm on the machine's USB, whose port status follows its condition."""
    printer, plug = Printer(paper=80), UsbGadget()
    printer.listen(lambda: plug.show_status(paper=printer.condition.paper != "out", fine=printer.condition.online))
    return Port(printer, plug)
