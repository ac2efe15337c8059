"""One suite for every printer: over all wires, papers, encodings, with and without a cutter."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import pytest
from msgspec.structs import replace

from devices.errors import DeviceError
from devices.printer import Model, PrintFailed, ReceiptPrinter
from devices.printer_transport import WireBlocked
from devices.receipt_text import Encoding
from hardware_sim.escpos_plugs import Line, Network, Terminal, UsbPort
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_printer import Printer
from tests.kiosk.papers import SLIP, TICKET
from tests.kiosk.test_printer import wait_for

WIRES: tuple[type[Any], ...] = (Terminal, Network, UsbPort)
pytestmark = pytest.mark.timeout(60)


class Kind(NamedTuple):
    """One sort of printer."""

    wire: Callable[[], Line]
    paper: Literal[58, 80]
    encoding: Encoding
    cutter: bool


PAPERS: tuple[Literal[58, 80], ...] = (58, 80)
ENCODINGS: tuple[Encoding, ...] = ("gbk", "gb18030", "utf-8")
KINDS = [Kind(*each) for each in itertools.product(WIRES, PAPERS, ENCODINGS, (True, False))]
NAMES = [f"{kind.wire.__name__}-{kind.paper}-{kind.encoding}-{'cutter' if kind.cutter else 'tear'}" for kind in KINDS]


class At(NamedTuple):
    """A printer, its plug, and the driver that speaks to it."""

    paper: Printer
    port: Port
    driver: ReceiptPrinter


@contextmanager
def standing(kind: Kind) -> Iterator[At]:
    """A printer of that kind for the length of a block."""
    paper = Printer(paper=kind.paper, cutter=kind.cutter, encoding=kind.encoding)
    port = Port(paper, kind.wire())
    port.open()
    model = Model(paper=kind.paper, cutter=kind.cutter, encoding=kind.encoding)
    driver = ReceiptPrinter("the-printer", lambda _: port.address or "/dev/nothing", model)
    try:
        yield At(paper, port, driver)
    finally:
        driver.close()
        port.close()


@pytest.fixture(params=WIRES)
def at(request: pytest.FixtureRequest) -> Iterator[At]:
    """An 80 mm GBK printer with a cutter on each wire in turn."""
    with standing(Kind(request.param, 80, "gbk", cutter=True)) as made:
        yield made


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_a_ticket_is_printed_as_it_was_meant_and_proven(kind: Kind) -> None:
    with standing(kind) as at:
        assert at.driver.print(TICKET) == "consumed"
        (page,) = at.paper.pages()
        for words in ("综合便民服务中心", "社会保障", "A012", "您前面还有 5 人", "请到A区等候"):
            assert words in page.text
        assert page.qr == (TICKET.qr,)
        assert page.ending == ("cut" if kind.cutter else "open")
        assert at.paper.interpreter.broken_characters == 0
        assert not at.paper.interpreter.ignored


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_the_paper_used_is_reckoned_as_it_is_fed(kind: Kind) -> None:
    with standing(kind) as at:
        at.driver.print(SLIP)
        assert at.driver.dots == at.paper.roll.position


@pytest.mark.parametrize(
    ("encoding", "printed", "replaced"),
    [("gbk", "价?镕□", 2), ("gb18030", "价€镕□", 1), ("utf-8", "价€镕□", 1)],
)
@pytest.mark.parametrize("wire", WIRES)
def test_what_a_printer_lacks_is_replaced_and_counted(wire: Any, encoding: Encoding, printed: str, replaced: int) -> None:
    with standing(Kind(wire, 80, encoding, cutter=True)) as at:
        at.driver.print(replace(SLIP, lines=("价€镕𠮷",)))
        assert printed in at.paper.pages()[0].text
        assert at.driver.replaced == replaced


def test_a_printer_tells_of_its_troubles_unasked_between_its_other_answers(at: At) -> None:
    at.driver.print(TICKET)
    at.paper.open_cover()
    wait_for(lambda: at.driver.news().cover_open)
    at.paper.close_cover()
    at.paper.near_end()
    wait_for(lambda: at.driver.news().can_print)
    assert at.driver.print(TICKET) == "consumed"
    assert at.driver.news().paper == "near-end"


def test_a_slip_longer_than_any_buffer_goes_out_in_short_writes(at: At) -> None:
    at.paper.slow_down(60_000)
    lines = tuple(f"第 {number} 行：一次性告知单全文" for number in range(400))
    assert at.driver.print(replace(SLIP, lines=lines)) == "consumed"
    assert sum(page.text.count("一次性告知单全文") for page in at.paper.pages()) == 400


def test_a_printer_switched_off_and_on_amid_a_ticket_leaves_it_unsure_and_prints_the_next_whole(at: At) -> None:
    at.driver.status()
    at.paper.slow_down(1500)
    with meanwhile(0.15, at.paper.power_off), meanwhile(0.35, at.paper.power_on), pytest.raises(PrintFailed) as failed:
        at.driver.print(TICKET)
    assert failed.value.reached == "unsure"
    at.paper.slow_down(None)
    assert at.driver.print(replace(TICKET, reprint=True)) == "consumed"
    assert at.paper.pages()[-1].text.startswith("综合便民服务中心")


def test_a_cable_pulled_and_put_back_amid_a_ticket_is_the_same(at: At) -> None:
    at.driver.status()
    at.paper.slow_down(1500)
    with meanwhile(0.15, at.port.unplug), pytest.raises(PrintFailed) as failed:
        at.driver.print(TICKET)
    assert failed.value.reached == "unsure"
    with pytest.raises(DeviceError):
        at.driver.status()
    at.paper.slow_down(None)
    at.port.plug()
    wait_for(lambda: at.driver.status().can_print)
    assert at.driver.print(replace(TICKET, number="A013")) == "consumed"
    assert "A013" in at.paper.pages()[-1].text


@pytest.mark.parametrize("wire", [Terminal, UsbPort])
def test_a_wire_that_takes_nothing_is_blocked_and_flows_again(wire: Any) -> None:
    with standing(Kind(wire, 80, "gbk", cutter=True)) as at:
        at.driver.status()
        at.port.block()
        with pytest.raises(WireBlocked):
            at.driver.status()
        with pytest.raises(PrintFailed) as failed:
            at.driver.print(TICKET)
        assert failed.value.reached == "nothing"
        at.port.unblock()
        assert at.driver.print(TICKET) == "consumed"


@contextmanager
def meanwhile(after: float, hand: Callable[[], None]) -> Iterator[None]:
    """A hand that moves so many seconds after the block has begun."""
    timer = threading.Timer(after, hand)
    timer.start()
    yield
    timer.join()
