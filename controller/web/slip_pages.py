"""Slips (凭证): a template filled in with its picture beside it, printed where one chooses, and the log of all prints."""

import base64
from http import HTTPStatus
from typing import Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler

from contract.commands import FieldName, FieldValue
from contract.values import Id, Text, Value
from controller.accounts_roles import Right
from controller.slip_forms import SlipForm
from controller.view import PrintView
from controller.web.asked import day_of, message_of, number_of, refuse_other
from controller.web.defence import needs
from controller.web.hall_picture import HallPicture
from controller.web.live_pages import Page, Scene, Where, handlers_of
from controller.web.office import Office, office_of
from controller.web.printers import printers
from controller.web.problems import Refused

ASKS = ("template", "number", "day")


class Draft(Value, frozen=True, kw_only=True):
    """A slip that is being filled in."""

    template: Id
    fields: dict[FieldName, FieldValue] = {}


class Preview(Value, frozen=True, kw_only=True):
    """How it will come out of the printer, and what is still missing."""

    picture: str | None = None
    """A PNG as a data URL."""
    missing: Text | None = None


async def slips(office: Office, picture: HallPicture, where: Where) -> Scene:
    """The forms, one of them open, and the log."""
    forms, number = office.hall.forms, number_of(where.get("number"))[:40]
    template = where.get("template") or next(iter(forms), "")
    refuse_other(template or None, forms)
    day = day_of(office, where.get("day"))
    rows = await office.hall.prints(None if number else day, number or None)
    return {
        "forms": forms,
        "form": forms.get(template),
        "kiosks": printers(office.hall.config, picture.view),
        "number": number,
        "day": day,
        "rows": [row for row in rows if row.template in forms],
        "names": {name: form.name for name, form in forms.items()},
        "newest": _newest(picture, forms),
        "draws": office.press is not None,
        "problems": () if office.press is None else office.press.problems,
    }


def _newest(picture: HallPicture, forms: Any) -> PrintView | None:
    return next((one for one in picture.view.prints if one.template in forms), None)


@post("/slips/preview", opt=needs(Right.PRINT_SLIP, body=Draft), status_code=HTTPStatus.OK)
async def preview(request: Request[Any, Any, Any]) -> Preview:
    """How a slip will come out of the printer; what is not filled in yet shows the template's example."""
    office, draft = office_of(request), await message_of(request, Draft)
    form = office.hall.forms.get(draft.template)
    if form is None or office.press is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-place", draft.template)
    refusal = form.check(draft.fields)
    if refusal is not None and refusal.code == "unknown-field":
        return Preview(missing=refusal.what)
    filled = {name: value for name, value in _examples(form).items() if not form.fields[name].optional} | dict(draft.fields)
    made = office.press.picture(form.template, filled, "0000-0000", office.clock())
    picture = f"data:image/png;base64,{base64.b64encode(made).decode()}"
    return Preview(picture=picture, missing=None if refusal is None else refusal.what)


def _examples(form: SlipForm) -> dict[str, FieldValue]:
    return {name: field.sample for name, field in form.fields.items()}


def _part(picture: HallPicture, _: Where) -> object:
    return (picture.view.prints, picture.view.nodes)


PAGE = Page("slips", "/slips", Right.PRINT_SLIP, _part, slips, shared=False, asks=ASKS)


def handlers() -> list[HTTPRouteHandler]:
    """The page, its stream, and its pictures."""
    return [*handlers_of(PAGE), preview]
