"""Reading: a store that is looked at without being opened, changed or locked, while a controller may be at work on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool

from contract.settings import BadSettings
from controller.store.errors import StoreBroken
from controller.store.store import PATIENCE, read_url, translated


@contextmanager
def reading(store: str) -> Iterator[Connection]:
    """A connection that cannot write. Raises `StoreBroken`, `BadSettings`."""
    url = read_url(store)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        path = Path(url.database or "")
        if not path.is_file():
            raise StoreBroken(f"{path}: there is no such database")
        url = url.set(database=path.absolute().as_uri(), query={"mode": "ro", "uri": "true"})
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE} if sqlite else {})
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise BadSettings(f"hall.toml: `store`: the driver of {url.drivername} is not installed: {error}") from error
    with translated(store), engine.connect() as connection:
        if not sqlite:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        yield connection
