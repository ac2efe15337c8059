"""Turns: commands that come to the broker with one certificate go one after the other, or would push each other off the line.

The door for certificates gives everybody the client id of its name, whatever a client asks for, and a broker keeps one
connection for each client id. With a password every run has a client id of its own, and needs no turn.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from contract.values import Text
from hallware.commands.client import language
from hallware.main import UsageProblem
from link.address import BrokerAddress

WAIT = 20.0
"""Seconds; a command that asks something is over sooner, one that watches is not."""
LOOK = 0.05


@contextmanager
def turn(address: BrokerAddress, command: str, wait: float = WAIT) -> Iterator[None]:
    """Be the only command of this person with this certificate. Raises `UsageProblem` naming who is before."""
    if address.certificate is None:
        yield
        return
    with _file(address).open("a+", encoding="utf-8") as file:
        _acquire(file, address, wait)
        file.truncate(0)
        file.write(f"{command} {os.getpid()}")
        file.flush()
        yield


def _file(address: BrokerAddress) -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hallware"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    what = f"{Path(str(address.certificate)).resolve()} {address.host} {address.port}"
    return folder / f"{hashlib.sha256(what.encode()).hexdigest()[:16]}.turn"


def _acquire(file: IO[str], address: BrokerAddress, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise UsageProblem(_occupied(file, address).within(language())) from None
            time.sleep(LOOK)
        else:
            return


def _occupied(file: IO[str], address: BrokerAddress) -> Text:
    file.seek(0)
    command, _, process = file.read(100).partition(" ")
    who = f"`hallware {command or '?'}` ({process or '?'})"
    return Text(
        zh=f"{who} 正在使用证书 {address.certificate}，每张证书同时只能有一个连接；请先结束它，或另行登记一个名称",
        en=f"{who} uses {address.certificate}, which holds one connection at a time; stop it, or enrol another name",
    )


def displaced(address: BrokerAddress) -> Text:
    """What to say when somebody else, on another machine say, took the connection over."""
    return Text(
        zh=f"另一台机器或程序正在使用证书 {address.certificate}，连接被其取代；请停用其中之一，或另行登记一个名称",
        en=f"another program or machine uses {address.certificate} and took over; stop one of them, or enrol another name",
    )
