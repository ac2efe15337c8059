"""Bringing a database to the tables of this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from controller.accounts_engine import one_after_the_other
from controller.store.errors import StoreForeign

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run the steps that are missing; of several controllers at once, one does.

    Raises `StoreForeign` for a database of a later version.
    """
    one_after_the_other(connection)
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreForeign(f"the database was made by another version of hallware: {error}") from error


def revisions() -> frozenset[str]:
    """The steps that this version knows; a database at another one was made by a later version."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
