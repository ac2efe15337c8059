"""Backup: a consistent copy of a hall's SQLite database, taken while the controller works, with a manifest beside it.

The copy is made by SQLite's online backup inside one read transaction: it is the database as it was at one commit, and the
controller neither waits for it nor makes it begin anew. Copy and manifest get their names only when both are whole, checked
and on the disk; the manifest first, so that a copy with its name always has one.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from controller.store.errors import BackupUnfit, StoreBroken
from controller.store.schema import revisions

PAGES = 512
"""So many pages are copied between two words of progress."""
PATIENCE = 10.0

Progress = Callable[[int, int], None]
"""Told of the pages that are done, and of how many there are."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is of, and how to know that it is whole."""

    hall: str
    at: datetime
    """The copy has what was committed up to this moment."""
    revision: str
    """The step of the schema."""
    hallware: str
    bytes: int
    sha256: str
    rows: dict[str, int]
    """Table to its number of rows."""


def manifest_path(backup: Path) -> Path:
    """Where the manifest of a backup lies."""
    return backup.with_name(f"{backup.name}.json")


def name(hall: str, at: datetime) -> str:
    """The name of a backup in a folder of backups."""
    return f"{hall}-{at:%Y%m%dT%H%M%S}Z.db"


def back_up(database: Path, hall: str, backup: Path, at: datetime, progress: Progress) -> Manifest:
    """Copy `database` to `backup`, check the copy, write its manifest. Raises `StoreBroken`, and then neither is there."""
    part, part_manifest = (path.with_name(f".{path.name}.part") for path in (backup, manifest_path(backup)))
    try:
        with translated(backup):
            rows = _copy(database, part, progress)
            manifest = _checked(part, hall, at, rows)
            part_manifest.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
            for path in (part, part_manifest):
                flush(path)
            part_manifest.replace(manifest_path(backup))
            part.replace(backup)
            flush(backup.parent)
    finally:
        for path in (part, part_manifest):
            path.unlink(missing_ok=True)
    return manifest


def _copy(database: Path, part: Path, progress: Progress) -> dict[str, int]:
    """Copy the database as it is now; gives the rows it has."""
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)  # it holds the hashes of passwords
    with closing(opened(database, "rw")) as source, closing(sqlite3.connect(part)) as target:
        # With the transaction open before the first page, what is committed meanwhile does not make the copy begin anew.
        source.execute("BEGIN")
        rows = counted(source)
        source.backup(target, pages=PAGES, progress=lambda _, left, all_: progress(all_ - left, all_))
        source.rollback()
        target.execute("PRAGMA journal_mode=DELETE")  # one file, that can be carried away
    return rows


def _checked(part: Path, hall: str, at: datetime, rows: dict[str, int]) -> Manifest:
    with closing(opened(part, "ro")) as base:
        if damage := damaged(base):
            raise StoreBroken(f"the copy is damaged ({damage}); is the database itself whole?")
        if (found := counted(base)) != rows:
            raise StoreBroken(f"the copy has {sum(found.values())} rows, the database {sum(rows.values())}")
        return Manifest(
            hall=hall, at=at, revision=revision(base), hallware=version("hallware"), bytes=part.stat().st_size,
            sha256=digest(part), rows=rows,
        )  # fmt: skip


def fit(backup: Path, hall: str) -> Manifest:
    """The manifest of a backup that is whole, of this hall, and readable by this version. Raises `BackupUnfit`."""
    manifest = read_manifest(backup)
    if manifest.hall != hall:
        raise BackupUnfit(f"{backup} is of hall `{manifest.hall}`, and hall.toml is of `{hall}`")
    if manifest.revision not in revisions():
        raise BackupUnfit(
            f"{backup} was made by hallware {manifest.hallware}, which is newer than this one: install that version first"
        )
    try:
        if digest(backup) != manifest.sha256:
            raise BackupUnfit(f"{backup} is not as it was written (another checksum); take another backup")
        with translated(backup), closing(opened(backup, "ro")) as base:
            if damage := damaged(base):
                raise BackupUnfit(f"{backup} is damaged: {damage}")
            if counted(base) != manifest.rows or revision(base) != manifest.revision:
                raise BackupUnfit(f"{backup} does not have what its manifest says")
    except (OSError, StoreBroken) as error:
        raise BackupUnfit(f"{backup} cannot be read: {error}") from error
    return manifest


def read_manifest(backup: Path) -> Manifest:
    """What the manifest says. Raises `BackupUnfit`."""
    path = manifest_path(backup)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise BackupUnfit(f"{path}: {error.strerror}; a backup needs its manifest beside it") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupUnfit(f"{path} is no manifest of a backup: {error}") from error


def prune(folder: Path, hall: str, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups of the hall; gives what was deleted. Raises `StoreBroken`."""
    deleted: list[Path] = []
    with translated(folder):
        for backup in sorted(folder.glob(f"{hall}-????????T??????Z.db"), reverse=True)[keep:]:
            backup.unlink()
            manifest_path(backup).unlink(missing_ok=True)
            deleted.append(backup)
    return deleted


def opened(database: Path, mode: str) -> sqlite3.Connection:
    """The database, which must be there already."""
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE, isolation_level=None)


def counted(base: sqlite3.Connection) -> dict[str, int]:
    """Table to its number of rows."""
    tables = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    return {table: base.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for (table,) in tables.fetchall()}  # noqa: S608


def damaged(base: sqlite3.Connection) -> str:
    """What SQLite finds wrong; nothing when it is whole."""
    found = str(base.execute("PRAGMA integrity_check(1)").fetchone()[0])
    return "" if found == "ok" else found


def revision(base: sqlite3.Connection) -> str:
    """The step of the schema at which the database is."""
    return str(base.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def digest(path: Path) -> str:
    """The file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """See to it that a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say into `StoreBroken`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table: alembic_version" in str(error):
            raise StoreBroken(f"{path}: no controller has worked with this database yet, so there is nothing in it") from error
        raise StoreBroken(f"{path}: {error}") from error
    except sqlite3.Error as error:
        raise StoreBroken(f"{path}: {error}") from error
    except OSError as error:
        raise StoreBroken(f"{error.filename or path}: {error.strerror}") from error
