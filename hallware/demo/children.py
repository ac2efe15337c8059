"""Child processes: each with its log, watched, ended when asked and never left behind."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from broker_config.process import tether

END_WITHIN = 8.0
"""Seconds that a child may take for a clean end before it is killed."""


class ChildDied(Exception):
    """A child ended unasked while it was waited for; the text has its last lines."""


class Child:
    """One process of its own."""

    def __init__(
        self, name: str, words: Sequence[str], log: Path, died: Callable[["Child"], None], *, end_within: float = END_WITHIN
    ) -> None:
        """`died` is told when it ends unasked; one that does not end when asked is killed after `end_within` seconds."""
        self.name, self.log = name, log
        self._words, self._died, self._end_within = tuple(words), died, end_within
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._ending = False

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process id, also after its end."""
        return None if self._process is None else self._process.pid

    @property
    def code(self) -> int | None:
        """How it ended the last time."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Start it, or do nothing when it runs."""
        if self.running:
            return
        self._ending = False
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *tether(), *self._words,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        self._watch = asyncio.create_task(self._wait(self._process), name=f"watch {self.name}")

    async def stop(self) -> None:
        """End it as systemd would, and see that it has ended. Safe to call twice."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    def last_lines(self, count: int = 8) -> str:
        """The end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines[-count:]) or "    (it wrote nothing)"

    async def _end(self, by: signal.Signals) -> None:
        self._ending = True
        if self._process is None or self._watch is None or not self.running:
            return
        self._process.send_signal(by)
        try:
            async with asyncio.timeout(self._end_within):
                await asyncio.shield(self._watch)
        except TimeoutError:
            self._process.kill()
            await self._watch

    async def _wait(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        if not self._ending:
            self._died(self)


class Children:
    """All children; leaving ends them in reverse order, those of a kind together."""

    def __init__(self, died: Callable[[Child], None]) -> None:
        """`died` is told of every child that ends unasked."""
        self._groups: list[list[Child]] = []
        self._died = died

    async def start(self, *named: tuple[str, Sequence[str], Path]) -> list[Child]:
        """Start these together: name, words of the command line, log."""
        group = [Child(name, words, log, self._died) for name, words, log in named]
        self._groups.append(group)
        for child in group:
            await child.start()
        return group

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for group in reversed(self._groups):
            await asyncio.gather(*(child.stop() for child in group))
