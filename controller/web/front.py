"""What every page stands on, whether it is a hall's or a city's, and who is asking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from litestar.connection import ASGIConnection

from contract.values import Text
from controller.accounts import Accounts
from controller.accounts_roles import Person, Role
from controller.web.language import COOKIE, Language, choose
from controller.web.live import Live

Connection = ASGIConnection[Any, Any, Any, Any]


class Front(Protocol):
    """What the shared part of the web needs of the application it serves."""

    @property
    def accounts(self) -> Accounts:
        """Who may come in."""
        ...

    @property
    def live(self) -> Live[Any]:
        """The live picture."""
        ...

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time."""
        ...

    @property
    def name(self) -> Text:
        """What stands at the top of each page."""
        ...

    @property
    def public_url(self) -> str:
        """How people reach the pages; empty where they come by the address they are served at."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what is shown."""
        ...

    def today(self) -> date:
        """The date there."""
        ...

    def start(self, role: Role) -> str:
        """The page with which somebody begins."""
        ...

    def common(self, language: Language) -> Mapping[str, object]:
        """What all its templates may use beside what every page uses."""
        ...


@dataclass(frozen=True)
class Asking:
    """Who asks for a page, and in which language they read it."""

    person: Person | None
    language: Language
    path: str
    query: tuple[tuple[str, str], ...] = ()


def front_of(connection: Connection) -> Front:
    """What the application that serves `connection` stands on."""
    return cast(Front, connection.app.state.office)


def person_of(connection: Connection) -> Person:
    """Whose session or token it is; for handlers that need an account."""
    person: Person = connection.scope["user"]
    return person


def asking_of(connection: Connection) -> Asking:
    """Who asks."""
    query = tuple((key, value) for key, value in connection.query_params.multi_items() if isinstance(value, str))
    return Asking(
        person=connection.scope.get("user"),
        language=choose(dict(query).get("lang"), connection.cookies.get(COOKIE), connection.headers.get("accept-language", "")),
        path=connection.url.path,
        query=tuple((key, value) for key, value in query if key != "lang"),
    )
