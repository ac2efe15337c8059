"""The entrance desk: tickets by hand, appointments, late comers, calls for help, and where somebody's ticket stands."""

import re
import unicodedata

from controller.accounts_roles import Right
from controller.view import AppointmentRow, PrintView, TicketView
from controller.web.asked import day_of, number_of, refuse_other
from controller.web.hall_picture import HallPicture
from controller.web.live_pages import Page, Scene, Where
from controller.web.office import Office
from controller.web.pages import ticket_scene
from controller.web.printers import printers
from controller.web.qr import qr

ASKS = ("ticket", "number", "q", "code", "service", "day")
_NUMBER = re.compile("[A-Z]{0,2}[0-9]{3,4}")


async def desk(office: Office, picture: HallPicture, where: Where) -> Scene:
    """Everything at the desk."""
    view, config = picture.view, office.hall.config
    day, wanted = day_of(office, where.get("day")), where.get("service") or None
    offered = [service for service in config.service if service.appointments is not None]
    refuse_other(wanted, [service.id for service in offered])
    number = number_of(where.get("number"))
    found = await _found(office, where.get("ticket"), number)
    today = await office.hall.appointments(office.today())
    return {
        "view": view,
        "kiosks": printers(config, view),
        "number": number[:6],
        "found": found,
        "gone": bool(where.get("ticket")) and found is None,
        "ticket": None,
        **(await _shown(office, picture, found) if found else {}),
        "search": where.get("q", "")[:40],
        "appointments": matching(today, where.get("q", ""), {service.id: service.name.text.zh for service in config.service}),
        "offered": offered,
        "wanted": wanted,
        "day": day,
        "slots": office.hall.slots(wanted, day) if wanted else (),
        "booked": await _booked(office, where),
        "prints": [one for one in view.prints if one.ticket is not None][:6],
    }


async def _found(office: Office, ticket: str | None, number: str) -> TicketView | None:
    if ticket:
        return await office.hall.ticket(ticket[:64])
    return office.hall.numbered(number) if _NUMBER.fullmatch(number) else None


async def _shown(office: Office, picture: HallPicture, found: TicketView) -> Scene:
    """The ticket as its holder sees it, its code to photograph, and whether it is on paper."""
    url = office.public_url.rstrip("/")
    printing: PrintView | None = next((one for one in picture.view.prints if one.ticket == found.ticket), None)
    return {
        **await ticket_scene(office, picture, {"ticket": found.ticket}),
        "may_rate": False,
        "qr": qr(f"{url}/t/{found.ticket}") if url else None,
        "printing": printing,
    }


def matching(rows: list[AppointmentRow], text: str, names: dict[str, str]) -> list[AppointmentRow]:
    """The appointments in which every word of `text` stands: code, time of day, service, or where its holder is reached."""
    words = unicodedata.normalize("NFKC", text).lower().split()
    return [row for row in rows if all(any(word in part.lower() for part in _parts(row, names)) for word in words)]


def _parts(row: AppointmentRow, names: dict[str, str]) -> tuple[str, ...]:
    return (row.code, row.service, names.get(row.service, ""), row.contact)


async def _booked(office: Office, where: Where) -> AppointmentRow | None:
    """The appointment that has just been booked."""
    code = where.get("code")
    if not code:
        return None
    rows = await office.hall.appointments(day_of(office, where.get("day")))
    return next((row for row in rows if row.code == code and row.state == "booked"), None)


def _part(picture: HallPicture, _: Where) -> object:
    view = picture.view
    waiting = [(service.waiting, service.wait, service.windows_open) for service in view.services]
    windows = [(state.window, state.state, state.stage, state.ticket) for state in view.windows]
    return (view.help, view.prints, view.expected, view.nodes, view.parked, view.reserved, view.out_of_reach, waiting, windows)


PAGE = Page("desk", "/desk", Right.ISSUE_TICKET, _part, desk, shared=False, asks=ASKS)
