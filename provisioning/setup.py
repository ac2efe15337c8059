"""Setting up a hall's machine: every file that is missing is made, what is there is kept, and each is told."""

import json
import re
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
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from broker_config.access import CONTROLLER, REGISTRAR, access_list
from broker_config.hall import Form, HallBroker, hall_conf
from broker_config.installed import form_of, plugins_of
from broker_config.passwords import write_password_file
from contract.settings import BadSettings, Settings, refuse_no_host
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

    def __post_init__(self) -> None:
        refuse_no_host("host", self.host)
        for name in self.also:
            refuse_no_host("also", name)


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
        """Make what is missing; a new hall.toml last, so that a run which did not come so far asks anew.

        Raises `BadSettings`, `CannotOpen`, `OSError`.
        """
        hall, text = self._hall()
        self.machine.data.mkdir(mode=0o750, parents=True, exist_ok=True)
        ca = self._ca(hall)
        self._updates(ca)
        self._servers(ca)
        self._passwords(hall)
        self._broker(hall)
        for name, unit in units(self.machine).items():
            self._text(self.systemd / name, unit)
        if text is not None:
            self._text(self.machine.etc / "hall.toml", text)

    def _hall(self) -> tuple[HallConfig, str | None]:
        """The hall, and the text of its hall.toml when that is to be written."""
        path = self.machine.etc / "hall.toml"
        if path.exists():
            self.did.append((path, "kept"))
            return load_hall(path), None
        text = hall_toml(self.answers, self.machine, path)
        return parse_hall(text, name=path.name), text

    def _ca(self, hall: HallConfig) -> HallCa:
        folder = CaFolder(self.machine.etc / "trust")
        if folder.exists:
            ca = folder.open(None if self.passphrase is None else lambda: self.passphrase or "")
            if ca.hall != hall.hall.id:
                raise BadSettings(
                    f"{folder.path}: there is the CA of hall `{ca.hall}`, and this is hall `{hall.hall.id}`; "
                    "keep that id, or move the folder away: then every node must be enrolled anew"
                )
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
        hosts = [self.answers.host, *self.answers.also, "127.0.0.1", "localhost"]
        for name in ("broker", "registrar"):
            folder = self.machine.etc / name
            path = folder / f"{name}.crt"
            there = _names(path, ca)
            if there is not None and there[0] >= set(hosts) and there[1] - self.now > SERVER_DUE:
                self.did.append((path, "kept"))
                continue
            before = path.exists()
            # Who came by a further name goes on doing so, though nobody says that name again.
            named = dict.fromkeys([*hosts, *sorted(there[0] if there else ())])
            new_pair(folder, name, partial(ca.server, name, named, now=self.now))
            self.did.append((path, "renewed" if before else "made"))

    def _passwords(self, hall: HallConfig) -> None:
        passwords = {
            user: self._password(self._password_file(user))
            for user in (CONTROLLER, REGISTRAR, MONITOR, *hall.dispatcher, *hall.homes)
        }
        path = self.machine.etc / "broker" / "passwords"
        fresh = any(did == "made" for file, did in self.did if file.name.endswith(".password"))
        there = _users(path)
        if fresh or there != passwords.keys():
            write_password_file(path, passwords)
        self.did.append((path, "made" if there is None else "updated" if fresh or there != passwords.keys() else "kept"))

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
        "url": f"[{answers.host}]" if ":" in answers.host else answers.host,
    }  # fmt: skip
    return re.sub("@([a-z_]+)@", lambda found: _quoted(filled[found[1]]), text)


def _quoted(value: str) -> str:
    """As it stands between the quotes of a TOML string; JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")


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


def _users(path: Path) -> set[str] | None:
    """Who has a password at the broker."""
    return {line.partition(":")[0] for line in path.read_text(encoding="utf-8").splitlines()} if path.exists() else None


def _names(path: Path, ca: HallCa) -> tuple[set[str], datetime] | None:
    """The hosts that a server's certificate names, and when it ends; None when there is none of this CA and for its key."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        certificate.verify_directly_issued_by(ca.certificate)
        key = load_pem_private_key(path.with_suffix(".key").read_bytes(), None)
        if key.public_key() != certificate.public_key():
            return None  # a renewal was cut short between the two
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return None
    return {str(name.value) for name in names}, certificate.not_valid_after_utc
