"""Telling: the one row in which a hall says how it is now, for whoever looks at many halls of one PostgreSQL."""

from sqlalchemy import Connection, text

CLOCK = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT"
"""The database's time, as `controller.store.columns.Instant` keeps it: one clock for all halls."""

_TELL = text(
    f"INSERT INTO hall_now (hall, heard, body) VALUES (:hall, {CLOCK}, :body) "  # noqa: S608  nothing from outside
    "ON CONFLICT (hall) DO UPDATE SET heard = EXCLUDED.heard, body = EXCLUDED.body"
)


def tell(connection: Connection, hall: str, body: str) -> None:
    """Say it. Nobody need wait for the disk: what is lost in a crash is said again within seconds."""
    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    connection.execute(_TELL, {"hall": hall, "body": body})
