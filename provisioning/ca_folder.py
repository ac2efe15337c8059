"""A hall's CA on the disk: its key encrypted, and for everybody to read its certificate and the list of the revoked.

`private/` (0700) is for the registrar alone; what lies beside it may be read by all. What opens the key is said in
`private/ca.toml`: a key file, with which the registrar starts by itself, or a passphrase that somebody types.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import tomli_w
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from contract.settings import BadSettings, Settings, read
from provisioning.ca import HallCa
from provisioning.files import SECRET, write
from provisioning.pem import pem

Opener = Literal["key-file", "passphrase"]

SHORTEST = 12
"""Letters that a passphrase must have at least."""
_COST = 2**15
"""scrypt's; 32 MiB and a tenth of a second, once at the start of the registrar."""


class CannotOpen(Exception):
    """The CA's key cannot be read; the text says why and what to do."""


class CaSettings(Settings, frozen=True, kw_only=True):
    """private/ca.toml: whose CA this is, and what opens its key."""

    hall: str
    opens: Opener
    key_file: Path | None = None
    salt: str


@dataclass(frozen=True)
class CaFolder:
    """Where a hall's CA lies."""

    path: Path

    @property
    def certificate(self) -> Path:
        """The CA's certificate."""
        return self.path / "ca.crt"

    @property
    def revoked(self) -> Path:
        """The list of the revoked, for the broker."""
        return self.path / "crl.pem"

    @property
    def private(self) -> Path:
        """What only the registrar may read."""
        return self.path / "private"

    @property
    def key(self) -> Path:
        """The CA's key, encrypted."""
        return self.private / "ca.key"

    @property
    def settings(self) -> Path:
        """What opens the key."""
        return self.private / "ca.toml"

    @property
    def exists(self) -> bool:
        """Whether there is a CA already."""
        return self.key.exists()

    @property
    def opened_by(self) -> Opener:
        """What opens the key. Raises `BadSettings`."""
        return read(self.settings, CaSettings).opens

    def make(self, hall: str, now: datetime, *, passphrase: str | None = None, key_file: Path | None = None) -> HallCa:
        """A new CA. Its key is encrypted with `passphrase`, else with a random one in `key_file`.

        Raises `CannotOpen` for a passphrase that is too short, and `FileExistsError` rather than replace a CA.
        """
        if self.exists:
            raise FileExistsError(f"{self.key}: there is a CA already")
        if passphrase is not None and len(passphrase) < SHORTEST:
            raise CannotOpen(f"a passphrase of {len(passphrase)} letters is too short; take at least {SHORTEST}")
        self.path.mkdir(parents=True, exist_ok=True)
        self.private.mkdir(mode=0o700, exist_ok=True)
        ca, salt = HallCa.make(hall, now), secrets.token_hex(16)
        file = None if passphrase is not None else key_file or self.private / "ca.passphrase"
        if file is not None:
            passphrase = secrets.token_urlsafe(32)
            write(file, passphrase + "\n", SECRET)
        opens = {"opens": "passphrase"} if file is None else {"opens": "key-file", "key_file": str(file)}
        write(self.settings, tomli_w.dumps({"hall": hall, "salt": salt, **opens}), SECRET)
        write(self.certificate, pem(ca.certificate))
        write(self.revoked, ca.revocation_list((), now).public_bytes(Encoding.PEM).decode())
        write(self.key, _sealed(ca.key, _stretched(passphrase or "", salt)), SECRET)
        return ca

    def open(self, ask: Callable[[], str] | None = None) -> HallCa:
        """The CA with its key; `ask` gives the passphrase where one is needed. Raises `CannotOpen`, `BadSettings`."""
        settings = read(self.settings, CaSettings)
        passphrase = self._passphrase(settings, ask)
        try:
            key = load_pem_private_key(self.key.read_bytes(), _stretched(passphrase, settings.salt))
        except ValueError as error:
            raise CannotOpen(f"{self.key}: the passphrase does not open it") from error
        except OSError as error:
            raise CannotOpen(f"{self.key}: {error.strerror}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CannotOpen(f"{self.key}: is no key of a hall's CA")
        return HallCa(settings.hall, self.read_certificate(), key)

    def read_certificate(self) -> x509.Certificate:
        """The CA's certificate. Raises `CannotOpen`."""
        try:
            return x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError) as error:
            raise CannotOpen(f"{self.certificate}: is no certificate: {error}") from error

    def _passphrase(self, settings: CaSettings, ask: Callable[[], str] | None) -> str:
        if settings.opens == "key-file":
            if settings.key_file is None:
                raise BadSettings(f"{self.settings}: `opens` is `key-file`, but there is no `key_file`")
            try:
                return settings.key_file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise CannotOpen(f"{settings.key_file}: {error.strerror}; without it nobody can open the CA") from error
        if ask is None:
            raise CannotOpen(f"{self.key}: is opened by a passphrase, and there is nobody to ask")
        return ask()


def _sealed(key: ec.EllipticCurvePrivateKey, passphrase: bytes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)).decode()


def _stretched(passphrase: str, salt: str) -> bytes:
    """What encrypts the key: guessing a passphrase must cost more than the few rounds of the file's own format."""
    return hashlib.scrypt(
        passphrase.encode(), salt=bytes.fromhex(salt), n=_COST, r=8, p=1, maxmem=2**26, dklen=32
    ).hex().encode()  # fmt: skip
