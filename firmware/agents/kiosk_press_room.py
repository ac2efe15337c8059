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
        self._id = config.id
        self.templates = Templates(config.templates)
        self._no_logo: tuple[TemplateProblem, ...] = ()
        logo = None
        if config.logo is not None:
            try:
                logo = load_logo(config.logo, DOTS[printer.paper])
            except BadLogo as error:
                self._no_logo = (error,)
        self._warn()
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

    @property
    def problems(self) -> tuple[TemplateProblem, ...]:
        """What is wrong with the files now."""
        return self.templates.problems + self._no_logo

    def look(self) -> None:
        """Notice templates that were changed or added. For one thread."""
        if self.templates.look():
            log.info("%s: templates were changed; there are %s", self._id, ", ".join(one.id for one in self.templates))
            self._warn()

    def _warn(self) -> None:
        for problem in self.problems:
            log.warning("%s: %s", self._id, problem)
