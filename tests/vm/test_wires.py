"""Every kind of wire: from a hand, over a real kernel, into the controller's store, and back to paper and light."""

import msgspec
import pytest

from hardware_sim.machine.machine import Machine
from tests.chaos.reading import numbers
from tests.runtime.waiting import until
from tests.vm.node import VmNode, until_view
from tests.vm.stage import HostHall, Stored

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


def is_(type_: str, **more: object) -> "Is":
    return Is(type_, more)


class Is:
    """Whether a stored event is of this type and says these things."""

    def __init__(self, type_: str, says: dict[str, object]) -> None:
        self.type, self.says = type_, says

    def __call__(self, event: Stored) -> bool:
        return event.body["type"] == self.type and self.says.items() <= event.body.items()


async def test_a_button_on_a_gpio_line_arrives_in_the_controllers_store(machine: Machine, node: VmNode, hall: HostHall) -> None:
    before = len(hall.events("help-1"))
    await machine.move("lines", "press", line=21)
    await hall.stored("help-1", is_("help-asked", place="window-1"), after=before)


async def test_the_lamp_beside_the_button_blinks_until_somebody_comes(machine: Machine, node: VmNode) -> None:
    seen = set()
    await machine.move("lines", "press", line=21)

    def both(view: dict[str, dict[str, int]]) -> bool:
        seen.add(view["levels"]["22"])
        return seen == {0, 1}

    await until_view(machine, "lines", both)


async def test_a_key_of_a_usb_keypad_arrives(machine: Machine, node: VmNode, hall: HostHall) -> None:
    before = len(hall.events("caller-1"))
    await machine.move("usb-keypad", "press", key="KPENTER")
    await hall.stored("caller-1", is_("key-pressed", window="window-1", key="next"), after=before)


async def test_a_key_of_a_uinput_keypad_arrives(machine: Machine, node: VmNode, hall: HostHall) -> None:
    before = len(hall.events("caller-2"))
    await machine.move("uinput-keypad", "press", key="KP0")
    await hall.stored("caller-2", is_("key-pressed", window="window-2", key="recall"), after=before)


async def test_a_usb_keypad_that_was_unplugged_works_again_when_it_is_back(
    machine: Machine, node: VmNode, hall: HostHall
) -> None:
    await machine.move("usb-keypad", "unplug")
    await until(lambda: hall.condition("caller-1") == "fault")
    await machine.move("usb-keypad", "plug")
    await until(lambda: hall.condition("caller-1") == "ready")
    before = len(hall.events("caller-1"))
    await machine.move("usb-keypad", "press", key="KP0")
    await hall.stored("caller-1", is_("key-pressed", key="recall"), after=before)


async def take_ticket(machine: Machine) -> None:
    await machine.move("lines", "press", line=4)


async def printed(machine: Machine, number: str) -> str:
    """The text of the page on which a number stands."""
    found: list[str] = []

    def has(view: dict[str, list[dict[str, str]]]) -> bool:
        found.extend(page["text"] for page in view["pages"] if number in page["text"] and page["ending"] == "cut")
        return bool(found)

    await until_view(machine, "printer", has)
    return found[0]


async def test_a_key_of_the_kiosk_gives_a_ticket_on_paper_that_the_printer_proves(
    machine: Machine, node: VmNode, hall: HostHall
) -> None:
    before = len(hall.events("kiosk-1"))
    await take_ticket(machine)
    event = await hall.stored("kiosk-1", is_("ticket-printed"), after=before)
    assert event.body.get("proof", "consumed") == "consumed"
    assert "综合受理" in await printed(machine, event.body["number"])


async def test_a_printer_that_was_unplugged_prints_again_when_it_is_back(machine: Machine, node: VmNode, hall: HostHall) -> None:
    await machine.move("printer", "unplug")
    await until(lambda: hall.condition("kiosk-1") == "fault")
    await machine.move("printer", "plug")
    await until(lambda: hall.condition("kiosk-1") == "ready")
    before = len(hall.events("kiosk-1"))
    await take_ticket(machine)
    event = await hall.stored("kiosk-1", is_("ticket-printed"), after=before)
    await printed(machine, event.body["number"])


async def test_without_paper_no_ticket_is_called_printed_until_there_is_paper_again(
    machine: Machine, node: VmNode, hall: HostHall
) -> None:
    await machine.move("printer", "run_out")
    await until(lambda: hall.condition("kiosk-1") == "fault")
    before, helps = tickets(hall), len(hall.events("help-1"))
    await take_ticket(machine)
    await machine.move("lines", "press", line=21)
    await hall.stored("help-1", is_("help-asked"), after=helps)
    assert tickets(hall) == before, "a later press has arrived, and the kiosk's came to nothing"
    await machine.move("printer", "load_paper")
    await until(lambda: hall.condition("kiosk-1") == "ready")
    before = len(hall.events("kiosk-1"))
    await take_ticket(machine)
    event = await hall.stored("kiosk-1", is_("ticket-printed"), after=before)
    await printed(machine, event.body["number"])


async def test_a_printer_that_reads_nothing_costs_the_node_nothing_else_and_prints_when_it_reads_on(
    machine: Machine, node: VmNode, hall: HostHall
) -> None:
    await machine.move("printer", "block")
    await take_ticket(machine)
    await until(lambda: hall.condition("kiosk-1") == "fault")
    before = len(hall.events("help-1"))
    await machine.move("lines", "press", line=21)
    await hall.stored("help-1", is_("help-asked"), after=before)
    await machine.move("printer", "unblock")
    await until(lambda: hall.condition("kiosk-1") == "ready", within=60)
    before = len(hall.events("kiosk-1"))
    await take_ticket(machine)
    event = await hall.stored("kiosk-1", is_("ticket-printed"), after=before)
    await printed(machine, event.body["number"])


async def test_the_called_number_stands_on_the_board_in_light(machine: Machine, node: VmNode, hall: HostHall) -> None:
    called, before = len(calls(hall)), len(hall.events("kiosk-1"))
    await take_ticket(machine)
    await hall.stored("kiosk-1", is_("ticket-printed"), after=before)
    await machine.move("usb-keypad", "press", key="KPENTER")
    await until(lambda: len(calls(hall)) > called)
    number = calls(hall)[-1]
    view = await until_view(machine, "board-0", lambda view: number in numbers(view))
    assert (view["width"], view["height"], view["faults"]) == (128, 16, [])


def tickets(hall: HostHall) -> int:
    """How many the controller knows, printed or not."""
    return int(hall.rows("select count(*) from tickets")[0][0])


def calls(hall: HostHall) -> list[str]:
    """The numbers that were called, oldest first."""
    rows = hall.rows("select body from facts where kind = 'ticket-called' order by number")
    return [msgspec.json.decode(row[0])["number"] for row in rows]
