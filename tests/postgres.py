"""A PostgreSQL for tests: a server of their own that listens on a socket in a folder and nowhere else, and ends with them."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

OWNER = "postgres"
"""Whom Debian's package makes; PostgreSQL does not run as root."""
_names = count(1)


class Postgres:
    """A server as it is installed, durable commits included."""

    def __init__(self) -> None:
        self._programs = _programs()
        self.folder = Path(tempfile.mkdtemp(prefix="hallware-postgres-"))
        self._user = OWNER if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster, if there is none yet, and serve it."""
        if not self.data.exists():
            how = ("--username", "hallware", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
            self._run("initdb", "--pgdata", self.data, *how)
        with (self.folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self.data, "-k", self.folder, "-c", "listen_addresses="],
                stdout=log, stderr=log, user=self._user, cwd=self.folder,
            )  # fmt: skip
        self._wait()

    def crash(self) -> None:
        """End it at once, whoever is connected. Safe to call twice; `start` serves the same databases again."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)
            self._server = None

    def stop(self) -> None:
        """End it and take its folder away. Safe to call twice."""
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """An empty database; its URL as hall.toml spells it."""
        name = f"hall_{next(_names)}"
        with self._connected() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://hallware@/{name}?host={self.folder}"

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.folder / "data"

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments], capture_output=True, user=self._user, cwd=self.folder, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def _connected(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.folder), user="hallware", dbname="postgres", autocommit=True)

    def _wait(self, within: float = 60.0) -> None:
        until = time.monotonic() + within
        while True:
            try:
                self._connected().close()
            except psycopg.OperationalError:
                assert self._server is not None
                assert self._server.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < until, "PostgreSQL does not come up"
                time.sleep(0.05)
            else:
                return


def _programs() -> Path:
    """Where Debian keeps a version's programs, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]), reverse=True)
    assert found, "PostgreSQL is not installed; `make setup-test` does that"
    return found[0].parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests of a process."""
    with serving() as server:
        yield server


@contextmanager
def serving() -> Iterator[Postgres]:
    """A server inside the block."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind that a hall can be kept in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hall.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()
