"""What every handler of a city's pages stands on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from contract.values import Text
from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.city.following import City
from controller.city.values import CityView
from controller.web.front import Connection
from controller.web.language import Language
from controller.web.live import Live


@dataclass(frozen=True)
class CityOffice:
    """The city, its accounts and its live picture: a `controller.web.front.Front`."""

    city: City
    accounts: Accounts
    live: Live[CityView]
    clock: Callable[[], datetime]

    @property
    def name(self) -> Text:
        """The city's name."""
        return self.city.config.city.name.text

    @property
    def public_url(self) -> str:
        """How people reach these pages."""
        return self.city.config.http.public_url

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.city.config.city.timezone)

    def today(self) -> date:
        """The date there."""
        return self.clock().astimezone(self.zone).date()

    def start(self, role: Role) -> str:
        """Everybody begins with all halls."""
        return "/"

    def common(self, language: Language) -> Mapping[str, object]:
        """That this is no hall."""
        return {"city": True}


def city_of(connection: Connection) -> CityOffice:
    """The office of the application that serves `connection`."""
    return cast(CityOffice, connection.app.state.office)
