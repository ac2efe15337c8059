"""The receipt printer: prints tickets, slips and test pages, proves it, and says how it is."""

import logging
from collections.abc import Callable
from typing import Literal

import msgspec

from devices.errors import DeviceError
from devices.printer_status import PrinterStatus
from devices.printer_talk import SETTLE_PATIENCE, PrinterTalk
from devices.printer_transport import Flow, open_transport
from devices.receipt import Receipt, filled
from devices.receipt_blocks import Picture
from devices.receipt_bytes import ASK_CONSUMED, CELL, DOTS, Encoded, Encoder
from devices.receipt_layout import Filling, Look, lay_out
from devices.receipt_template import Template
from devices.receipt_templates import Templates
from devices.receipt_text import Encoding
from devices.tapping import tap_of

log = logging.getLogger(__name__)

Proof = Literal["consumed", "sent"]
"""`consumed`: the printer has answered for it; `sent`: it gives no answers, and the wire has taken everything."""

Reached = Literal["nothing", "unsure"]

SEND_PATIENCE = 5.0
PROOF_PATIENCE = 8.0
"""A long ticket on a slow printer takes three seconds."""
MOST_WIRE_TIME = 30.0
"""What a long slip may take on a slow serial wire beyond that, seconds."""
LONGEST = SEND_PATIENCE + PROOF_PATIENCE + MOST_WIRE_TIME + 2 * SETTLE_PATIENCE + 5.0
"""Seconds after which a call of this driver has ended, one way or the other."""


class PrintFailed(DeviceError):
    """A receipt was not proven printed. `nothing`: not a byte of it went out; `unsure`: some or all of it may be on paper."""

    def __init__(self, what: str, reached: Reached) -> None:
        """Say what was wrong and how far the receipt got."""
        super().__init__(what)
        self.reached: Reached = reached


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be known of a printer and of what it prints."""

    paper: Literal[58, 80] = 80
    cutter: bool = True
    answers: bool = True
    baud: int = 115200
    flow: Flow = "none"
    encoding: Encoding = "gbk"
    languages: tuple[str, ...] = ("zh", "en")
    large: bool = False
    logo: Picture | None = None

    def wire_time(self, size: int) -> float:
        """Seconds that so many bytes take on a serial wire, ten bits each; as much is allowed for on every other wire."""
        return min(MOST_WIRE_TIME, size * 10 / self.baud)

    @property
    def look(self) -> Look:
        """How its receipts are laid out."""
        return Look(DOTS[self.paper] // CELL, self.languages, self.large, self.logo)

    def encode(self, receipt: Receipt, templates: Templates) -> Encoded:
        """A receipt as this printer's bytes. Raises `TemplateProblem`."""
        name, filling = filled(receipt)
        return self.encode_filled(templates[name], filling)

    def encode_filled(self, template: Template, filling: Filling) -> Encoded:
        """A template with its fields as this printer's bytes. Raises `BadFields`."""
        encoder = Encoder(self.paper, cutter=self.cutter, answers=self.answers, encoding=self.encoding)
        return encoder.encode(lay_out(template, filling, self.look))


class ReceiptPrinter:
    """An ESC/POS printer. Opens its wire when it is first needed and again after every error; for one thread only."""

    def __init__(
        self,
        wire: str,
        address: Callable[[str], str] = str,
        model: Model | None = None,
        templates: Templates | None = None,
    ) -> None:
        """Name the printer; nothing is opened yet. `address` is asked at every opening where the wire really is."""
        self._wire = wire
        self._address = address
        self._tap = tap_of(wire)
        self._model = model or Model()
        self._templates = templates or Templates()
        self._answers = self._model.answers
        self.replaced = 0
        """Characters that the printer could not print, so far."""
        self.dots = 0
        """Paper that has been fed, in dots of 1/8 mm, so far; reckoned, and without what a printer feeds by itself."""
        self._talk: PrinterTalk | None = None
        self._unsent: int | None = None
        """Bytes that were missing when the last receipt failed; None when it did not."""

    def print(self, receipt: Receipt) -> Proof:
        """Print one receipt and wait for the proof. Raises `PrintFailed`, and `TemplateProblem` before anything goes out."""
        encoded = self._model.encode(receipt, self._templates)
        if encoded.replaced:
            self.replaced += len(encoded.replaced)
            log.warning("%s: the printer has no character for %s", self._wire, " ".join(sorted(set(encoded.replaced))))
        try:
            talk = self._ready_talk()
        except DeviceError as error:
            self.close()
            raise PrintFailed(str(error), "nothing") from error
        if not talk.status.can_print:
            raise PrintFailed(f"{self._wire}: cannot print now", "nothing")
        proof = self._print(talk, encoded.data)
        self.dots += encoded.dots
        return proof

    def status(self) -> PrinterStatus:
        """Ask the printer how it is. A printer without answers is well while its wire is. Raises `DeviceError`."""
        try:
            talk = self._opened()
            if not self._answers:
                talk.hear()
                self._settle(talk)
                return talk.status
            status = talk.ask()
            if status.can_print:
                self._settle(talk)
                talk.tell_by_yourself()
            return status
        except DeviceError:
            self.close()
            raise

    def news(self) -> PrinterStatus:
        """How the printer is by what it has said so far, unasked too; never waits. Raises `DeviceError`."""
        try:
            talk = self._opened()
            while talk.hear():
                pass
            return talk.status
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        """Let the wire go; the next call opens it again. Safe to call twice."""
        if self._talk is not None:
            self._talk.transport.close()
            self._talk = None

    def _opened(self) -> PrinterTalk:
        if self._talk is None:
            transport = open_transport(self._address(self._wire), self._model.baud, flow=self._model.flow)
            transport.tap = self._tap
            self._talk = PrinterTalk(transport)
        return self._talk

    def _ready_talk(self) -> PrinterTalk:
        """The conversation with a status that is worth believing, and nothing left over from the last receipt."""
        talk = self._opened()
        if not self._answers:
            self._settle(talk)
            return talk
        talk.hear_out()
        if not talk.tells_by_itself or self._unsent is not None:
            talk.ask()
        if talk.status.can_print:
            self._settle(talk)
        return talk

    def _settle(self, talk: PrinterTalk) -> None:
        if self._unsent is None:
            return
        talk.end_unfinished(self._unsent)
        if self._answers:
            talk.wait_for_late_proof()
        self._unsent = None

    def _print(self, talk: PrinterTalk, data: bytes) -> Proof:
        before = talk.transport.sent
        wire = self._model.wire_time(len(data))
        try:
            if not self._answers:
                talk.transport.send(data, SEND_PATIENCE + wire)
                talk.transport.drain(PROOF_PATIENCE + wire)
                return "sent"
            talk.transport.send(data + ASK_CONSUMED, SEND_PATIENCE + wire)
            talk.prove(PROOF_PATIENCE + wire)
            return "consumed"
        except DeviceError as error:
            taken = talk.transport.sent - before
            self.close()
            if taken == 0:
                self._unsent = None if self._answers else 0  # it cannot be asked: the next look has to try the wire
                raise PrintFailed(str(error), "nothing") from error
            self._unsent = max(0, len(data) + len(ASK_CONSUMED) - taken)
            raise PrintFailed(str(error), "unsure") from error
