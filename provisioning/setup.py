"""Setting up a hall's machine: every file that is missing is made, what is there is kept, and each is told."""

import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Literal

from cryptography import x509

from broker_config.access import CONTROLLER, REGISTRAR, access_list
from broker_config.hall import Form, HallBroker, hall_conf
from broker_config.installed import form_of, plugins_of
from broker_config.passwords import write_password_file
from contract.settings import BadSettings, Settings
from contract.values import Id
from controller.config import HallConfig, parse_hall
from controller.config import load as load_hall
from controller.config_hours import Names
from controller.config_machine import Port
from provisioning.ca import HallCa
from provisioning.ca_folder import CaFolder
from provisioning.files import PUBLIC, SECRET, write
from provisioning.pem import new_pair
from provisioning.units import Machine, units
from provisioning.update_key import SigningFolder

Did = Literal["made", "kept", "updated", "renewed"]

MONITOR = "monitor"
SERVER_DUE = timedelta(days=365)
"""A server certificate that ends within so long is made anew by the next `hallware init`."""


class Answers(Settings, frozen=True, kw_only=True):
    """What `hallware init` asks; also the form of its answers file."""

    id: Id
    name: Names
    host: str
    """This machine as the nodes reach it."""
    also: tuple[str, ...] = ()
    """Further names and addresses for the certificates of its servers."""
    timezone: str = "Asia/Shanghai"
    ca_opens: Literal["key-file", "passphrase"] = "key-file"
    passphrase_file: Path | None = None
    """For an answers file: where the passphrase stands."""
    broker_port: Port = 8883
    enrolment_port: Port = 8884
    loopback_port: Port = 1883
    form: Form | None = None
    """Of the broker's configuration; that of the Mosquitto which is installed when it is not said."""


@dataclass
class Setup:
    """One run over a machine; `did` tells of each file what was done."""

    machine: Machine
    systemd: Path
    answers: Answers
    now: datetime
    passphrase: str | None = None
    did: list[tuple[Path, Did]] = field(default_factory=list)

    def run(self) -> None:
        """Make what is missing. Raises `BadSettings`, `CannotOpen`, `OSError`."""
        hall = self._hall()
        self.machine.data.mkdir(mode=0o750, parents=True, exist_ok=True)
        ca = self._ca(hall)
        self._updates(ca)
        self._servers(ca)
        self._passwords(hall)
        self._broker(hall)
        for name, text in units(self.machine).items():
            self._text(self.systemd / name, text)

    def _hall(self) -> HallConfig:
        path = self.machine.etc / "hall.toml"
        if path.exists():
            self.did.append((path, "kept"))
            return load_hall(path)
        text = hall_toml(self.answers, self.machine, path)
        hall = parse_hall(text, name=path.name)
        self._text(path, text)
        return hall

    def _ca(self, hall: HallConfig) -> HallCa:
        folder = CaFolder(self.machine.etc / "trust")
        if folder.exists:
            ca = folder.open(None if self.passphrase is None else lambda: self.passphrase or "")
            if ca.hall != hall.hall.id:
                raise BadSettings(f"{folder.path}: the CA is of hall `{ca.hall}`, hall.toml of `{hall.hall.id}`")
            self.did.append((folder.key, "kept"))
            return ca
        ca = folder.make(hall.hall.id, self.now, passphrase=self.passphrase)
        self.did.append((folder.key, "made"))
        return ca

    def _updates(self, ca: HallCa) -> None:
        """The key that signs updates of nodes, opened by the same as the CA's."""
        folder = SigningFolder(self.machine.etc / "updates")
        there = folder.exists
        if folder.due(self.now):
            folder.make(ca, self.now, passphrase=self.passphrase)
            self.did.append((folder.sealed.key, "renewed" if there else "made"))
        else:
            self.did.append((folder.sealed.key, "kept"))

    def _servers(self, ca: HallCa) -> None:
        hosts = list(dict.fromkeys([self.answers.host, *self.answers.also, "127.0.0.1", "localhost"]))
        for name in ("broker", "registrar"):
            folder = self.machine.etc / name
            path = folder / f"{name}.crt"
            there = _names(path)
            if there is not None and there[0] >= set(hosts) and there[1] - self.now > SERVER_DUE:
                self.did.append((path, "kept"))
                continue
            new_pair(folder, name, partial(ca.server, name, hosts, now=self.now))
            self.did.append((path, "made" if there is None else "renewed"))

    def _passwords(self, hall: HallConfig) -> None:
        passwords = {
            user: self._password(self._password_file(user))
            for user in (CONTROLLER, REGISTRAR, MONITOR, *hall.dispatcher, *hall.homes)
        }
        path = self.machine.etc / "broker" / "passwords"
        fresh = any(did == "made" for file, did in self.did if file.name.endswith(".password"))
        if fresh or not path.exists():
            write_password_file(path, passwords)
        self.did.append((path, "updated" if fresh else "kept"))

    def _password_file(self, user: str) -> Path:
        if user in (CONTROLLER, REGISTRAR):
            return self.machine.etc / user / "broker.password"
        return self.machine.etc / "people" / f"{user}.password"

    def _password(self, path: Path) -> str:
        if path.exists():
            self.did.append((path, "kept"))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, secrets.token_urlsafe(24) + "\n", SECRET)
            self.did.append((path, "made"))
        return path.read_text(encoding="utf-8").strip()

    def _broker(self, hall: HallConfig) -> None:
        etc, folder = self.machine.etc, self.machine.etc / "broker"
        broker = HallBroker(
            ca=etc / "trust/ca.crt", revoked=etc / "trust/crl.pem", certificate=folder / "broker.crt", key=folder / "broker.key",
            access_list=folder / "access", passwords=folder / "passwords", port=self.answers.broker_port,
            loopback_port=self.answers.loopback_port, plugins=plugins_of(self.machine.mosquitto),
        )  # fmt: skip
        self._text(folder / "mosquitto.conf", hall_conf(broker, self.answers.form or form_of(self.machine.mosquitto)))
        access = access_list(hall.hall.id, dispatchers=hall.dispatcher, silent=[REGISTRAR], monitors=[MONITOR], homes=hall.homes)
        self._text(folder / "access", access, SECRET)  # no secret; but Mosquitto means to refuse one that everybody may read

    def _text(self, path: Path, text: str, mode: int = PUBLIC) -> None:
        """Write what is made from other things; said when it changes."""
        before = path.read_text(encoding="utf-8") if path.exists() else None
        if before != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, text, mode)
        path.chmod(mode)
        self.did.append((path, "made" if before is None else "kept" if before == text else "updated"))


def hall_toml(answers: Answers, machine: Machine, path: Path) -> str:
    """A first hall.toml with comments."""
    text = (files("provisioning") / "templates" / "hall.toml").read_text(encoding="utf-8")
    filled = {
        "zh": answers.name.zh, "en": answers.name.en, "id": answers.id, "timezone": answers.timezone, "host": answers.host,
        "etc": str(machine.etc), "data": str(machine.data), "path": str(path), "loopback": str(answers.loopback_port),
        "broker_port": str(answers.broker_port), "enrolment_port": str(answers.enrolment_port),
    }  # fmt: skip
    for key, value in filled.items():
        text = text.replace(f"@{key}@", value.replace("\\", "\\\\").replace('"', '\\"'))
    return text


def answered(hall: HallConfig) -> Answers | None:
    """What an earlier run was answered, read from the hall.toml that it wrote."""
    if hall.trust is None:
        return None
    return Answers(
        id=hall.hall.id, name=hall.hall.name, host=hall.trust.host, timezone=hall.hall.timezone,
        broker_port=hall.trust.broker_port, enrolment_port=hall.trust.enrolment_port, loopback_port=hall.broker.port,
    )  # fmt: skip


def hand_over(machine: Machine) -> Iterator[str]:
    """Give the files to the accounts that read them; what cannot be done is said, with the command that does it."""
    ours = [(machine.etc / folder, "hallware") for folder in ("trust", "registrar", "controller")]
    for path, owner in (*ours, (machine.data, "hallware"), (machine.etc / "broker", "mosquitto")):
        try:
            for part in _below(path):
                shutil.chown(part, owner, owner)
        except (LookupError, OSError):
            yield f"chown -R {owner}: {path}  # once there is the account {owner}"


def _below(path: Path) -> Iterable[Path]:
    return [path, *path.rglob("*")]


def _names(path: Path) -> tuple[set[str], datetime] | None:
    """The hosts that a server's certificate names, and when it ends."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return None
    return {str(name.value) for name in names}, certificate.not_valid_after_utc
