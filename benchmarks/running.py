"""A node under measurement: its process, its latch times, its memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "provisioning/os/etc/systemd/system/hallware-node.service"
SAYS = "Environment="

NODE = """
[node]
id = "bench"
hall = "centre"
data = "{folder}/data"
[broker]
port = {port}
"""
BOARD = """
[[device]]
kind = "board"
id = "board-1"
wire = "/dev/spidev0.0"
width = 128
blink = 0.2
page = 60.0
reassert = 3600.0
"""
OTHERS = """
[[device]]
kind = "kiosk"
id = "kiosk-1"
printer = { wire = "/dev/serial/by-id/printer" }
keys = [{ line = 4, service = "social-security" }]
[[device]]
kind = "rater"
id = "rater-1"
window = "w1"
keys = [{ level = 5, line = 5, lamp = 6 }, { level = 1, line = 22, lamp = 23 }]
[[device]]
kind = "room"
id = "room-1"
room = "r1"
cubicles = [{ id = "c1", door = 12, motion = 13, lamp = 16, help = 17 }]
[[device]]
kind = "caller"
id = "caller-1"
window = "w1"
wire = "/dev/input/by-id/keypad-event-kbd"
"""


class RunningNode:
    """A child process with a node in it."""

    def __init__(self, process: "subprocess.Popen[str]", began: float) -> None:
        """`began` is when it was started, by `perf_counter`."""
        self.began = began
        self._process = process

    def latched(self) -> list[float]:
        """When the board's chips latched, since this was last asked."""
        return self._ask("?")

    def first_lit(self) -> float | None:
        """When a pixel of the board was lit for the first time."""
        return next(iter(self._ask("lit")), None)

    def press(self, line: int) -> float:
        """Press the key on a GPIO line; when it was pressed."""
        return self._ask(f"press {line}")[0]

    def _ask(self, question: str) -> list[float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return [float(at) for at in json.loads(self._process.stdout.readline())]

    def resident(self) -> float:
        """Its resident memory in MiB."""
        return resident(self._process.pid)

    def cpu(self) -> float:
        """Seconds of CPU that it and the programs that it ran have taken so far."""
        return cpu(self._process.pid)


def resident(pid: int) -> float:
    """A process's resident memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def cpu(pid: int) -> float:
    """Seconds of CPU that a process's threads and the children that it has waited for have taken so far."""
    threads = sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    children = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
    return threads / 1e9 + sum(map(int, children)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_node(folder: Path, port: int, devices: str, where: str = "/dev/null") -> Iterator[RunningNode]:
    """Run a node with `devices` against the broker on `port`; it ends with the block. `where` is said in `benchmarks.child`."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    file = folder / "node.toml"
    file.write_text(NODE.format(folder=folder, port=port) + devices)
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.child", str(file), where],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=as_on_a_node(),
    ) as process:  # fmt: skip
        try:
            yield RunningNode(process, began)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


def with_bytecode() -> dict[str, str]:
    """The environment in which Python keeps what it has compiled, as it does on a node; compiling costs memory and time."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def as_on_a_node() -> dict[str, str]:
    """The environment that systemd gives to a node."""
    said = [line.removeprefix(SAYS).partition("=") for line in UNIT.read_text().splitlines() if line.startswith(SAYS)]
    return with_bytecode() | {name: value for name, _, value in said}


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Return when `condition` holds. Raises `TimeoutError`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"no {what} within {seconds:g} s")
        time.sleep(0.02)
