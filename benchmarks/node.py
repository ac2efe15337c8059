"""Memory and start of a node that has every kind of device and has used each of them, against bare Python with paho."""

import asyncio
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from benchmarks.figures import Figure
from benchmarks.parts import parts
from benchmarks.raw import raw_client
from benchmarks.running import BOARD, OTHERS, RunningNode, resident, running_node, wait_for
from broker_config.process import MosquittoProcess
from contract.calling import BoardPicture
from contract.codec import encode
from contract.commands import Command, SelfTest
from contract.health import ControllerStatus
from contract.topics import BOARD_PICTURE, COMMAND, CONTROLLER_STATUS
from contract.values import Text
from hardware_sim.escpos_plugs import Terminal
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_printer import Printer
from link.address import BrokerAddress

BARE = "import paho.mqtt.client, sys; print(flush=True); sys.stdin.read()"
BARE_START = "import paho.mqtt.client, PIL.ImageFont, luma.led_matrix.device"
KEY = 'keys = [{ line = 4, service = "social-security" }]'
TOUCH = 18470
"""The port of the touch screen's page."""
DEVICES = ("board-1", "kiosk-1", "rater-1", "room-1")


def measure(*, short: bool = False) -> list[Figure]:
    """Memory after every device was used once, and the time from the process's start to the first frame."""
    return asyncio.run(_measure(2 if short else 7))


async def _measure(starts: int) -> list[Figure]:
    async with MosquittoProcess() as broker:
        with tempfile.TemporaryDirectory() as folder:
            return await asyncio.to_thread(_compare, broker.address(), Path(folder), starts)


def _compare(address: BrokerAddress, folder: Path, starts: int) -> list[Figure]:
    memory = _memory(address, folder / "memory", OTHERS)
    touched = _memory(address, folder / "touched", OTHERS.replace(KEY, f"{KEY}\ntouch = {{ port = {TOUCH} }}"), page=True)
    first = statistics.median(_first_frame(address, folder / f"start-{n}") for n in range(starts))
    imports = statistics.median(_import_time() for _ in range(starts))
    return [
        Figure("memory of a node with every kind of device", memory, "MiB", _bare_memory(), "Python with paho", limit=36),
        *parts(memory),
        Figure("memory of it with a touch screen, its page open", touched, "MiB", memory, "without the screen", goal=1.05),
        Figure("process start to first frame", first, "s", imports, "importing paho, Pillow and luma", limit=0.6),
    ]


def _memory(address: BrokerAddress, folder: Path, others: str, *, page: bool = False) -> float:
    printer = Printer()
    port = Port(printer, Terminal())
    port.open()
    try:
        with running_node(folder, address.port, BOARD + others, str(port.address)) as node:
            wait_for(lambda: bool(node.latched()), "frame")
            _use_all(address, printer)
            with _open_page() if page else nullcontext():
                return _settled(node)
    finally:
        port.close()


def _use_all(address: BrokerAddress, printer: Printer) -> None:
    """Every device's self-test, repeated until the node is there to hear it; the kiosk prints a test page."""
    with raw_client(address, "dispatch") as sayer:

        def printed() -> bool:
            now = datetime.now(UTC)
            for device in DEVICES:
                order = Command(
                    id=secrets.token_hex(8), device=device, at=now, not_after=now + timedelta(seconds=9), do=SelfTest()
                )
                sayer.publish(COMMAND.at(hall="centre", node="bench"), encode(order), qos=1)
            time.sleep(0.5)
            return any(page.ending == "cut" for page in printer.pages())

        wait_for(printed, "test page", 20)


@contextmanager
def _open_page() -> Iterator[None]:
    """A browser's requests: everything that the page consists of, and the stream of what changes."""
    for path in ("/", "/kiosk.css", "/main.js", "/views.js", "/frame.js", "/dom.js", "/icons.js", "/speech.js", "/setup"):
        with urlopen(f"http://127.0.0.1:{TOUCH}{path}", timeout=5) as answer:
            answer.read()
    with urlopen(f"http://127.0.0.1:{TOUCH}/live", timeout=5) as stream:
        stream.readline()
        yield


def _settled(node: RunningNode) -> float:
    time.sleep(2)
    return node.resident()


def _bare_memory() -> float:
    with subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bare:
        assert bare.stdin is not None
        assert bare.stdout is not None
        bare.stdout.readline()
        memory = resident(bare.pid)
        bare.stdin.close()
    return memory


def _first_frame(address: BrokerAddress, folder: Path) -> float:
    """Seconds from starting the process to the first lit pixel of the picture that the broker keeps for the board."""
    with raw_client(address, "controller") as sayer:
        now = datetime.now(UTC)
        text = Text(zh="欢迎光临，请先取号", en="Welcome, please take a ticket")
        picture = BoardPicture(board="board-1", version=1, at=now, idle=text)
        sayer.publish(BOARD_PICTURE.at(hall="centre", board="board-1"), encode(picture), qos=1, retain=True)
        status = ControllerStatus(session=secrets.token_hex(8), state="online", at=now, version="1", every=60)
        sayer.publish(CONTROLLER_STATUS.at(hall="centre"), encode(status), qos=1, retain=True).wait_for_publish(5)
    with running_node(folder, address.port, BOARD) as node:
        wait_for(lambda: node.first_lit() is not None, "frame")
        lit = node.first_lit()
        assert lit is not None
        return lit - node.began


def _import_time() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE_START], check=True)
    return time.perf_counter() - began
