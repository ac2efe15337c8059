"""Readers that are not ours read the ticket: npos its bytes, ZXing the QR code on its picture."""

import fcntl
import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal

import pytest
import zxingcpp
from msgspec.structs import replace
from PIL import Image

from devices.printer import Model, ReceiptPrinter
from devices.receipt import Ticket
from devices.receipt_templates import Templates
from hardware_sim.escpos_plugs import Terminal
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_printer import Printer
from tests.kiosk.papers import PRIORITY, TICKET, TICKET_TEXT

NPM = Path(__file__).parents[1] / "npm"


@pytest.fixture
def npos() -> Path:
    """The script that reads with npos, once its package is installed."""
    if shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail("node is not installed, and CI needs it: apt-get install nodejs npm")
        pytest.skip("node is not installed; with it, npos reads the ticket: apt-get install nodejs npm")
    with (NPM / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two workers may want it at once
        if not (NPM / "node_modules" / "npos").is_dir():
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=NPM, check=True, capture_output=True)
    return NPM / "read_ticket.js"


def read(script: Path, ticket: Ticket) -> Any:
    """What npos finds in the bytes of a ticket."""
    data = Model().encode(ticket, Templates()).data
    done = subprocess.run(["node", str(script)], input=data, capture_output=True, timeout=30, check=True)
    return json.loads(done.stdout)


def test_npos_reads_the_golden_text(npos: Path) -> None:
    assert read(npos, TICKET)["text"] == TICKET_TEXT


def test_npos_reads_the_priority_mark(npos: Path) -> None:
    assert "\n 优先 PRIORITY \nA012\n" in read(npos, PRIORITY)["text"]


def test_npos_knows_every_command_of_a_ticket(npos: Path) -> None:
    commands = read(npos, TICKET)["commands"]
    assert commands[:2] == ["ESC @", "GS a"]
    assert commands[-1] == "GS V"
    assert set(commands) == {"ESC @", "GS a", "ESC a", "GS !", "FS &", "FS !", "FS .", "ESC J", "ESC E", "GS (k", "GS V"}


@pytest.mark.parametrize("paper", [58, 80])
@pytest.mark.parametrize(
    "link", ["A012", "https://hall.example/t/0123456789abcdef", "https://hall.example/" + "path/" * 30 + "0123456789abcdef"]
)
def test_a_scanner_reads_the_qr_code_on_the_paper(paper: Literal[58, 80], link: str) -> None:
    printer = Printer(paper=paper)
    port = Port(printer, Terminal())
    port.open()
    driver = ReceiptPrinter(port.address or "", model=Model(paper=paper))
    try:
        driver.print(replace(TICKET, qr=link))
        picture = Image.open(io.BytesIO(printer.pages()[-1].png))
    finally:
        driver.close()
        port.close()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [link]
