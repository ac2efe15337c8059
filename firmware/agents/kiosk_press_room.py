"""What a kiosk prints from: its printer's model, its templates and its logo, and what is wrong with them."""

import logging

from devices.printer import Model
from devices.receipt_bytes import DOTS
from devices.receipt_logo import BadLogo, load_logo
from devices.receipt_template import TemplateProblem
from devices.receipt_templates import Templates
from firmware.config import KioskConfig

log = logging.getLogger(__name__)


class PressRoom:
    """Everything that a kiosk needs to make receipts. What is broken is left out and told: tickets go on."""

    def __init__(self, config: KioskConfig) -> None:
        """Reads the files."""
        printer = config.printer
        self.templates = Templates(config.templates)
        self.problems: list[TemplateProblem] = [*self.templates.problems]
        logo = None
        if config.logo is not None:
            try:
                logo = load_logo(config.logo, DOTS[printer.paper])
            except BadLogo as error:
                self.problems.append(error)
        for problem in self.problems:
            log.warning("%s: %s", config.id, problem)
        self.model = Model(
            paper=printer.paper,
            cutter=printer.cutter,
            answers=printer.answers,
            baud=printer.baud,
            flow=printer.flow,
            encoding=printer.encoding,
            languages=config.languages,
            large=config.large_print,
            logo=logo,
        )
