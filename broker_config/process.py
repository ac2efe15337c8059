"""A Mosquitto of one's own: a child process on a free port of loopback, for the demonstration and the tests."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from broker_config.guard import DATABASE, RUNS, guard
from broker_config.mosquitto import Listener, Persistence, mosquitto_conf
from broker_config.passwords import write_password_file
from link.address import BrokerAddress

HOST = "127.0.0.1"
_TRIES = 5


class BrokerProblem(Exception):
    """Mosquitto is missing or does not start; the text says what to do."""


class MosquittoProcess:
    """Runs Mosquitto between `async with`; it ends with this process, whatever happens to it.

    Without `passwords` everybody gets in. `port` 0 takes a free one and keeps it over restarts.
    """

    def __init__(
        self,
        *,
        passwords: Mapping[str, str] | None = None,
        access: str | None = None,
        persistence: Persistence = Persistence.NONE,
        port: int = 0,
        folder: Path | None = None,
        configure: Callable[[int], str] | None = None,
    ) -> None:
        """Prepare a broker; `access` is the text of its access list, `folder` where its files lie (else a temporary one).

        `configure` gives the whole text of mosquitto.conf for a port, in the place of all that.
        """
        self.port = port
        self._passwords = dict(passwords or {})
        self._access = access
        self._persistence = persistence
        self._given = folder
        self._configure = configure
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.set_aside = 0
        """How often its database was set aside, since it did not start with it."""

    @property
    def folder(self) -> Path:
        """Where its configuration, log and database lie."""
        if self._given is not None:
            return self._given
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="hallware-broker-")
        return Path(self._temporary.name)

    @property
    def database(self) -> Path:
        """What it keeps, where it keeps anything."""
        return self.folder / DATABASE

    @property
    def log(self) -> str:
        """What Mosquitto wrote so far."""
        path = self.folder / "mosquitto.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id while it runs, to stop and continue it by signals."""
        return self._process.pid if self._process is not None and self.running else None

    def address(self, username: str | None = None) -> BrokerAddress:
        """Where a client finds this broker, as `username` with the password it was made with."""
        if username is None:
            return BrokerAddress(host=HOST, port=self.port)
        return BrokerAddress(host=HOST, port=self.port, username=username, password_file=self._password_of(username))

    def _password_of(self, username: str) -> Path:
        path = self.folder / f"{username}.password"
        path.touch(mode=0o600)
        path.write_text(self._passwords[username], encoding="utf-8")
        return path

    async def start(self) -> None:
        """Start, and return when it takes connections; a database that prevents it is set aside. Raises `BrokerProblem`."""
        binary = mosquitto_binary()
        if self._persistence is not Persistence.NONE:
            await asyncio.to_thread(self._guard, binary)
        tries = 1 if self.port else _TRIES
        while not await self._start(binary):
            tries -= 1
            if not tries:
                raise BrokerProblem(f"Mosquitto does not start on port {self.port}: {_last_line(self.log)}")
            self.port = 0

    def _guard(self, binary: str) -> None:
        try:
            self.set_aside += guard(self.database, binary, datetime.now(UTC)) is not None
        except OSError as error:
            raise BrokerProblem(f"{self.database}: {error.strerror}; look at the disk and who owns the folder") from error

    async def _start(self, binary: str) -> bool:
        self.port = self.port or free_port()
        before = len(self.log)
        self._process = self._spawn(binary, self._write())
        while self.running:
            if RUNS.search(self.log, before):
                return True
            await asyncio.sleep(0.01)
        return False

    def _write(self) -> Path:
        """Write all its files; returns mosquitto.conf."""
        folder = self.folder
        if self._configure is not None:
            whole = folder / "mosquitto.conf"
            whole.write_text(self._configure(self.port), encoding="utf-8")
            return whole
        passwords, access, conf = folder / "passwords", folder / "access-list", folder / "mosquitto.conf"
        if self._passwords:
            write_password_file(passwords, self._passwords)
        if self._access is not None:
            access.write_text(self._access, encoding="utf-8")
            access.chmod(0o600)
        listener = Listener(
            port=self.port,
            host=HOST,
            password_file=passwords if self._passwords else None,
            access_list=access if self._access is not None else None,
            persistence=self._persistence,
            folder=folder,
            user=pwd.getpwuid(os.geteuid()).pw_name,
        )
        conf.write_text(mosquitto_conf(listener), encoding="utf-8")
        return conf

    def _spawn(self, binary: str, conf: Path) -> subprocess.Popen[bytes]:
        with (self.folder / "mosquitto.log").open("ab") as log:
            # In a session of its own, or a Ctrl-C in the terminal would end the broker before its clients have said goodbye.
            return subprocess.Popen(
                [*tether(), binary, "-c", str(conf)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    async def stop(self) -> None:
        """End it as an operator would; it says goodbye to its clients and saves what it keeps."""
        await self._end(kill=False)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(kill=True)

    async def restart(self) -> None:
        """Stop it and start it again on the same port."""
        await self.stop()
        await self.start()

    async def _end(self, *, kill: bool) -> None:
        process = self._process
        if process is None:
            return
        (process.kill if kill else process.terminate)()
        waits = 500
        while process.poll() is None:
            await asyncio.sleep(0.01)
            waits -= 1
            if not waits:
                process.kill()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._close)
            await self.start()
            undo.pop_all()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._close()

    async def _close(self) -> None:
        await self.stop()
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None


def mosquitto_binary() -> str:
    """Mosquitto's path; Debian keeps it in /usr/sbin, which is not on everybody's PATH. Raises `BrokerProblem`."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    if found is None:
        raise BrokerProblem("Mosquitto is not installed; install it with: sudo apt-get install mosquitto")
    return found


def tether(sign: str = "TERM") -> list[str]:
    """The words before a command that make the kernel send it `sign` when this process ends, where util-linux has them.

    A parent that ended before the kernel was asked would leave the child for ever, so the child looks once whether it is there.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    look = '[ "$PPID" -eq "$1" ] || exit 1; shift; exec "$@"'
    return [setpriv, "--pdeathsig", sign, "--", "sh", "-c", look, "tether", str(os.getpid())]


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _last_line(log: str) -> str:
    lines = log.strip().splitlines()
    return lines[-1] if lines else "it wrote nothing"
