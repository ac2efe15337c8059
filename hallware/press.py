"""The press: the hall's slip templates as the controller knows them, and pictures of slips made of the printer's real bytes."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Literal
from zoneinfo import ZoneInfo

from contract.commands import FieldValue
from contract.values import Text
from controller.config import HallConfig
from controller.service import HallService
from controller.slip_forms import Forms, SlipField, SlipForm
from devices.printer import Model
from devices.receipt_layout import Filling
from devices.receipt_template import Template
from devices.receipt_templates import Templates

log = logging.getLogger("hallware.controller")

Paper = Literal[58, 80]
LOOK = 2.0
"""Seconds between two looks at the folder."""


class Press:
    """Templates from the package and the hall's own folder, as its kiosks have them."""

    def __init__(self, config: HallConfig) -> None:
        """Read them. A broken file of the hall's own folder is a problem to tell; the package's serves meanwhile."""
        self._hall, self._paper = config.hall, config.slips.paper
        self._templates = Templates(config.slips.templates)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with files of the hall's own folder: file, part, line and what is expected there."""
        return tuple(str(problem) for problem in self._templates.problems)

    @property
    def forms(self) -> Forms:
        """What staff may fill in."""
        return {template.id: _form(template) for template in self._templates if not template.by_kiosk}

    def look(self) -> bool:
        """Read the hall's own folder again if a file of it is another one now; a broken one stays as it was. Whether it was."""
        return self._templates.look()

    def picture(self, template: str, fields: Mapping[str, FieldValue], number: str, at: datetime) -> bytes:
        """The slip on paper, as a PNG. Raises `TemplateProblem`."""
        here = at.astimezone(ZoneInfo(self._hall.timezone))
        filling = Filling(fields=dict(fields), hall=self._hall.name.text, at=here, slip=number, device="")
        encoded = Model(paper=self._paper).encode_filled(self._templates[template], filling)
        picture = BytesIO()
        on_table(printed(encoded.data, self._paper, "gbk").image).save(picture, "PNG", optimize=True)
        return picture.getvalue()


async def keep_read(press: Press, hall: HallService, every: float = LOOK) -> None:
    """Until cancelled. A template that was changed or added counts from the next look on, without a restart."""
    told = _tell((), press.problems, hall)
    while True:
        await asyncio.sleep(every)
        if await asyncio.to_thread(press.look):
            log.info("slip templates were changed; there are %s", ", ".join(press.forms))
            told = _tell(told, press.problems, hall)
            hall.take_forms(press.forms)


def _tell(before: tuple[str, ...], now: tuple[str, ...], hall: HallService) -> tuple[str, ...]:
    for problem in now:
        if problem not in before:
            hall.count("template-broken")
            log.warning("%s; the one before serves meanwhile. Put the file right; `hallware preview` tries it", problem)
    return now


def _form(template: Template) -> SlipForm:
    fields = {
        name: SlipField(name=Text(zh=form.zh, en=form.en), sample=form.sample, optional=form.optional, personal=form.personal)
        for name, form in template.fields.items()
    }
    return SlipForm(template=template.id, name=template.name, fields=fields)


def printed(data: bytes, paper: Paper, encoding: str) -> Any:
    """The page as a printer of this kind makes it from these bytes."""
    from hardware_sim.escpos_printer import Printer

    printer = Printer(paper=paper, encoding=encoding)  # type: ignore[arg-type]
    while data:
        piece, data = data[: printer.room], data[printer.room :]
        printer.receive(piece)
        printer.work(0.0)
    return printer.pages()[0]


def on_table(page: Any) -> Any:
    """The page as it lies on a table: 4 mm of margin at both sides, ink a little softer than black."""
    from PIL import Image

    margin, edge = 32, 24
    sheet = Image.new("L", (page.width + 2 * margin, page.height + edge), 252)
    sheet.paste(page.convert("L").point(lambda dot: 252 if dot else 34), (margin, 0))
    table = Image.new("L", (sheet.width + 2 * edge, sheet.height + 2 * edge), 214)
    table.paste(Image.new("L", sheet.size, 176), (edge + 4, edge + 4))
    table.paste(sheet, (edge, edge))
    return table
