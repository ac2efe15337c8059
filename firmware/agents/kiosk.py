"""The ticket kiosk's agent: keys and touches become tickets, and while none can be printed none is offered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from contract.commands import PrintSlip
from contract.topics import COMMAND, KIOSK_OFFER, TICKET_REPLY
from contract.values import Text
from devices.gpio import Edge, Inputs, to_ground
from devices.printer import ReceiptPrinter
from devices.wires import Wires
from firmware.agents import kiosk_words as words
from firmware.agents.kiosk_orders import Orders
from firmware.agents.kiosk_paper import PaperMeter
from firmware.agents.kiosk_press_room import PressRoom
from firmware.agents.kiosk_printer_words import PrinterWords
from firmware.agents.kiosk_printing import PrintDesk
from firmware.agents.kiosk_rules import KioskRules
from firmware.agents.kiosk_tickets import TicketDesk
from firmware.agents.kiosk_wish import Wish
from firmware.agents.mailbox import HEARTBEAT, Mailbox
from firmware.agents.opening import saying_why
from firmware.agents.stuck import HELD, Stuck
from firmware.config import KioskConfig, ServiceKey
from firmware.station import Agent, Station

if TYPE_CHECKING:
    from firmware.agents.kiosk_touch import TouchDesk


class KioskAgent:
    """Drives one kiosk."""

    def __init__(self, config: KioskConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config, self._wires, self._station = config, wires, station
        self._rules = KioskRules(station.timezone)
        self._stuck: Stuck[ServiceKey] = Stuck(HELD)
        self._touch: TouchDesk | None = None
        self._press_room = PressRoom(config)
        printer = ReceiptPrinter(config.printer.wire, wires.address, self._press_room.model, self._press_room.templates)
        roll = config.printer.roll
        meter = PaperMeter(station.data / f"{config.id}.paper", None if roll is None else round(1000 * roll))
        printer_words = PrinterWords(config.printer.name, config.printer.opening)
        self._printing = PrintDesk(
            f"printer-{config.id}", printer, printer_words, meter, station.count, self._printer_changed, self._press_room.look
        )

    async def run(self) -> None:
        """Drive the kiosk until cancelled."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._printing.close)
            self._say()
            tickets = await TicketDesk.open(self._config, self._station, self._rules, self._printing)
            stack.push_async_callback(tickets.close)
            self._touch = self._touch_desk()
            keys = self._keys(stack) if self._config.keys else None
            async with asyncio.TaskGroup() as self._tasks:
                for part in (
                    self._beat() if keys is None else self._serve(keys, tickets),
                    self._hear_offers(tickets),
                    self._hear_replies(tickets),
                    self._hear_commands(tickets),
                    self._watch_controller(),
                    self._printing.watch(),
                    tickets.tell(),
                    tickets.resolve(),
                ):
                    self._tasks.create_task(part)
                if self._touch is not None:
                    self._tasks.create_task(self._touch.run(tickets))

    def _keys(self, stack: AsyncExitStack) -> Inputs[ServiceKey]:
        with saying_why(self._station):
            lines = {key: to_ground(key.line) for key in self._config.keys}
            return stack.enter_context(Inputs(self._wires.pins(), lines))

    async def _beat(self) -> None:
        """Without keys no line is opened: the machine of a touch screen need not have any."""
        while True:
            self._station.alive()
            self._say()
            await asyncio.sleep(HEARTBEAT)

    def _touch_desk(self) -> "TouchDesk | None":
        if self._config.touch is None:
            return None
        # Imported here: a kiosk without a screen carries no server and no page.
        from firmware.agents.kiosk_touch import TouchDesk

        return TouchDesk(self._config, self._config.touch, self._station, self._rules, self._printing)

    async def _serve(self, keys: Inputs[ServiceKey], tickets: TicketDesk) -> None:
        edges: Mailbox[Edge[ServiceKey]] = Mailbox()
        self._tasks.create_task(edges.feed(keys.changes(self._config.debounce)))
        for key, down in keys.levels.items():
            self._stuck.level(key, down, self._station.clock.monotonic())
        while True:
            edge = await edges.next(now=self._station.clock.monotonic())
            self._station.alive()
            for word, times in keys.take_counts().items():
                self._station.count(word, times)
            if edge is None:
                keys.reread()
                self._say()
                continue
            self._stuck.level(edge.name, edge.active, edge.at)
            if edge.active:
                self._press(edge.name, tickets)

    def _press(self, key: ServiceKey, tickets: TicketDesk) -> None:
        wish = Wish(key.service, key.priority)
        verdict = self._rules.press(wish, self._station.clock.now())
        if verdict.refused is not None:
            self._station.count(verdict.refused)
        if verdict.service is None:
            return
        if verdict.why == "closed":
            self._tasks.create_task(tickets.decline(wish, verdict.service))
        else:
            self._tasks.create_task(tickets.serve(wish, verdict.service))

    async def _hear_offers(self, tickets: TicketDesk) -> None:
        async for offer in self._station.hear(KIOSK_OFFER, kiosk=self._config.id):
            await tickets.offered(offer)
            self._say()

    async def _hear_replies(self, tickets: TicketDesk) -> None:
        async for reply in self._station.hear(TICKET_REPLY):
            await tickets.replied(reply)

    async def _hear_commands(self, tickets: TicketDesk) -> None:
        async for command in self._station.hear(COMMAND):
            offer = self._rules.offer
            hall = offer.hall_name if offer else Text(zh="", en="")
            orders = Orders(self._station, tickets, self._printing, hall, self._config.printer)
            printed = await orders.obey(command)
            if self._touch is not None and isinstance(command.do, PrintSlip):
                self._touch.slip(command.do.slip, printed=printed)

    async def _watch_controller(self) -> None:
        presence: AsyncIterator[bool] = self._station.presence()
        async for present in presence:
            self._rules.present = present
            self._say()

    def _printer_changed(self) -> None:
        self._rules.can_print = self._printing.can_print
        self._say()

    def _say(self) -> None:
        saying = self._saying()
        self._station.state(saying.condition, saying.code, saying.what, saying.touch)
        if self._touch is not None:
            self._touch.changed()

    def _saying(self) -> words.Saying:
        """The worst first: what keeps tickets back, then what wants a hand."""
        now, held = self._station.clock.now(), self._stuck.names(self._station.clock.monotonic())
        printer = self._printing.saying
        if printer is not None and not self._printing.can_print:
            return printer
        if not self._rules.can_record:
            return words.DISK_FULL
        if self._rules.offer is None:
            return words.NO_OFFER
        if not self._rules.present:
            return words.ON_LEASE if self._rules.can_issue_alone(now) else words.NO_NUMBERS
        if self._touch is not None and self._touch.refused:
            return words.no_page(self._touch.port)
        if held:
            return words.stuck(", ".join(key.service for key in held))
        if printer is not None:
            return printer
        return words.broken_template(problems[0]) if (problems := self._press_room.problems) else words.READY


def build(config: KioskConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one kiosk."""
    return KioskAgent(config, wires, station)
