"""`hallware strip`: a text board is tried on its wire, and mistakes are named."""

import time
from collections.abc import Callable, Iterator

import pytest

from hallware.main import main
from hardware_sim.serial_line import SerialLine
from hardware_sim.sign import Sign
from hardware_sim.udp_port import UdpPort

Hang = Callable[[Sign], str]


@pytest.fixture
def hang() -> Iterator[Hang]:
    """Hangs a sign on a serial line of its own and says where that is."""
    lines: list[SerialLine] = []

    def hang(sign: Sign) -> str:
        lines.append(SerialLine(sign))
        lines[-1].open()
        return str(lines[-1].address)

    yield hang
    for line in lines:
        line.close()


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it becomes so: what was sent is read by a thread."""
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def test_a_text_is_shown_on_every_row(hang: Hang, capsys: pytest.CaptureFixture[str]) -> None:
    sign = Sign("strip-aa", 3, columns=16, rows=2)
    assert main(["strip", "show", "strip-aa", hang(sign), "请A012号办理", "--address", "3", "--rows", "2"]) == 0
    assert soon(lambda: sign.texts() == ["请A012号办理"] * 2)
    assert "aa 03 bb 51 54 4a 01 00 99 00 63 c7 eb 41 30 31 32 ba c5 b0 ec c0 ed ff" in capsys.readouterr().out


def test_a_text_card_is_tried_over_the_network() -> None:
    sign = Sign("udp-card", 0, columns=16)
    port = UdpPort(sign)
    port.open()
    try:
        assert main(["strip", "show", "udp-card", str(port.address), "请到窗口"]) == 0
        assert soon(lambda: sign.texts() == ["请到窗口"])
    finally:
        port.close()


def test_a_queue_board_gets_its_address(hang: Hang) -> None:
    sign = Sign("queue", 0x20, columns=8)
    assert main(["strip", "address", hang(sign), "65"]) == 0
    assert soon(lambda: sign.address == 65)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["show", "strip-aa", "/dev/no-such-wire", "A"],
            "/dev/no-such-wire: there is no such device; is the adapter plugged in?",
        ),
        (["show", "digits", "udp://card:8453", "012"], "write /dev/serial/by-id/…"),
        (["address", "/dev/ttyUSB0", "33", "--old", "300"], "--old: a queue board's address is from 32 to 127, not 300"),
        (["address", "/dev/ttyUSB0", "7"], "addresses from 32 to 127, not 7"),
    ],
)
def test_a_mistake_is_named(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strip", *words]) == 2
    assert said in capsys.readouterr().err
