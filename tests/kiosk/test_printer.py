"""The driver against the simulated printer: proof, faults, and the way back from each."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from msgspec.structs import replace

from devices.errors import DeviceBroken, DeviceMissing, DeviceTimeout
from devices.printer import Model, PrintFailed, ReceiptPrinter
from devices.receipt import SamplePage
from hardware_sim.escpos_plugs import Line, Network, Terminal, UsbPort
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_printer import Printer
from hardware_sim.escpos_status import Trouble
from tests.kiosk.papers import AT, HALL, SLIP, TICKET, TICKET_TEXT


class Stand:
    """A simulated printer on its wire, and the driver that speaks to it."""

    def __init__(self, line: Line, *, answers: bool = True, paper: Literal[58, 80] = 80) -> None:
        self.paper = Printer(paper=paper)
        self.port = Port(self.paper, line)
        self.port.open()
        self.driver = ReceiptPrinter(
            "the-printer", lambda _: self.port.address or "/dev/nothing", Model(paper=paper, answers=answers)
        )

    def close(self) -> None:
        """Take everything away."""
        self.driver.close()
        self.port.close()

    @property
    def texts(self) -> list[str]:
        """The words on each page, the one that still hangs there too."""
        return [page.text for page in self.paper.pages()]


@pytest.fixture(params=[Terminal, Network, UsbPort])
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    """A printer on a serial line, then one on the network, then one on a USB printer port."""
    made = Stand(request.param())
    yield made
    made.close()


@pytest.fixture
def serial() -> Iterator[Stand]:
    """A printer on a serial line."""
    made = Stand(Terminal())
    yield made
    made.close()


def test_a_ticket_comes_out_and_is_proven(stand: Stand) -> None:
    assert stand.driver.print(TICKET) == "consumed"
    (page,) = stand.paper.pages()
    assert page.text.split("\n") == TICKET_TEXT.rstrip("\n").split("\n")
    assert page.qr == (TICKET.qr,)
    assert page.ending == "cut"


def test_slips_and_test_pages_come_out(stand: Stand) -> None:
    stand.driver.print(SLIP)
    stand.driver.print(SamplePage(hall=HALL, device="kiosk-1", at=AT))
    assert "受理凭证" in stand.texts[0]
    assert "No. slip0001" in stand.texts[0]
    assert "打印测试" in stand.texts[1]


@pytest.mark.parametrize(
    ("hand", "seen"),
    [
        (lambda paper: paper.near_end(), lambda status: status.paper == "near-end" and status.can_print),
        (lambda paper: paper.run_out(), lambda status: status.paper == "out" and not status.can_print),
        (lambda paper: paper.open_cover(), lambda status: status.cover_open and not status.can_print),
        (lambda paper: paper.break_down(Trouble.CUTTER), lambda status: status.cutter_error and not status.can_print),
        (lambda paper: paper.break_down(Trouble.JAM), lambda status: status.recoverable_error and not status.can_print),
    ],
)
def test_what_a_hand_does_is_seen_asked_and_unasked(
    stand: Stand, hand: Callable[[Printer], None], seen: Callable[[object], bool]
) -> None:
    assert stand.driver.status().can_print
    hand(stand.paper)
    assert seen(stand.driver.status())
    stand.paper.close_cover()
    stand.paper.load_paper()
    stand.paper.mend()
    assert stand.driver.status().can_print
    hand(stand.paper)
    wait_for(lambda: seen(stand.driver.news()))


def wait_for(condition: Callable[[], bool]) -> None:
    """Try until it is so; the test's own time-out ends it."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.005)


def test_without_paper_nothing_goes_out(stand: Stand) -> None:
    stand.paper.run_out()
    before = stand.paper.received
    with pytest.raises(PrintFailed) as failed:
        stand.driver.print(TICKET)
    assert failed.value.reached == "nothing"
    assert stand.paper.received - before < len("A012") * 10
    stand.paper.load_paper()
    assert stand.driver.print(TICKET) == "consumed"


def test_paper_that_ends_amid_a_ticket_leaves_it_unsure_and_the_next_one_is_whole(stand: Stand) -> None:
    stand.driver.status()
    stand.paper.run_out(after=20)
    with pytest.raises(PrintFailed, match="no proof") as failed:
        stand.driver.print(TICKET)
    assert failed.value.reached == "unsure"
    assert stand.driver.status().paper == "out"
    stand.paper.load_paper()
    wait_for(lambda: stand.driver.status().can_print)
    assert stand.driver.print(replace(TICKET, reprint=True)) == "consumed"
    assert stand.texts[-1].startswith("综合便民服务中心")
    assert "补打" in stand.texts[-1]


def test_a_late_proof_of_the_broken_ticket_is_not_taken_for_the_next_one(serial: Stand) -> None:
    serial.driver.status()
    serial.paper.run_out(after=20)
    with pytest.raises(PrintFailed):
        serial.driver.print(TICKET)
    serial.paper.load_paper()
    assert serial.driver.status().can_print
    serial.paper.run_out(after=15)
    with pytest.raises(PrintFailed) as failed:
        serial.driver.print(replace(TICKET, number="A013"))
    assert failed.value.reached == "unsure"


def test_a_cover_opened_amid_a_ticket_leaves_it_unsure(serial: Stand) -> None:
    serial.driver.status()
    serial.paper.slow_down(2000)
    opener = threading.Timer(0.1, serial.paper.open_cover)
    opener.start()
    with pytest.raises(PrintFailed) as failed:
        serial.driver.print(TICKET)
    opener.join()
    assert failed.value.reached == "unsure"
    assert serial.driver.status().cover_open


def test_power_lost_amid_a_ticket_leaves_it_unsure_and_power_brings_the_printer_back(stand: Stand) -> None:
    stand.driver.status()
    stand.paper.slow_down(1000)
    killer = threading.Timer(0.1, stand.paper.power_off)
    killer.start()
    with pytest.raises(PrintFailed) as failed:
        stand.driver.print(TICKET)
    killer.join()
    assert failed.value.reached == "unsure"
    stand.paper.power_on()
    stand.paper.slow_down(None)
    assert stand.driver.print(replace(TICKET, reprint=True)) == "consumed"


def test_an_unplugged_printer_is_missing_and_found_again_under_its_new_name(stand: Stand) -> None:
    stand.driver.status()
    stand.port.unplug()
    with pytest.raises(DeviceMissing):
        wait_for(lambda: stand.driver.status() is None)
    with pytest.raises(PrintFailed) as failed:
        stand.driver.print(TICKET)
    assert failed.value.reached == "nothing"
    stand.port.plug()
    assert stand.driver.print(TICKET) == "consumed"


def test_a_mute_printer_is_a_timeout_and_not_good_news(serial: Stand) -> None:
    serial.paper.hush(mute=True)
    with pytest.raises(DeviceTimeout, match="does not answer"):
        serial.driver.status()
    with pytest.raises(PrintFailed) as failed:
        serial.driver.print(TICKET)
    assert failed.value.reached == "nothing"


def test_a_printer_that_gives_no_answers_by_setting_is_believed() -> None:
    stand = Stand(Terminal(), answers=False)
    stand.paper.hush(mute=True)
    try:
        assert stand.driver.status().can_print
        assert stand.driver.print(TICKET) == "sent"
        wait_for(lambda: len(stand.paper.pages()) == 1 and not stand.paper.busy)
    finally:
        stand.close()


def test_noise_is_noise_and_passes(serial: Stand) -> None:
    serial.driver.status()
    serial.paper.noise(200)
    assert serial.driver.status().can_print
    assert serial.driver.print(TICKET) == "consumed"


def test_a_wire_that_only_sends_noise_is_broken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        talker = threading.Thread(target=_send_noise, args=(server,))
        talker.start()
        driver = ReceiptPrinter(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(DeviceBroken, match="nonsense"):
            driver.status()
        driver.close()
        talker.join()


def _send_noise(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        while connection.recv(100):
            connection.sendall(b"\xff\xfe\xc3")


def test_noise_that_looks_like_a_proof_proves_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        talker = threading.Thread(target=_answer_with_noise, args=(server,))
        talker.start()
        driver = ReceiptPrinter(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(PrintFailed, match="nonsense") as failed:
            driver.print(TICKET)
        assert failed.value.reached == "unsure"
        driver.close()
        talker.join()


def _answer_with_noise(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(4096):
            connection.sendall(b"\xff\x00\xff" if b"\x1dr\x01" in data else b"\x12" * data.count(b"\x10\x04"))


@pytest.mark.parametrize("when", ["at the first look", "after a ticket"])
def test_the_beginning_of_a_message_that_was_cut_off_costs_no_ticket(when: str) -> None:
    """As a cable that is pushed in leaves one; only the next whole message shows that it was none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        cut_off = threading.Event()
        talker = threading.Thread(target=_answer_well, args=(server, cut_off))
        talker.start()
        driver = ReceiptPrinter(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        if when == "after a ticket":
            assert driver.print(TICKET) == "consumed"
        cut_off.set()
        assert driver.status().can_print
        assert driver.print(TICKET) == "consumed"
        driver.close()
        talker.join()


def _answer_well(server: socket.socket, cut_off: threading.Event) -> None:
    """Proofs with the automatic message that a receipt's start asks for, and once the beginning of one."""
    connection, _ = server.accept()
    with connection:
        while data := connection.recv(4096):
            answers = b"\x12" * data.count(b"\x10\x04")
            if cut_off.is_set() and answers:
                cut_off.clear()
                answers = b"\x10\x00" + answers
            connection.sendall(answers + (b"\x10\x00\x00\x0f\x00" if b"\x1dr\x01" in data else b""))


def test_a_jam_is_unsure_until_it_is_cleared(serial: Stand) -> None:
    serial.driver.status()
    serial.paper.slow_down(2000)
    jam = threading.Timer(0.1, serial.paper.break_down, (Trouble.JAM,))
    jam.start()
    with pytest.raises(PrintFailed) as failed:
        serial.driver.print(TICKET)
    jam.join()
    assert failed.value.reached == "unsure"
    assert serial.driver.status().recoverable_error
    serial.paper.mend()
    serial.paper.slow_down(None)
    assert serial.driver.status().can_print
    assert serial.driver.print(TICKET) == "consumed"


def test_a_ticket_longer_than_the_printers_buffer_comes_out_whole(serial: Stand) -> None:
    lines = tuple(f"第 {n} 行：办事指南全文 {n}" for n in range(60))
    serial.paper.slow_down(40_000)
    assert serial.driver.print(replace(SLIP, lines=lines * 4)) == "consumed"
    assert serial.texts[0].count("办事指南全文") == 240


def test_a_broken_qr_command_does_not_swallow_the_next_ticket(serial: Stand) -> None:
    """Half of a ticket's bytes are lost in the middle of a command; the driver ends the command before it goes on."""
    serial.driver.status()
    serial.paper.slow_down(3000)
    cut = threading.Timer(0.15, serial.port.unplug)
    cut.start()
    with pytest.raises(PrintFailed) as failed:
        serial.driver.print(replace(TICKET, qr="x" * 250))
    cut.join()
    assert failed.value.reached == "unsure"
    serial.paper.slow_down(None)
    serial.port.plug()
    assert serial.driver.print(replace(TICKET, number="A013")) == "consumed"
    assert "A013" in serial.texts[-1]
    assert serial.paper.pages()[-1].qr == (TICKET.qr,)
