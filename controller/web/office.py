"""What every handler of a hall's pages stands on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from contract.values import Text
from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.brake import Brake
from controller.config_hours import Names
from controller.enrolment import EnrolmentBook
from controller.ports import Press, RunningHall
from controller.view import HallView, ServiceView
from controller.web.front import Connection
from controller.web.language import Language, word
from controller.web.live import Live

START = {Role.WINDOW: "/windows", Role.FACILITIES: "/devices"}
"""Where a role's work begins; everybody else's begins with the overview."""


@dataclass(frozen=True)
class Brakes:
    """How much may come of one ticket, and from one address: behind a proxy, or in the hall's own network, that is everybody."""

    ticket: Brake = field(default_factory=lambda: Brake(6, timedelta(minutes=1)))
    address: Brake = field(default_factory=lambda: Brake(120, timedelta(minutes=1)))


@dataclass(frozen=True)
class PlanFile:
    """hall.toml: where it lies, and its text as it was read."""

    path: Path
    text: str


@dataclass(frozen=True)
class Office:
    """The running hall, its accounts, its live picture and the book of its machines: a `controller.web.front.Front`."""

    hall: RunningHall
    accounts: Accounts
    live: Live[HallView]
    clock: Callable[[], datetime]
    book: EnrolmentBook | None = None
    """Who may come to the broker; None where nodes come by name and password."""
    press: Press | None = None
    """Makes pictures of slips; None where nothing can draw them."""
    plan: PlanFile | None = None
    """hall.toml as it was read."""
    brakes: Brakes = field(default_factory=Brakes)
    """On what comes from people without an account."""

    @property
    def name(self) -> Text:
        """The hall's name."""
        return self.hall.config.hall.name.text

    @property
    def public_url(self) -> str:
        """What stands in QR codes."""
        return self.hall.config.http.public_url

    @property
    def zone(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.hall.config.hall.timezone)

    def today(self) -> date:
        """The date in the hall."""
        return self.clock().astimezone(self.zone).date()

    def start(self, role: Role) -> str:
        """Where that role's work begins."""
        return START.get(role, "/")

    def common(self, language: Language) -> Mapping[str, object]:
        """hall.toml, and the names of its places."""
        place = partial(_place_name, self, language)
        return {
            "city": False,
            "config": self.hall.config,
            "zone_name": partial(_zone_name, self, language),
            "place_name": place,
            "staff_name": partial(_staff_name, self, language),
            "service_name": partial(_service_name, self, language),
            "cubicle_name": lambda cubicle: cubicle.removeprefix("cubicle-"),
            "helper_names": partial(_helper_names, place, language),
        }


def office_of(connection: Connection) -> Office:
    """The office of the application that serves `connection`."""
    return cast(Office, connection.app.state.office)


def _zone_name(office: Office, language: Language, zone: str) -> str:
    return next((known.name.text.within(language) for known in office.hall.config.zone if known.id == zone), zone)


def _staff_name(office: Office, language: Language, staff: str) -> str:
    return next((known.name.text.within(language) for known in office.hall.config.staff if known.id == staff), staff)


def _helper_names(place: Callable[[str], str], language: Language, service: ServiceView) -> str:
    """The windows that could help, each with whoever has signed on there."""
    names = {helper.window: helper.name.within(language) for helper in service.helpers}
    return word(language, "overview.comma").join(
        word(language, "overview.helper", window=place(window), name=names[window]) if window in names else place(window)
        for window in service.could_help
    )


def _service_name(office: Office, language: Language, service: str) -> str:
    return next((known.name.text.within(language) for known in office.hall.config.service if known.id == service), service)


def _place_name(office: Office, language: Language, place: str) -> str:
    config = office.hall.config
    names: dict[str, Names] = {known.id: known.name for known in config.zone}
    names |= {known.id: known.name for known in config.window}
    names |= {known.id: known.name for known in config.room}
    return names[place].text.within(language) if place in names else place
