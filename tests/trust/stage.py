"""A hall with a CA and a real Mosquitto in the form that `hallware init` writes, and hands to make and revoke identities."""

import os
import pwd
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from broker_config.access import REGISTRAR, access_list
from broker_config.hall import HallBroker, hall_conf
from broker_config.installed import form_of, plugins_of
from broker_config.passwords import write_password_file
from broker_config.process import HOST, MosquittoProcess, free_port, mosquitto_binary
from link.address import BrokerAddress
from provisioning.ca import EARLY, IDENTITY_LIFE, HallCa, Revoked
from provisioning.ca_folder import CaFolder
from provisioning.files import write
from provisioning.pem import new_pair
from tests.broker import HALL

LOCAL = ("controller", "dispatch", "viewer", "monitor", REGISTRAR)
"""Who has a password at the door on loopback."""
NODE, OTHER = "board-node", "kiosk-node"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class TrustedHall:
    """The CA, the broker and everybody's files."""

    folder: Path
    ca: HallCa
    files: CaFolder
    broker: MosquittoProcess
    loopback: int
    revoked: list[Revoked] = field(default_factory=list)

    def node(self, name: str = NODE, role: str = "node") -> BrokerAddress:
        """How `name` reaches the broker with a certificate of this hall, made when there is none."""
        if not (self.folder / f"{name}.crt").exists():
            self.certify(name, role=role)
        return self.shown(name)

    def shown(self, name: str | None, ca: Path | None = None) -> BrokerAddress:
        """The door for nodes, with the certificate in `{name}.crt`."""
        certificate, key = (None if name is None else self.folder / f"{name}.{kind}" for kind in ("crt", "key"))
        return BrokerAddress(
            host=HOST, port=self.broker.port, ca=ca or self.files.certificate, certificate=certificate, key=key
        )  # fmt: skip

    def local(self, user: str) -> BrokerAddress:
        """The door on loopback, with the password of `user`."""
        path = self.folder / f"{user}.password"
        write(path, user[::-1], 0o600)
        return BrokerAddress(host=HOST, port=self.loopback, username=user, password_file=path)

    def certify(self, name: str, *, role: str = "node", at: datetime | None = None, ca: HallCa | None = None) -> None:
        """A key and a certificate for `name`, valid for a year from `at`."""
        certify = partial((ca or self.ca).identity, name, role, now=at or now())
        new_pair(self.folder, name, certify)

    def expired(self, name: str) -> None:
        self.certify(name, at=now() - IDENTITY_LIFE - EARLY)

    def not_yet_valid(self, name: str) -> None:
        self.certify(name, at=now() + 2 * EARLY)

    def list_revoked(self, name: str) -> None:
        """Put the certificate of `name` on the list and let the broker read it."""
        serial = x509.load_pem_x509_certificate((self.folder / f"{name}.crt").read_bytes()).serial_number
        self.revoked.append(Revoked(serial, now()))
        self.write_list(now())

    def write_list(self, at: datetime) -> None:
        text = self.ca.revocation_list(self.revoked, at).public_bytes(Encoding.PEM).decode()
        write(self.files.revoked, text)
        assert self.broker.pid is not None
        os.kill(self.broker.pid, signal.SIGHUP)


@asynccontextmanager
async def trusted_hall(folder: Path, more: str = "") -> AsyncIterator[TrustedHall]:
    """A hall whose broker runs; `more` is added to its configuration."""
    files, loopback, mosquitto = CaFolder(folder / "trust"), free_port(), Path(mosquitto_binary())
    ca = files.make(HALL, now())
    new_pair(folder, "broker", partial(ca.server, "broker", [HOST], now=now()))
    write_password_file(folder / "passwords", {user: user[::-1] for user in LOCAL})
    access = access_list(HALL, dispatchers=["dispatch"], viewers=["viewer"], silent=[REGISTRAR], monitors=["monitor"])
    write(folder / "access", access)

    def configure(port: int) -> str:
        user = pwd.getpwuid(os.geteuid()).pw_name
        return hall_conf(HallBroker(
            ca=files.certificate, revoked=files.revoked, certificate=folder / "broker.crt", key=folder / "broker.key",
            access_list=folder / "access", passwords=folder / "passwords", folder=folder, port=port, host=HOST,
            loopback_port=loopback, user=user, plugins=plugins_of(mosquitto),
        ), form_of(mosquitto)) + more  # fmt: skip

    async with MosquittoProcess(folder=folder, configure=configure) as broker:
        yield TrustedHall(folder, ca, files, broker, loopback)
