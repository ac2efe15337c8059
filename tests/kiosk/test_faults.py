"""Every fault that the bench can make of a printer: the words that staff read, and tickets again without a restart."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contract.events import TicketPrinted
from contract.values import Text
from tests.kiosk.hall import kiosk, offer

pytestmark = pytest.mark.timeout(90)

NAME = Text(zh="2号打印机", en="printer 2")
OPENING = Text(zh="打开灰色机盖", en="open the grey cover")
SERIAL, USB, NETWORK = "/dev/serial/by-id/printer", "/dev/usb/lp0", "tcp://printer:9100"


class Fault(NamedTuple):
    """What a hand does, what staff read then, and the hands that undo it."""

    hand: str
    code: str
    zh: str
    en: str
    touch: str
    undo: tuple[str, ...]
    wire: str = SERIAL


FAULTS = (
    Fault("near_end", "paper-low", "2号打印机快没纸了", "paper is low on printer 2", "have a new roll", ("load_paper",)),
    Fault(
        "run_out",
        "paper-out",
        "2号打印机缺纸",
        "paper is out on printer 2",
        "open the grey cover, put in a new roll, print side up",
        ("load_paper",),
    ),
    Fault(
        "open_cover", "cover-open", "2号打印机的盖子开着", "the cover of printer 2 is open", "until it clicks", ("close_cover",)
    ),
    Fault("jam", "printer-jam", "2号打印机卡纸", "printer 2 is jammed", "take out the jammed paper", ("clear_jam",)),
    Fault("jam_cutter", "cutter-jam", "2号打印机切刀卡住", "the cutter of printer 2", "open the grey cover", ("clear_jam",)),
    Fault("overheat", "printer-hot", "2号打印机过热", "printer 2 is too hot", "covers its vents", ("clear_jam",)),
    Fault(
        "fail", "printer-broken", "2号打印机报告严重故障", "printer 2 reports an error", "off and on", ("power_off", "power_on")
    ),
    Fault("take_offline", "printer-offline", "2号打印机处于脱机状态", "printer 2 is offline", "online or feed", ("put_online",)),
    Fault("silence", "printer-silent", "2号打印机没有应答", "printer 2 does not answer", "switched on", ("answer",)),
    Fault("truncate", "printer-silent", "2号打印机没有应答", "printer 2 does not answer", "cable is firmly in", ("answer",)),
    Fault("garble", "printer-noise", "2号打印机应答混乱", "printer 2 answers nonsense", "`baud`", ("answer",)),
    Fault("block", "printer-blocked", "2号打印机不再接收数据", "printer 2 takes no more data", "flow control", ("unblock",)),
    Fault("block", "printer-blocked", "2号打印机不再接收数据", "printer 2 takes no more data", "flow control", ("unblock",), USB),
    Fault("block", "printer-silent", "2号打印机没有应答", "printer 2 does not answer", "switched on", ("unblock",), NETWORK),
    *(
        Fault("unplug", "printer-missing", "找不到2号打印机", "printer 2 is not there", "its cable", ("plug",), wire)
        for wire in (SERIAL, USB, NETWORK)
    ),
    Fault("power_off", "printer-silent", "2号打印机没有应答", "printer 2 does not answer", "switched on", ("power_on",)),
    Fault("power_off", "printer-missing", "找不到2号打印机", "printer 2 is not there", "printer's power", ("power_on",), USB),
    Fault("power_off", "printer-missing", "找不到2号打印机", "printer 2 is not there", "printer's power", ("power_on",), NETWORK),
)


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault.hand}-{fault.wire.strip('/').partition('/')[0]}" for fault in FAULTS])
async def test_staff_read_what_to_touch_and_tickets_come_again_without_a_restart(tmp_path: Path, fault: Fault) -> None:
    async with kiosk(tmp_path, told=offer(), wire=fault.wire, name=NAME, opening=OPENING) as at:
        await at.do(fault.hand)
        await at.code(fault.code)
        condition, _, what, touch = at.station.states[-1]
        assert condition == ("attention" if fault.code == "paper-low" else "fault")
        assert fault.zh in what.zh
        assert fault.en in what.en
        assert touch is not None
        assert fault.touch in touch.en
        for hand in fault.undo:
            await at.do(hand)
        await at.code("ok")
        await at.press()
        (page,) = await at.tickets(1)
        assert "A001" in page.text


@pytest.mark.parametrize(
    ("hand", "code", "undo", "wire"),
    [
        ("take_offline", "printer-offline", "put_online", SERIAL),
        ("jam", "printer-jam", "clear_jam", SERIAL),
        ("jam_cutter", "cutter-jam", "clear_jam", USB),
        ("open_cover", "cover-open", "close_cover", NETWORK),
        ("run_out", "paper-out", "load_paper", USB),
        ("power_off", "printer-silent", "power_on", SERIAL),
        ("power_off", "printer-missing", "power_on", USB),
        ("power_off", "printer-missing", "power_on", NETWORK),
        ("unplug", "printer-missing", "plug", SERIAL),
        ("unplug", "printer-missing", "plug", NETWORK),
    ],
)
async def test_a_ticket_broken_off_is_printed_again_with_its_mark(
    tmp_path: Path, hand: str, code: str, undo: str, wire: str
) -> None:
    async with kiosk(tmp_path, told=offer(), wire=wire) as at:
        at.printer.slow_down(1500)
        before = at.printer.received
        await at.press()
        await at.station.until(lambda: at.printer.received > before + 200)
        await at.do(hand)
        await at.code(code)
        await at.do("speed_up")
        await at.do(undo)
        await at.station.until(lambda: at.station.facts, 30)
        (fact,) = at.station.facts
        assert isinstance(fact, TicketPrinted)
        assert fact.reprint
        again = [page for page in at.printer.pages() if "补打" in page.text]
        assert "A001" in again[-1].text


async def test_noise_costs_no_ticket(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        await at.do("noise", count=500)
        await at.code("ok")
        await at.press()
        await at.tickets(1)


async def test_a_slow_printer_is_waited_for_and_its_ticket_proven(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        await at.do("slow_down", bytes_per_second=400)
        await at.press()
        await at.station.until(lambda: at.station.facts, 20)
        assert at.station.facts == [TicketPrinted(ticket="ticket-001", number="A001")]


async def test_a_blocked_printer_without_answers_is_blocked_and_not_well(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(), answers=False) as at:
        await at.do("block")
        await at.press()
        await at.code("printer-blocked")
        await at.do("unblock")
        await at.code("ok")


class PlainFile:
    """What bears the printer's name and is none."""

    def __init__(self, path: Path) -> None:
        path.write_text("not a printer")
        self.address = str(path)


async def test_what_is_no_printer_is_said_to_be_none(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer(), name=NAME) as at:
        wires: Any = at.simulation.wires
        printer, wires.ports[SERIAL] = wires.ports[SERIAL], PlainFile(tmp_path / "notes")
        await at.do("unplug")
        await at.code("printer-wrong")
        assert at.station.states[-1][2].zh == "node.toml 中2号打印机的 wire 不是打印机"
        wires.ports[SERIAL] = printer
        await at.do("plug")
        await at.code("ok")


async def test_the_paper_used_is_counted(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        await at.press()
        (page,) = await at.tickets(1)
        await at.station.until(lambda: at.station.counts["paper-mm"])
        assert abs(at.station.counts["paper-mm"] - page.height / 8) < 20
