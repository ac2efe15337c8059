"""The guard of what the broker keeps: a database that keeps Mosquitto from starting is set aside, so that the broker starts.

Whether it does is found out by trying: Mosquitto itself reads the database in a folder aside, with nothing but a socket there
that lets nobody in. Nothing of the hall is lost with it, since nodes keep their facts until the controller has them, and
whoever says what is retained says it again when the broker is back.
"""

import logging
import os
import pwd
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contract.plain import plain

DATABASE = "mosquitto.db"
"""How Mosquitto calls what it keeps."""
KEPT = 5
"""So many databases are kept aside, the newest, for whoever wants to know what broke them."""
PATIENCE = 30.0
"""Seconds that Mosquitto may take to read its database; systemd would wait for 90."""
RUNS = re.compile(r"mosquitto version \S+ running")
"""What Mosquitto writes when it has read everything and takes connections."""
_LOOK = 0.01
_STAMP = "%Y-%m-%dT%H-%M-%SZ"

log = logging.getLogger("hallware.broker")


@dataclass(frozen=True)
class SetAside:
    """A database that Mosquitto did not start with: where it lies now, and what Mosquitto said."""

    path: Path
    why: str


def guard(database: Path, binary: str, now: datetime, *, kept: int = KEPT, patience: float = PATIENCE) -> SetAside | None:
    """Set `database` aside if `binary` starts without it and not with it. Raises `OSError` where files cannot be moved."""
    if not database.is_file():
        return None
    why = _refusal(binary, database.parent, database, patience)
    if why is None or _refusal(binary, database.parent, None, patience) is not None:
        return None
    aside = SetAside(_free_name(database, now), why)
    database.rename(aside.path)
    log.warning(
        "Mosquitto does not start with its database (%s); it is set aside as %s, and the broker begins with an empty one",
        plain(why), aside.path,
    )  # fmt: skip
    _forget(database, kept)
    return aside


def set_aside(database: Path) -> list[Path]:
    """The databases that were set aside, oldest first."""
    return sorted(database.parent.glob(f"{database.name}.broken-*"))


def _free_name(database: Path, now: datetime) -> Path:
    name = f"{database.name}.broken-{now.astimezone(UTC).strftime(_STAMP)}"
    names = (name, *(f"{name}-{n:03}" for n in range(2, 1000)))
    return next(path for path in map(database.with_name, names) if not path.exists())


def _forget(database: Path, kept: int) -> None:
    for old in set_aside(database)[:-kept]:
        old.unlink()
        log.info("%s is old and was deleted; the newest %d are kept", old, kept)


def _refusal(binary: str, home: Path, database: Path | None, patience: float) -> str | None:
    """What Mosquitto says when it does not start with `database`, or with none; None when it starts."""
    with tempfile.TemporaryDirectory(prefix=".guard-", dir=home) as name:
        folder = Path(name)
        if database is not None:
            # The same file under a second name: nothing is copied, and Mosquitto writes into no database that it has read.
            os.link(database, folder / DATABASE)
        user = _owner_takes(folder, home)
        (folder / "mosquitto.conf").write_text(_conf(folder, user), encoding="utf-8")
        with _running(binary, folder) as process:
            return _outcome(process, folder / "log", patience)


def _owner_takes(folder: Path, home: Path) -> str | None:
    """The name of the owner of `home`, to whom `folder` is given: to him Mosquitto changes before it reads, if root starts it."""
    owner = home.stat().st_uid
    if os.geteuid() == 0:
        os.chown(folder, owner, -1)
    with suppress(KeyError):
        return pwd.getpwuid(owner).pw_name
    return None


def _conf(folder: Path, user: str | None) -> str:
    lines = [
        *([f"user {user}"] if user else []),
        "listener 0 ./socket",
        "allow_anonymous false",
        "persistence true",
        f"persistence_location {folder}/",
        "log_dest stderr",
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def _running(binary: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "log").open("wb") as out:
        # A path to a socket has at most 107 bytes, so it is named as seen from the folder.
        process = subprocess.Popen([binary, "-c", "mosquitto.conf"], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _outcome(process: "subprocess.Popen[bytes]", path: Path, patience: float) -> str | None:
    end = time.monotonic() + patience
    while True:
        over, said = process.poll() is not None, path.read_text(encoding="utf-8", errors="replace")
        if RUNS.search(said):
            return None
        if over:
            return _reason(said, process.returncode)
        if time.monotonic() > end:
            return f"it did not start within {patience:g} s"
        time.sleep(_LOOK)


def _reason(said: str, code: int) -> str:
    errors = [line.partition("Error: ")[2] for line in said.splitlines() if "Error: " in line]
    return errors[0] if errors else f"it ended with code {code}"
