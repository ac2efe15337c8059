"""Talks with an ESC/POS printer over its open wire: asks, hears what comes unasked, and waits for proof."""

import time
from collections import deque

from escpos import constants as word

from devices.errors import DeviceBroken, DeviceTimeout
from devices.printer_status import Answer, Ask, Automatic, Consumed, PrinterStatus, Said, StatusReader, with_answer
from devices.printer_transport import PrinterTransport
from devices.receipt_bytes import ASK_CONSUMED, AUTOMATIC_STATUS

ANSWER_PATIENCE = 0.6
"""Seconds for the answer to `DLE EOT`: printers give it at once, slow USB adapters add some tens of milliseconds."""
SETTLE_PATIENCE = 4.0
"""Seconds for the rest of a broken receipt to come out."""
TRIES = 3
SETTLED = 0.05
"""Seconds without a byte after which a burst of noise is over, and a message that has begun is not finished any more."""
QUIET = 0.3
"""Seconds without a further answer after which none is expected."""
MERCY = 1.0
"""Seconds for the proof to come in after the printer has said that it stopped."""
_ORDER = (Ask.PRINTER, Ask.ERROR, Ask.PAPER, Ask.OFFLINE)


class PrinterTalk:
    """One conversation, from the opening of the wire to its closing. Errors end it."""

    def __init__(self, transport: PrinterTransport) -> None:
        self.transport = transport
        self.status = PrinterStatus()
        """As last said."""
        self.tells_by_itself = False
        """Whether the printer has sent an automatic status since it was last told to."""
        self._reader = StatusReader()
        self._answers: deque[int] = deque()
        self._consumed = 0

    @property
    def noise(self) -> int:
        """Bytes that meant nothing, so far."""
        return self._reader.noise

    def hear(self, within: float = 0.0) -> bool:
        """Take in what comes first within this time; whether anything came."""
        data, noise = self.transport.receive(within), self.noise
        for said in self._reader.feed(data):
            self._note(said)
        if self.noise > noise:
            self.tells_by_itself = False  # what has been understood amid noise may be noise too: ask before the next receipt
        return bool(data)

    def hear_out(self) -> None:
        """Take in all that has come. What has only begun by then is noise, before it spoils the proof of a receipt."""
        while self.hear(SETTLED if self._reader.amid else 0.0):
            pass
        if self._reader.amid:
            self._reader.silence()
            self.tells_by_itself = False

    def ask(self) -> PrinterStatus:
        """Ask for everything. Raises `DeviceTimeout` for silence, `DeviceBroken` for nonsense."""
        for _ in range(TRIES):
            self.hear_out()
            noise, status = self.noise, PrinterStatus()
            for ask in _ORDER:
                status = with_answer(status, ask, self._ask_one(ask))
            if self.noise == noise and not self._answers and not self._reader.amid:
                self.status = status
                return status
            while self.hear(SETTLED):  # noise may look like an answer: once more, when it is over
                pass
        raise DeviceBroken(f"{self.transport.wire}: answers nonsense; check its cable and baud rate")

    def tell_by_yourself(self) -> None:
        """Switch automatic status on; its first message comes soon."""
        self.tells_by_itself = False
        self.transport.send(AUTOMATIC_STATUS, ANSWER_PATIENCE)

    def prove(self, within: float) -> None:
        """Wait until the one `GS r 1` that was sent behind the job has been answered.

        Raises `DeviceTimeout` when it is not, soon after the printer has said that it stopped, else at the end of the time;
        `DeviceBroken` when nonsense came in between, since then nothing can be believed.
        """
        before, noise = self._consumed, self.noise
        until = time.monotonic() + within
        stopped = False
        while self._consumed == before:
            if (left := until - time.monotonic()) <= 0:
                raise DeviceTimeout(f"{self.transport.wire}: no proof that the receipt was printed")
            if not self.hear(min(QUIET, left)):
                self._reader.silence()
                self._ask_if_it_cannot_tell()
            if not stopped and not self.status.can_print:
                stopped, until = True, min(until, time.monotonic() + MERCY)
        if self.noise > noise:
            raise DeviceBroken(f"{self.transport.wire}: sent nonsense while it printed; check its cable and baud rate")

    def end_unfinished(self, unsent: int) -> None:
        """End a command in which a receipt was broken off, and forget its settings.

        `unsent` is how many bytes of the receipt did not go out; an unfinished command waits for at most so many.
        """
        self.transport.send(bytes(unsent) + word.HW_INIT, SETTLE_PATIENCE)

    def wait_for_late_proof(self) -> None:
        """After a receipt without proof: wait until none can come late and be taken for that of the next one."""
        before = self._consumed
        self.transport.send(ASK_CONSUMED, ANSWER_PATIENCE)
        until = time.monotonic() + SETTLE_PATIENCE
        while self._consumed == before:
            if time.monotonic() >= until:
                raise DeviceTimeout(f"{self.transport.wire}: does not get over the receipt that it did not finish")
            self.hear(QUIET)
        while self.hear(QUIET):
            pass

    def _ask_if_it_cannot_tell(self) -> None:
        if self.tells_by_itself:
            return
        try:
            self.ask()
        except DeviceTimeout:
            return  # some printers answer nothing while they print; the proof has its own time

    def _ask_one(self, ask: Ask) -> int:
        self._answers.clear()
        noise = self.noise
        self.transport.send(word.RT_STATUS + bytes((ask,)), ANSWER_PATIENCE)
        until = time.monotonic() + ANSWER_PATIENCE
        while not self._answers:
            left = until - time.monotonic()
            if left <= 0:
                self._reader.silence()
                raise self._no_answer(noise)
            self.hear(left)
        return self._answers.popleft()

    def _no_answer(self, noise: int) -> DeviceBroken | DeviceTimeout:
        if self.noise > noise:
            return DeviceBroken(f"{self.transport.wire}: answers nonsense; check its cable and baud rate")
        return DeviceTimeout(f"{self.transport.wire}: does not answer; is the printer switched on?")

    def _note(self, said: Said) -> None:
        match said:
            case Answer():
                self._answers.append(said.byte)
            case Automatic():
                self.status = said.status
                self.tells_by_itself = True
            case Consumed():
                self._consumed += 1
