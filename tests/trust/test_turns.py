"""Commands with one certificate take turns at the real broker, and say in words who is in their way."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest
import tomli_w

from controller.config import parse_hall
from controller.running import running
from hallware.commands.turns import turn
from hallware.main import UsageProblem
from link.connection import Credentials, connection
from tests.broker import HALL
from tests.controller.halls import sqlite, text
from tests.trust.stage import TrustedHall

HALLWARE = str(Path(sys.executable).with_name("hallware"))


@pytest.fixture
async def client(hall: TrustedHall) -> AsyncIterator[Path]:
    """A dispatcher's settings, with a certificate; the hall's controller runs."""
    address, file = hall.node("dispatch", "dispatch"), hall.folder / "client.toml"
    broker = {"host": address.host, "port": address.port, "ca": str(address.ca), "certificate": str(address.certificate),
              "key": str(address.key), "username": "dispatch"}  # fmt: skip
    file.write_text(tomli_w.dumps({"hall": HALL, "broker": broker}), encoding="utf-8")
    own = hall.local("controller")
    more = f'username = "controller"\npassword_file = "{own.password_file}"\n'
    config = parse_hall(text(sqlite(hall.folder), port=own.port).replace("[http]", f"{more}\n[http]"), name="hall.toml")
    async with running(config) as now:
        await now.link.wait_up(20)
        yield file


@asynccontextmanager
async def command(client: Path, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """One run of the command."""
    process = await asyncio.create_subprocess_exec(
        HALLWARE, *words, "--settings", str(client), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "HOME": str(client.parent), "XDG_CACHE_HOME": str(client.parent / "cache"), "LANG": "C.UTF-8"},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_two_commands_at_once_are_both_carried_out(client: Path) -> None:
    async with command(client, "notice", "一", "--json") as one, command(client, "notice", "二", "--json") as two:
        outcomes = await asyncio.gather(one.communicate(), two.communicate())
    assert [b'"outcome": "done"' in out for out, _ in outcomes] == [True, True], outcomes


async def test_a_connection_that_another_machine_takes_over_is_said_in_words(client: Path, hall: TrustedHall) -> None:
    address = hall.node("dispatch", "dispatch")

    async def push() -> None:
        """What a second machine with a copy of the certificate does."""
        while True:
            try:
                async with connection(address, Credentials(address), "x", HALL, None, lambda _: None):
                    await asyncio.sleep(0.3)
            except (aiomqtt.MqttError, OSError):
                await asyncio.sleep(0)

    pushing = asyncio.create_task(push())
    try:
        async with command(client, "notice", "三") as process:
            out = (await process.communicate())[0].decode()
    finally:
        pushing.cancel()
        await asyncio.gather(pushing, return_exceptions=True)
    assert process.returncode == 0 or "another p" in out, out


def test_whoever_is_before_is_named(hall: TrustedHall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(hall.folder / "cache"))
    monkeypatch.setenv("LANG", "C")
    address = hall.node("dispatch", "dispatch")
    with (
        turn(address, "watch"),
        pytest.raises(UsageProblem, match=rf"`hallware watch` \({os.getpid()}\)"),
        turn(address, "call", wait=0.1),
    ):
        pass
    with turn(address, "call", wait=0.1):
        pass
    with turn(hall.local("dispatch"), "watch"), turn(hall.local("dispatch"), "call", wait=0.1):
        pass
