"""Restore: a backup takes the place of a hall's SQLite database, which is set aside and never deleted.

The backup is copied into a folder beside the database and made ready there; then the present database, with what belongs to
it, is renamed, and the copy takes its name. A kill at any moment leaves either the one or the other under that name.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from controller.store.backup import damaged, fit, flush, opened, translated
from controller.store.errors import StoreBroken
from controller.store.store import Store, locked


def restore(
    database: Path, hall: str, backup: Path, at: datetime, ready: Callable[[Store, datetime], None]
) -> tuple[datetime, Path | None]:
    """Put `backup` in the place of `database`; gives the moment it is of, and where the present database lies now.

    `ready` gets the copy, opened and not yet in its place, and the moment of the backup. Raises `StoreTaken` while a controller
    holds the store, `BackupUnfit` for what is not this hall's or not readable, `StoreBroken`.
    """
    lock = locked(make_url(f"sqlite:///{database}"))
    try:
        manifest = fit(backup, hall)
        workshop = database.with_name(f"{database.name}.restoring")
        with translated(database):
            shutil.rmtree(workshop, ignore_errors=True)
            workshop.mkdir(mode=0o700)
            try:
                copy = _copied(backup, workshop, hall, manifest.at, ready)
                _owned_like(copy, database if database.exists() else database.parent)
                aside = set_aside(database, at)
                copy.replace(database)
                flush(database.parent)
            finally:
                shutil.rmtree(workshop, ignore_errors=True)
        return manifest.at, aside
    finally:
        if lock is not None:
            lock.close()


def _copied(backup: Path, workshop: Path, hall: str, at: datetime, ready: Callable[[Store, datetime], None]) -> Path:
    copy = workshop / "hall.db"
    shutil.copyfile(backup, copy)
    copy.chmod(0o600)
    store = Store(f"sqlite:///{copy}", hall)
    store.open()
    try:
        ready(store, at)
    finally:
        store.close()
    with closing(opened(copy, "rw")) as base:
        # Who may sign in, and since when not, is known again only as it was: sessions and links of then are worth nothing.
        base.execute("DELETE FROM account_session")
        base.execute("DELETE FROM account_link")
        if damage := damaged(base):
            raise StoreBroken(f"the restored copy is damaged: {damage}")
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    flush(copy)
    return copy


def _owned_like(copy: Path, other: Path) -> None:
    """Let the copy belong to whom the database belonged to: root may restore what another user's controller works on."""
    if os.geteuid() == 0:
        shutil.chown(copy, other.stat().st_uid, other.stat().st_gid)


def set_aside(database: Path, at: datetime) -> Path | None:
    """Give the present database another name, with what belongs to it; None when there is none."""
    if not database.exists():
        return None
    with suppress(sqlite3.Error), closing(opened(database, "rw")) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a whole database is then in one file
    aside = database.with_name(f"{database.name}.before-restore-{at:%Y%m%dT%H%M%S%f}Z")
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            database.with_name(database.name + suffix).rename(aside.with_name(aside.name + suffix))
    os.link(database, aside)  # under both names, until the restored one takes the old one over
    return aside
