"""Units: the hall's programs in processes of their own, started again by a supervisor as systemd would."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

RESTART = 0.5
"""Seconds between an end and the next start, as in the units' `RestartSec`."""
END_WITHIN = 10.0


class Unit:
    """One `hallware` command that shall run. An end that nobody asked for is remembered: it is a bug of the program."""

    def __init__(self, name: str, words: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Nothing runs before `start`."""
        self.name, self.log = name, log
        self.died: list[tuple[datetime, str]] = []
        """When and how it ended by itself, or did not end when asked."""
        self.starts = 0
        self._words, self._environment = tuple(words), dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._asked = False
        self._changed = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    def start(self) -> None:
        """Run it from now on."""
        self._supervisor = asyncio.create_task(self._keep(), name=f"unit {self.name}")

    def kill(self) -> None:
        """End it as a power cut would; the supervisor starts it again."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end; the supervisor starts it again."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Let it stand still."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    async def end(self) -> None:
        """End it for good, in good order; kill it when it takes too long."""
        if self._supervisor is None:
            return
        self._supervisor.cancel()
        await asyncio.gather(self._supervisor, return_exceptions=True)
        self._supervisor = None
        process = self._process
        if process is None or process.returncode is not None:
            return
        self.go_on()
        process.terminate()
        try:
            async with asyncio.timeout(END_WITHIN):
                await process.wait()
        except TimeoutError:
            self.blame(f"did not end within {END_WITHIN:.0f} s of SIGTERM")
            process.kill()
            await process.wait()

    def blame(self, how: str) -> None:
        """Write down that it did what it must not do."""
        self.died.append((datetime.now(UTC), f"{self.name} {how}"))

    def last_lines(self, count: int = 12) -> str:
        """The end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-count:])

    async def _keep(self) -> None:
        while True:
            self._asked = False
            self._process = await self._spawn()
            self.starts += 1
            code = await self._process.wait()
            if not self._asked:
                self.blame(f"ended by itself with code {code}:\n{self.last_lines()}")
            await asyncio.sleep(RESTART)

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *_tether(), sys.executable, "-m", "hallware.main", *self._words,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | self._environment,
            )  # fmt: skip

    def _signal(self, number: signal.Signals) -> None:
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._asked = True
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)


def _tether() -> list[str]:
    """The words that make the kernel end the child when this process ends, where util-linux has them."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
