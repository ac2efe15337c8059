"""The printer's wire: deadlines, short writes, and what is said when it is cut."""

import os
import pty
import select
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.errors import DeviceBroken, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.printer_transport import WireBlocked, open_transport


class Terminal:
    """The far end of a serial line."""

    def __init__(self) -> None:
        self.descriptor, there = pty.openpty()
        tty.setraw(there)
        self.name = os.ttyname(there)
        os.close(there)
        self._open = True

    def close(self) -> None:
        """Pull the cable. Safe to call twice."""
        if self._open:
            self._open = False
            os.close(self.descriptor)

    def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        data = b""
        while len(data) < size:
            data += os.read(self.descriptor, size - len(data))
        return data


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A serial line with nobody at the near end yet."""
    made = Terminal()
    yield made
    made.close()


def test_bytes_go_out_and_come_in(terminal: Terminal) -> None:
    with open_transport(terminal.name) as wire:
        wire.send(b"\x1b@A012\n", 1)
        assert terminal.read(7) == b"\x1b@A012\n"
        assert wire.sent == 7
        os.write(terminal.descriptor, b"\x12")
        assert wire.receive(1) == b"\x12"


def test_silence_is_nothing_and_ends_in_time(terminal: Terminal) -> None:
    with open_transport(terminal.name) as wire:
        began = time.monotonic()
        assert wire.receive(0.05) == b""
        assert 0.04 < time.monotonic() - began < 10


def test_a_printer_that_takes_no_more_is_a_timeout_that_knows_how_much_went_out(terminal: Terminal) -> None:
    with open_transport(terminal.name) as wire:
        with pytest.raises(DeviceTimeout, match=r"took \d+ of 1000000 bytes"):
            wire.send(bytes(1_000_000), 0.05)
        assert 0 < wire.sent < 1_000_000


def test_many_short_writes_carry_everything(terminal: Terminal) -> None:
    data = os.urandom(100_000)
    found = bytearray()

    def read_slowly() -> None:
        while len(found) < len(data):
            select.select([terminal.descriptor], [], [], 5)
            found.extend(os.read(terminal.descriptor, 777))

    reader = threading.Thread(target=read_slowly)
    with open_transport(terminal.name) as wire:
        reader.start()
        wire.send(data, 10)
        reader.join(10)
    assert found == data


def test_a_printer_that_says_stop_is_waited_for_until_it_says_go(terminal: Terminal) -> None:
    with open_transport(terminal.name, flow="xon-xoff") as wire:
        wire.send(b"A", 1)
        os.write(terminal.descriptor, b"\x13")
        with pytest.raises(WireBlocked, match="took 0 of 1 bytes"):
            wire.send(b"B", 0.1)
        os.write(terminal.descriptor, b"\x11\x12")
        wire.send(b"C", 1)
        assert wire.receive(1) == b"\x12", "what means stop and go is no answer"
        assert terminal.read(2) == b"AC"


def test_an_unplugged_printer_is_missing(terminal: Terminal) -> None:
    with open_transport(terminal.name) as wire:
        terminal.close()
        with pytest.raises(DeviceMissing, match="unplugged"):
            wire.receive(1)
        with pytest.raises(DeviceMissing):
            wire.send(b"A", 1)


def test_a_serial_port_belongs_to_one_program(terminal: Terminal) -> None:
    with open_transport(terminal.name), pytest.raises(DeviceRefused, match="another program"):
        open_transport(terminal.name)


def test_a_closed_wire_is_missing_and_may_be_closed_again(terminal: Terminal) -> None:
    wire = open_transport(terminal.name)
    wire.close()
    wire.close()
    with pytest.raises(DeviceMissing):
        wire.send(b"A", 1)


def test_no_printer_under_that_name_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissing, match="check its cable"):
        open_transport(str(tmp_path / "usb-printer"))
    with pytest.raises(DeviceMissing, match="check its cable"):
        open_transport(str(tmp_path / "lp0"))


def test_a_plain_file_is_no_serial_port(tmp_path: Path) -> None:
    file = tmp_path / "printer"
    file.write_bytes(b"")
    with pytest.raises(DeviceBroken):
        open_transport(str(file))


def test_a_usb_printer_port_is_opened_even_while_nobody_serves_it(tmp_path: Path) -> None:
    port = tmp_path / "lp0"
    os.mkfifo(port)
    with open_transport(str(port)) as wire:
        wire.send(b"A012\n", 1)
        assert wire.receive(1) == b"A012\n"
        assert wire.receive(0) == b""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A network printer's port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def address(listener: socket.socket) -> str:
    """The listener as a wire."""
    return f"tcp://127.0.0.1:{listener.getsockname()[1]}"


def test_a_network_printer_is_a_wire_like_any_other(listener: socket.socket) -> None:
    with open_transport(address(listener)) as wire:
        printer, _ = listener.accept()
        with printer:
            wire.send(b"\x10\x04\x01", 1)
            assert printer.recv(10) == b"\x10\x04\x01"
            printer.sendall(b"\x12")
            assert wire.receive(1) == b"\x12"
            wire.drain(1)


def test_a_network_printer_that_hangs_up_is_missing(listener: socket.socket) -> None:
    with open_transport(address(listener)) as wire:
        listener.accept()[0].close()
        with pytest.raises(DeviceMissing, match="closed the connection"):
            wire.receive(1)


def test_what_a_network_printer_does_not_read_is_not_drained(listener: socket.socket) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with open_transport(address(listener)) as wire:
        printer, _ = listener.accept()
        with printer:
            with pytest.raises(DeviceTimeout):
                wire.send(bytes(20_000_000), 0.2)
            with pytest.raises(DeviceTimeout, match="let go"):
                wire.drain(0.05)


def test_nobody_listening_is_missing(listener: socket.socket) -> None:
    name = address(listener)
    listener.close()
    with pytest.raises(DeviceMissing):
        open_transport(name)
