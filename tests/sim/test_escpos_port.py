"""The printer's plug, with real clients on it."""

import errno
import os
import select
import socket
import time
from collections.abc import Callable, Iterator

import pytest
import serial

from hardware_sim.escpos_plugs import Network, Terminal
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_printer import Printer
from tests.sim.paper import CUT

PATIENCE = 30.0


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition with a deadline."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        select.select([], [], [], 0.002)


@pytest.fixture
def terminal() -> Iterator[Port]:
    """A printer behind a pseudo-terminal."""
    port = Port(Printer(), Terminal())
    port.open()
    yield port
    port.close()
    port.close()


@pytest.fixture
def network() -> Iterator[Port]:
    """A printer in the network."""
    port = Port(Printer(), Network())
    port.open()
    yield port
    port.close()
    port.close()


def dial(port: Port) -> socket.socket:
    """A client of a network printer."""
    assert port.address is not None
    return socket.create_connection(("127.0.0.1", int(port.address.rpartition(":")[2])), PATIENCE)


def opened(port: Port) -> serial.Serial:
    """A client of a serial printer."""
    return serial.Serial(port.address, 115200, timeout=PATIENCE, write_timeout=0.3)


def test_a_serial_client_prints_and_reads_status(terminal: Port) -> None:
    with opened(terminal) as client:
        client.write(b"A012\r\n" + CUT + b"\x1dr\x01\x10\x04\x01")
        assert sorted(client.read(2)) == [0x00, 0x12]
    assert [page.text for page in terminal.printer.pages()] == ["A012"]


def test_bytes_pass_the_terminal_unchanged(terminal: Port) -> None:
    with opened(terminal) as client:
        client.write(b"\x1d(H\x06\x0000\x03\x11\x0d\x04")
        assert client.read(7) == b'7"\x03\x11\x0d\x04\x00'


def test_a_stopped_printer_holds_its_client_back(terminal: Port) -> None:
    terminal.printer.open_cover()
    with opened(terminal) as client:
        with pytest.raises(serial.SerialTimeoutException):
            client.write(b"x" * 1_000_000)
        terminal.printer.close_cover()
        client.write_timeout = PATIENCE
        client.write(b"\n\x1dr\x01")
        assert client.read(1) == b"\x00"


def test_without_power_bytes_are_lost_and_nothing_answers(terminal: Port) -> None:
    with opened(terminal) as client:
        terminal.printer.power_off()
        client.write(b"lost\n\x10\x04\x01")
        client.timeout = 0.1
        assert client.read(1) == b""
        terminal.printer.power_on()
        client.timeout = PATIENCE
        client.write(b"kept\n\x1dr\x01")
        assert client.read(1) == b"\x00"
    assert terminal.printer.pages()[-1].text == "kept"


def test_a_pulled_cable_is_an_error_and_comes_back_under_a_new_name(terminal: Port) -> None:
    client = os.open(str(terminal.address), os.O_RDWR | os.O_NOCTTY)
    terminal.unplug()
    assert terminal.address is None
    with pytest.raises(OSError) as error:
        os.write(client, b"x")
    assert error.value.errno == errno.EIO
    os.close(client)
    terminal.plug()
    with opened(terminal) as again:
        again.write(b"\x10\x04\x01")
        assert again.read(1) == b"\x12"


def test_a_network_client_prints_and_reads_status(network: Port) -> None:
    with dial(network) as client:
        client.sendall(b"A012\n" + CUT + b"\x1dr\x01")
        assert client.recv(1) == b"\x00"
    assert network.printer.pages()[0].text == "A012"


def test_the_next_network_client_waits_for_the_first_to_leave(network: Port) -> None:
    first, second = dial(network), dial(network)
    first.sendall(b"\x10\x04\x01")
    assert first.recv(1) == b"\x12"
    second.sendall(b"\x10\x04\x04")
    second.settimeout(0.1)
    with pytest.raises(TimeoutError):
        second.recv(1)
    first.close()
    second.settimeout(PATIENCE)
    assert second.recv(1) == b"\x12"
    second.close()


def test_a_network_printer_without_power_refuses_and_returns_on_its_port(network: Port) -> None:
    address = network.address
    with dial(network) as client:
        client.sendall(b"\x10\x04\x01")
        assert client.recv(1) == b"\x12"
        network.printer.power_off()
        assert client.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        dial(network)
    network.printer.power_on()
    assert network.address == address
    with dial(network) as client:
        client.sendall(b"\x10\x04\x01")
        assert client.recv(1) == b"\x12"


def test_a_slow_printer_takes_its_time() -> None:
    port = Port(Printer(bytes_per_second=2000), Terminal())
    port.open()
    try:
        with opened(port) as client:
            began = time.monotonic()
            client.write(b"x" * 400 + b"\x1dr\x01")
            assert client.read(1) == b"\x00"
            assert time.monotonic() - began > 0.15
    finally:
        port.close()


def test_an_idle_printer_costs_nothing(terminal: Port) -> None:
    with opened(terminal) as client:
        client.write(b"once\n\x1dr\x01")
        assert client.read(1) == b"\x00"
        worked = terminal.printer.received
        before = time.process_time()
        select.select([], [], [], 0.3)
        assert time.process_time() - before < 0.05
        assert terminal.printer.received == worked


def test_listeners_hear_of_a_page(terminal: Port) -> None:
    heard = list[int]()
    stop = terminal.printer.listen(lambda: heard.append(1))
    with opened(terminal) as client:
        client.write(b"ticket\n")
        until(lambda: heard)
    stop()
