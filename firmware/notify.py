"""Words to systemd: ready, how it goes, still alive, stopping. Without systemd they go nowhere.

What feeds the watchdog is decided by the node: its loop turns, every device is looked after, and the link does something,
be it an echo that came back or another try. A broker that is away is weather and reboots nothing; a link that neither
carries nor tries is broken, and only a fresh process helps.
"""

import os
import socket
from contextlib import suppress


class Notifier:
    """Speaks the sd_notify protocol over the socket that systemd names."""

    def __init__(self, environment: os._Environ[str] | dict[str, str] = os.environ) -> None:
        """Read where to speak to, and how often the watchdog wants to be fed."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._status = ""
        wanted = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog = int(wanted) / 1_000_000 if wanted.isdecimal() and meant and int(wanted) else None
        """Seconds after which systemd ends a process that has not fed its watchdog; None when it has none."""

    def ready(self) -> None:
        """Everything is started."""
        self._say("READY=1")

    def status(self, words: str) -> None:
        """How it goes, for `systemctl status`; said when it changes."""
        if words != self._status:
            self._status = words
            self._say(f"STATUS={words}")

    def feed(self) -> None:
        """Still alive."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._say("STOPPING=1")

    def _say(self, words: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            out.setblocking(False)
            out.sendto(words.encode(), address)
