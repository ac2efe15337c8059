"""What every handler stands on, and who is asking."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from litestar.connection import ASGIConnection

from controller.accounts import Accounts
from controller.accounts_roles import Person
from controller.enrolment import EnrolmentBook
from controller.ports import RunningHall
from controller.web.brake import Brake
from controller.web.language import COOKIE, Language, choose
from controller.web.live import Live

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True)
class Brakes:
    """How much may come of one ticket, and from one address: behind a proxy, or in the hall's own network, that is everybody."""

    ticket: Brake = field(default_factory=lambda: Brake(6, timedelta(minutes=1)))
    address: Brake = field(default_factory=lambda: Brake(120, timedelta(minutes=1)))


@dataclass(frozen=True)
class Office:
    """The running hall, its accounts, its live picture and the book of its machines."""

    hall: RunningHall
    accounts: Accounts
    live: Live
    clock: Callable[[], datetime]
    book: EnrolmentBook | None = None
    """Who may come to the broker; None where nodes come by name and password."""
    brakes: Brakes = field(default_factory=Brakes)
    """On what comes from people without an account."""

    @property
    def zone(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.hall.config.hall.timezone)

    def today(self) -> date:
        """The date in the hall."""
        return self.clock().astimezone(self.zone).date()


@dataclass(frozen=True)
class Asking:
    """Who asks for a page, and in which language they read it."""

    person: Person | None
    language: Language
    path: str
    query: tuple[tuple[str, str], ...] = ()


def office_of(connection: Connection) -> Office:
    """The office of the application that serves `connection`."""
    return cast(Office, connection.app.state.office)


def asking_of(connection: Connection) -> Asking:
    """Who asks."""
    query = tuple((key, value) for key, value in connection.query_params.multi_items() if isinstance(value, str))
    return Asking(
        person=connection.scope.get("user"),
        language=choose(dict(query).get("lang"), connection.cookies.get(COOKIE), connection.headers.get("accept-language", "")),
        path=connection.url.path,
        query=tuple((key, value) for key, value in query if key != "lang"),
    )
