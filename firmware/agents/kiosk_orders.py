"""What the controller orders a kiosk to do: print a test page or a slip, show itself. Each is done once, and answered."""

from typing import Literal

from contract.commands import Command, CommandAnswer, Identify, PrintSlip, SelfTest
from contract.topics import COMMAND_ANSWER
from contract.values import Text
from devices.printer import PrintFailed
from devices.receipt import Form, Note, Receipt, SamplePage, Slip
from devices.receipt_template import TemplateProblem
from firmware.agents.kiosk_printing import PrintDesk
from firmware.agents.kiosk_tickets import TicketDesk
from firmware.config import PrinterConfig
from firmware.station import Station

DONE = Text(zh="已打印", en="printed")
UNSURE = Text(zh="可能只打印了一部分，请查看出纸口", en="it may be printed in part; look at the printer's slot")
NOT_PRINTED = Text(zh="未打印，打印机没有就绪", en="not printed, the printer is not ready")


def settings_of(printer: PrinterConfig) -> str:
    """A printer's settings in a line, as they stand on its test page."""
    return f"{printer.wire}  {printer.paper} mm  {printer.encoding}  {printer.baud}"


class Orders:
    """Carries out the commands of one kiosk."""

    def __init__(self, station: Station, tickets: TicketDesk, printing: PrintDesk, hall: Text, printer: PrinterConfig) -> None:
        """`hall` stands on what is printed, `printer` on the test page."""
        self._station, self._tickets, self._printing, self._hall = station, tickets, printing, hall
        self._printer = printer

    async def obey(self, command: Command) -> bool:
        """Carry out a command, unless it was carried out before, even if that was before a restart; whether it was printed."""
        receipt = self._receipt(command)
        if receipt is None or not await self._tickets.first_time(command.id):
            return False
        try:
            await self._printing.print(receipt)
        except TemplateProblem as problem:
            await self._answer(command, "refused", Text(zh=f"模板有误：{problem}"[:400], en=f"{problem}"[:400]))
        except PrintFailed as error:
            await self._answer(command, "failed", UNSURE if error.reached == "unsure" else NOT_PRINTED)
        else:
            await self._answer(command, "done", DONE)
            return True
        return False

    def _receipt(self, command: Command) -> Receipt | None:
        at = self._station.clock.now().astimezone(self._station.timezone)
        match command.do:
            case SelfTest():
                return SamplePage(
                    hall=self._hall, device=command.device, at=at, printer=self._printer.name, settings=settings_of(self._printer)
                )
            case Identify():
                name = Text(zh=f"取号机 {command.device}", en=f"Ticket kiosk {command.device}")
                return Note(hall=self._hall, title=name, text=Text(zh="我在这里", en="Here I am"), at=at)
            case PrintSlip(slip=slip, template=str(template), fields=fields, reprint=reprint):
                device = command.device
                return Form(template=template, fields=fields, hall=self._hall, slip=slip, at=at, device=device, reprint=reprint)
            case PrintSlip(slip=slip, title=title, lines=lines, qr=qr, reprint=reprint):
                return Slip(hall=self._hall, title=title, slip=slip, at=at, lines=lines, qr=qr, reprint=reprint)
            case _:
                return None

    async def _answer(self, command: Command, outcome: Literal["done", "refused", "failed"], what: Text) -> None:
        at = self._station.clock.now()
        answer = CommandAnswer(id=command.id, device=command.device, at=at, outcome=outcome, what=what)
        await self._station.say(COMMAND_ANSWER, answer)
