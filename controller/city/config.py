"""city.toml: whose halls these are, where they are kept, and who may look."""

import re
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from contract.settings import Seconds, Settings, read, refuse_unknown_zone
from controller.config_hours import Names
from controller.config_machine import Http

_POSTGRESQL = re.compile(r"postgresql\+psycopg://.+")


class CityTable(Settings, frozen=True, kw_only=True):
    """Who the city is."""

    name: Names
    timezone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        refuse_unknown_zone("city.timezone", self.timezone)


class CityConfig(Settings, frozen=True, kw_only=True):
    """The whole of city.toml."""

    city: CityTable
    halls: str
    """The PostgreSQL of all halls, for a role that may only read: `postgresql+psycopg://hallware_city@host/hallware`."""
    accounts: str = "sqlite:////var/lib/hallware/city.db"
    """A database of the city's own, since it must not write into that of the halls."""
    http: Http = Http()
    stale: Annotated[float, Meta(ge=6, le=3600)] = 20.0
    """A hall that has said nothing for so many seconds is marked as not heard."""
    every: Seconds = 2.0
    """Seconds between two looks at the halls."""
    figures: Seconds = 30.0
    """Seconds between two counts of today's figures."""

    def __post_init__(self) -> None:
        if not _POSTGRESQL.fullmatch(self.halls):
            raise ValueError(
                f"`halls`: `{self.halls.partition('://')[0]}` is no database that several halls are kept in; "
                "write postgresql+psycopg://user@host/database"
            )


def load(path: Path) -> CityConfig:
    """Read city.toml. Raises `BadSettings`."""
    return read(path, CityConfig)
