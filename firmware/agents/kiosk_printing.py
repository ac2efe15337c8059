"""The kiosk's printer as its agent sees it: one receipt at a time off the loop, and how it is, asked and unasked."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from devices.errors import DeviceError, DeviceTimeout
from devices.printer import LONGEST, PrintFailed, Proof, ReceiptPrinter
from devices.printer_status import PrinterStatus
from devices.receipt import Receipt
from firmware.agents.kiosk_paper import PaperMeter
from firmware.agents.kiosk_printer_words import PrinterWords
from firmware.agents.kiosk_words import STARTING, Saying
from firmware.worker import Worker

NEWS_EVERY = 0.25
"""Seconds between looks at what the printer has said by itself."""
ASK_EVERY = 5.0
RETRY_EVERY = 2.0
DOTS_PER_MM = 8


class PrintDesk:
    """Owns the printer. `changed` is called whenever `can_print` or `saying` may be another."""

    def __init__(
        self,
        name: str,
        printer: ReceiptPrinter,
        words: PrinterWords,
        meter: PaperMeter,
        count: Callable[[str, int], None],
        changed: Callable[[], None],
        prepare: Callable[[], None],
    ) -> None:
        """Nothing is opened before `watch` or `print`. `count` is told of paper and of characters replaced; `prepare` is called
        in the printer's thread before each receipt, and each time the printer is asked how it is."""
        self._words, self._meter, self._count = words, meter, count
        self.can_print = False
        self.saying: Saying | None = STARTING
        self._printer = printer
        self._changed, self._prepare = changed, prepare
        self._worker = Worker(name)
        self._turn = asyncio.Lock()
        self._look_now = asyncio.Event()
        self._ask_at = 0.0
        self._counted = {"replaced-character": 0, "paper-mm": 0, "paper-left-mm": 0}

    async def print(self, receipt: Receipt) -> Proof:
        """Print one receipt, after those that came before. Raises `PrintFailed`.

        Raises `DeviceTimeout` when the printer's thread hangs; the agent has to be started anew then.
        """
        async with self._turn:
            try:
                return await self._worker.run(self._print, receipt, deadline=LONGEST)
            except PrintFailed:
                self._ask_soon()
                raise
            finally:
                self._count_up()

    def _print(self, receipt: Receipt) -> Proof:
        self._prepare()
        before = self._printer.dots
        proof = self._printer.print(receipt)
        self._meter.fed((self._printer.dots - before) // DOTS_PER_MM)
        return proof

    async def watch(self) -> None:
        """Find out how the printer is, for ever."""
        while True:
            pause = await self._look()
            self._changed()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._look_now.wait()
            self._look_now.clear()

    async def close(self) -> None:
        """Let the printer go, unless its thread hangs."""
        with suppress(DeviceTimeout):
            await self._worker.run(self._printer.close, deadline=1.0)
        self._worker.close()

    async def _look(self) -> float:
        now = asyncio.get_running_loop().time()
        asking = now >= self._ask_at
        try:
            async with self._turn:
                status = await self._worker.run(self._ask if asking else self._printer.news, deadline=LONGEST)
        except DeviceError as error:
            if self._worker.abandoned:
                raise
            self.can_print, self.saying, self._ask_at = False, self._words.lost(error), 0.0
            return RETRY_EVERY
        if asking:
            self._ask_at = now + (ASK_EVERY if status.can_print else RETRY_EVERY)
        self._take(status)
        return NEWS_EVERY

    def _ask(self) -> PrinterStatus:
        self._prepare()
        return self._printer.status()

    def _take(self, status: PrinterStatus) -> None:
        if self._meter.is_new_roll(status):
            self._count("new-roll", 1)
        self._count_up()
        self.can_print, self.saying = status.can_print, self._words.printer(status, self._meter.left_mm)

    def _count_up(self) -> None:
        """Tell what has changed since this was last told; what is left of the paper grows with a new roll only."""
        now = {
            "replaced-character": self._printer.replaced,
            "paper-mm": self._printer.dots // DOTS_PER_MM,
            "paper-left-mm": self._meter.left_mm or 0,
        }
        for what, total in now.items():
            if more := total - self._counted[what]:
                self._count(what, more)
        self._counted = now

    def _ask_soon(self) -> None:
        self._ask_at = 0.0
        self._look_now.set()
