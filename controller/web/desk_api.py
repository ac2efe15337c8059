"""The API of the entrance desk and of slips: appointments, slots, forms and the log of prints."""

from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler

from contract.commands import FieldValue
from contract.values import Id, Text, Value
from controller.accounts_roles import Right
from controller.slip_values import PrintRow
from controller.view import AppointmentRow, SlotView
from controller.web.asked import day_of, refuse_other
from controller.web.defence import needs
from controller.web.office import office_of

Asked = Request[Any, Any, Any]


class FormField(Value, frozen=True, kw_only=True):
    """One field of a slip."""

    field: str
    name: Text
    sample: FieldValue
    optional: bool
    personal: bool


class Form(Value, frozen=True, kw_only=True):
    """A slip that may be printed with `issue-slip`."""

    template: Id
    name: Text
    fields: tuple[FormField, ...]


@get("/appointments", opt=needs(Right.ISSUE_TICKET, asks=("day",)))
async def appointments(request: Asked) -> list[AppointmentRow]:
    """A day's appointments in the order of their slots, with what became of each."""
    office = office_of(request)
    return await office.hall.appointments(day_of(office, request.query_params.get("day")))


@get("/slots", opt=needs(Right.ISSUE_TICKET, asks=("service", "day")))
async def slots(request: Asked) -> list[SlotView]:
    """The slots of a service on a day that may still be booked, full ones included."""
    office, service = office_of(request), str(request.query_params.get("service") or "")
    refuse_other(service, [known.id for known in office.hall.config.service])
    return list(office.hall.slots(service, day_of(office, request.query_params.get("day"))))


@get("/slips/forms", opt=needs(Right.PRINT_SLIP))
async def slip_forms(request: Asked) -> list[Form]:
    """The slips that may be printed, with their fields."""
    return [
        Form(
            template=form.template,
            name=form.name,
            fields=tuple(
                FormField(field=name, name=field.name, sample=field.sample, optional=field.optional, personal=field.personal)
                for name, field in form.fields.items()
            ),
        )
        for form in office_of(request).hall.forms.values()
    ]


@get("/slips/prints", opt=needs(Right.PRINT_SLIP, asks=("number", "day")))
async def slip_prints(request: Asked) -> list[PrintRow]:
    """What was printed on a day, or under a number on any day, newest first: slips, and tickets of the entrance desk."""
    office, number = office_of(request), str(request.query_params.get("number") or "")[:40]
    return await office.hall.prints(None if number else day_of(office, request.query_params.get("day")), number or None)


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [appointments, slots, slip_forms, slip_prints]
