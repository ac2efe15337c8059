"""Writing small scenario files for tests, and a world of one real bench to play them in."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomli_w

from contract.dispatch import DispatchReply
from contract.values import Text
from hardware_sim.errors import CannotDo
from hardware_sim.hall import Hall
from hardware_sim.scenario.read import Script, read_script
from tests.demo.bench_hall import BenchHall

TITLE = {"zh": "试", "en": "a trial"}


def write(folder: Path, *steps: Mapping[str, Any], name: str = "trial", hall: str = "counter", **more: Any) -> Path:
    """A scenario file of these steps."""
    path = folder / f"{name}.toml"
    head = tomli_w.dumps({"hall": hall, **more, "title": TITLE, "about": TITLE})
    path.write_text(head + "".join(_table(step) for step in steps), encoding="utf-8")
    return path


def _table(step: Mapping[str, Any]) -> str:
    return "\n[[step]]\n" + "".join(f"{key} = {_inline(value)}\n" for key, value in step.items())


def _inline(value: Any) -> str:
    """JSON's strings, numbers and lists are TOML's too."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {_inline(inner)}' for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def script(folder: Path, *steps: Mapping[str, Any], **more: Any) -> Script:
    """The same, read."""
    return read_script(write(folder, *steps, **more))


@dataclass
class BenchWorld:
    """A real bench behind its control socket; what a controller would do is written down."""

    bench: BenchHall
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    processes: list[tuple[str, str]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    looks: Counter[str] = field(default_factory=Counter)
    """How often each table was looked at."""

    @property
    def hall(self) -> Hall:
        """The bench's hall."""
        return self.bench.hall

    async def move(self, device: str, hand: str, how: Mapping[str, Any]) -> None:
        """Move a real hand."""
        await self.bench.wires.move(device, hand, how)

    async def ask(self, action: Mapping[str, Any]) -> DispatchReply:
        """Nobody waits."""
        self.asked.append(action)
        nobody = Text(zh="无人等候", en="nobody waits")
        return DispatchReply(id="request-1", at=datetime.now(UTC), outcome="refused", code="nobody-waits", what=nobody)

    async def process(self, who: str, act: str) -> None:
        """Write it down."""
        self.processes.append((who, act))

    async def stored(self, table: str, where: Mapping[str, Any], since: datetime) -> int:
        """What the test put there."""
        if table not in self.rows:
            raise CannotDo(f"the store has no table `{table}`")
        self.looks[table] += 1
        return self.rows[table]
