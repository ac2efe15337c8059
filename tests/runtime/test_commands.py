"""`hallware node` and `hallware check` as processes of their own, as an operator and systemd see them."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiomqtt
import pytest

from broker_config.process import MosquittoProcess
from hallware.commands.check import table
from hallware.main import main
from tests.runtime.waiting import until

FILE = """
[node]
id = "window-1"
hall = "centre"
data = "{data}"

[broker]
port = {port}

[[device]]
kind = "board"
id = "board-1"

[[device]]
kind = "rater"
id = "rater-1"
window = "w1"
keys = [{{ level = 5, line = 4, lamp = 5 }}, {{ level = 1, line = 6 }}]
"""


def write(folder: Path, port: int) -> Path:
    path = folder / "node.toml"
    path.write_text(FILE.format(data=folder / "data", port=port))
    return path


def start(path: Path, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hallware.main", "node", str(path), "--simulate"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment)


def text(message: aiomqtt.Message) -> str:
    return bytes(message.payload).decode()


def finish(node: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[int, float, str]:
    """End it; returns the exit code, the seconds it took, and what it wrote."""
    began = time.monotonic()
    node.send_signal(number)
    _, written = node.communicate(timeout=20)
    return node.returncode, time.monotonic() - began, written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_node_comes_up_and_ends_cleanly(broker: MosquittoProcess, tmp_path: Path, number: signal.Signals) -> None:
    node = start(write(tmp_path, broker.port))
    async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as hall:
        await hall.subscribe("hall/v1/centre/node/window-1/#", qos=1)
        seen: set[str] = set()
        async for message in hall.messages:
            seen |= {part for part in ("online", '"board-1"', '"ready"') if part in text(message)}
            if len(seen) == 3:
                break
        code, seconds, written = finish(node, number)
        assert code == 0, written
        assert seconds < 3
        async for message in hall.messages:
            if '"offline"' in text(message):
                break
    assert "Traceback" not in written
    assert "node window-1: stopped" in written


async def test_systemd_hears_ready_at_once_without_a_broker_and_is_fed(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as systemd:
        systemd.bind(str(path))
        node = start(write(tmp_path, 1), NOTIFY_SOCKET=str(path), WATCHDOG_USEC="14000000")
        said: list[bytes] = []

        def heard(word: bytes) -> bool:
            try:
                said.append(systemd.recv(200))
            except BlockingIOError:
                return False
            return word in said

        await until(lambda: heard(b"READY=1"))
        await until(lambda: heard(b"WATCHDOG=1"))
        await until(lambda: heard(b"STATUS=2 of 2 devices well, broker away, 0 events waiting"))
        code, _, written = finish(node)
        await until(lambda: heard(b"STOPPING=1"))
    assert code == 0, written


def test_a_wrong_file_ends_the_command_with_words_and_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "node.toml"
    path.write_text('[node]\nid = "n"\nhall = "h"\n[[device]]\nkind = "bord"\nid = "b"\n')
    for command in ("node", "check"):
        assert main([command, str(path)]) == 2
        assert "`device[0].kind`: 'bord' is none of" in capsys.readouterr().err


def test_check_tells_what_is_in_force_and_what_is_a_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(write(tmp_path, 1884))]) == 0
    said = capsys.readouterr().out
    assert "node.toml is a valid node.toml." in said
    rows = {line.split("  ")[0]: line for line in said.splitlines()}
    assert rows["broker.port"].endswith("1884")
    assert rows["broker.host"].endswith("(default)")
    assert "device[board-1].speed_hz" in rows
    assert rows["device[rater-1].keys[0].lamp"].split()[-1] == "5"


def test_check_knows_a_hall_from_a_node_and_neither(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hall = Path("hallware/demo/hall.toml")
    assert main(["check", str(hall)]) == 0
    assert "is a valid hall.toml." in capsys.readouterr().out
    other = tmp_path / "other.toml"
    other.write_text("a = 1")
    assert main(["check", str(other)]) == 2
    assert "neither hall.toml nor node.toml" in capsys.readouterr().err


def test_columns_line_up_with_chinese_in_them() -> None:
    assert table([("名称", "大厅", True), ("id", "x", False)]).splitlines() == ["名称  大厅", "id    x     (default)"]


def test_control_needs_simulate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", str(write(tmp_path, 1)), "--control", "x"]) == 2
    assert "--control belongs to --simulate" in capsys.readouterr().err


def test_a_recording_that_is_not_there_ends_the_command_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", str(write(tmp_path, 9)), "--simulate", "--replay", str(tmp_path / "none.wires.jsonl")]) == 2
    assert "none.wires.jsonl: cannot be read" in capsys.readouterr().err


def test_the_stale_escpos_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "escpos-1.9.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: escpos\nVersion: 1.9\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main(["node", str(write(tmp_path, 1)), "--simulate"]) == 2
