"""The way into the hall's database for what is asked seldom and from several threads: accounts and enrolment."""

from pathlib import Path

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from controller.store.ownership import make_for_its_folder


def open_engine(url: URL) -> Engine:
    """An engine that several threads may use; what is committed is on the disk."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if url.database in (None, "", ":memory:"):
        return create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    make_for_its_folder(Path(url.database))
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare)
    return engine


def make_missing(engine: Engine, metadata: MetaData) -> None:
    """Make the tables that the database lacks."""
    with engine.begin() as connection:
        one_after_the_other(connection)
        metadata.create_all(connection)


def one_after_the_other(connection: Connection) -> None:
    """Wait until nobody else changes the tables of a database that several halls share; it is ours until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('hallware tables'))")


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
