"""A network card's plug: a UDP socket on loopback, served by a thread that sleeps while nothing comes."""

import os
import select
import socket
import threading
import time
from typing import Protocol

from hardware_sim.watched import Watched


class Listener(Protocol):
    """What sits behind the plug."""

    def hear(self, data: bytes, now: float) -> bytes:
        """One datagram; what is answered, if anything."""
        ...


class UdpPort(Watched):
    """One card on the network. Its hands may be moved from any thread."""

    def __init__(self, *far_ends: Listener) -> None:
        super().__init__()
        self.lock = threading.RLock()
        """Held while a far end hears; hold it to change one from outside."""
        self.plugged = True
        self._far_ends = list(far_ends)
        self._socket: socket.socket | None = None
        self._port = 0
        self._delay = 0.0
        self._thread: threading.Thread | None = None
        self._closing = False
        self._wake = -1

    @property
    def address(self) -> str | None:
        """Where the card is; also while its cable is pulled, for a network address does not go away."""
        return f"udp://127.0.0.1:{self._port}" if self._port else None

    @property
    def faults(self) -> list[str]:
        """What is wrong with the network now, by the names of the hands."""
        present = {"unplug": not self.plugged, "slow": self._delay > 0}
        return [name for name, there in present.items() if there]

    def join(self, far_end: Listener) -> None:
        """Put one more zone's display behind the card."""
        with self.lock:
            self._far_ends.append(far_end)

    def open(self) -> None:
        """Appear and start serving."""
        self._closing = False
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        with self.lock:
            self._bind()
        self._thread = threading.Thread(target=self._serve, name="sim-udp", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and vanish. Safe to call twice."""
        if self._thread is not None:
            self._closing = True
            os.eventfd_write(self._wake, 1)
            self._thread.join()
            self._thread = None
            os.close(self._wake)
            with self.lock:
                self._unbind()

    def unplug(self) -> None:
        """Pull the cable: nobody is at the address any more."""
        with self.lock:
            self.plugged = False
            self._unbind()
        self._touched()

    def plug(self) -> None:
        """Put it back."""
        with self.lock:
            self.plugged = True
            if self._thread is not None:
                self._bind()
        self._touched()

    def play(self, datagram: bytes, now: float) -> None:
        """The far ends hear a datagram that a node once sent."""
        with self.lock:
            for far_end in self._far_ends:
                far_end.hear(datagram, now)
        self.changed()

    def slow(self, seconds: float = 0.5) -> None:
        """Each datagram takes so long on its way."""
        self._delay = seconds
        self._touched()

    def full_speed(self) -> None:
        """Datagrams come at once again."""
        self._delay = 0.0
        self._touched()

    def _bind(self) -> None:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            self._socket.bind(("127.0.0.1", self._port))
            self._port = self._socket.getsockname()[1]

    def _unbind(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _touched(self) -> None:
        if self._thread is not None:
            os.eventfd_write(self._wake, 1)
        self.changed()

    def _serve(self) -> None:
        while not self._closing:
            self._wait()
            while (datagram := self._take()) is not None:
                if self._delay:
                    time.sleep(self._delay)
                with self.lock:
                    for far_end in self._far_ends:
                        far_end.hear(datagram, time.monotonic())
                self.changed()

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        with self.lock:
            if self._socket is not None:
                poll.register(self._socket.fileno(), select.POLLIN)
        if any(descriptor == self._wake for descriptor, _ in poll.poll()):
            os.eventfd_read(self._wake)

    def _take(self) -> bytes | None:
        with self.lock:
            if self._socket is None or self._closing:
                return None
            try:
                return self._socket.recv(2048)
            except OSError:
                return None
