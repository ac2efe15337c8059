"""The printer's port: carries bytes between printer and plug, in a thread that sleeps while nothing happens."""

import os
import select
import threading
import time
from collections.abc import Callable

from hardware_sim.escpos_plugs import Line
from hardware_sim.escpos_printer import Printer

_MOST_UNSENT = 4096
_PATIENCE = 5.0


class Port:
    """Carries bytes between a printer and its plug, in a thread of its own. Hands: `unplug`, `plug`, `block`, `unblock`."""

    def __init__(self, printer: Printer, line: Line) -> None:
        self.printer = printer
        self.plugged = True
        self.blocked = False
        self._line = line
        self._lock = threading.Lock()
        self._unsent = b""
        self._closing = False
        self._thread: threading.Thread | None = None
        self._wake = -1
        self._vanished = threading.Event()
        self._vanished.set()
        self._stop_listening: Callable[[], None] = lambda: None

    @property
    def address(self) -> str | None:
        """Where the printer is found; None while the cable is pulled."""
        return self._line.address if self.plugged else None

    def open(self) -> None:
        """Appear and start serving."""
        self._closing = False
        if self._present:
            self._appear()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._serve, name="sim-printer", daemon=True)
        self._stop_listening = self.printer.listen(self._rouse)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and vanish. Safe to call twice."""
        if self._thread is not None:
            self._closing = True
            self._rouse()
            self._thread.join()
            self._thread = None
            self._stop_listening()
            os.close(self._wake)
            self._vanish()

    def unplug(self) -> None:
        """Pull the data cable: clients get errors, and nothing answers."""
        self.plugged = False
        self.printer.tell()

    def plug(self) -> None:
        """Put the cable back; a terminal has a new name then, as a serial adapter has a new device node."""
        self.plugged = True
        self.printer.tell()

    def block(self) -> None:
        """The printer takes no more bytes off its wire; whoever writes has to wait."""
        with self._lock:
            self.blocked = True
            self._line.hold(True)
        self.printer.tell()

    def unblock(self) -> None:
        """It reads on."""
        with self._lock:
            self.blocked = False
            self._line.hold(False)
        self.printer.tell()

    @property
    def _room(self) -> int:
        return 0 if self.blocked else self.printer.room

    @property
    def _present(self) -> bool:
        return self.plugged and (self.printer.powered or not self._line.needs_power)

    def _appear(self) -> None:
        with self._lock:
            self._vanished.clear()
            self._line.open()
            self._line.hold(self.blocked)

    def _vanish(self) -> None:
        with self._lock:
            self._line.close()
            self._unsent = b""
            self._vanished.set()

    def _rouse(self) -> None:
        """Something changed. A hand that makes the plug vanish comes back when it has vanished."""
        if threading.current_thread() is self._thread:
            return
        if self._present:
            self._appear()
        os.eventfd_write(self._wake, 1)
        if not self._present:
            self._vanished.wait(_PATIENCE)

    def _serve(self) -> None:
        wait: float | None = None
        while not self._closing:
            self._sleep(wait)
            if not self._present:
                # Here and in no other thread: the kernel keeps what is being polled alive.
                self._vanish()
            with self._lock:
                data = self._line.read(room) if (room := self._room) else b""
            if data:
                self.printer.receive(data)
            wait = self.printer.work(time.monotonic())
            self._send(self.printer.take_replies())

    def _sleep(self, wait: float | None) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        with self._lock:
            for descriptor, events in self._line.wants(self._room > 0, bool(self._unsent)).items():
                poll.register(descriptor, events)
        if any(descriptor == self._wake for descriptor, _ in poll.poll(None if wait is None else 1000 * wait)):
            os.eventfd_read(self._wake)

    def _send(self, replies: bytes) -> None:
        with self._lock:
            self._unsent = (self._unsent + replies)[-_MOST_UNSENT:]
            if self._unsent:
                self._unsent = self._unsent[self._line.write(self._unsent) :]
