"""The key that signs a hall's updates: certified by the hall's CA for this alone, encrypted at rest like the CA's own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from provisioning.ca import HallCa, new_key
from provisioning.files import write
from provisioning.pem import pem
from provisioning.sealed import CannotOpen, SealedKey, refuse_short

DUE = timedelta(days=365)
"""A certificate that ends within so long is made anew, with a new key, by the next `hallware init`."""


@dataclass(frozen=True)
class Signer:
    """The key in hand."""

    hall: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def sign(self, text: bytes) -> bytes:
        """Sign something."""
        return self.key.sign(text, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class SigningFolder:
    """Where it lies: `updates.crt` for everybody, `private/` for whoever packs updates."""

    path: Path

    @property
    def certificate(self) -> Path:
        """Its certificate."""
        return self.path / "updates.crt"

    @property
    def sealed(self) -> SealedKey:
        """The key, encrypted."""
        return SealedKey(self.path / "private", "updates")

    @property
    def exists(self) -> bool:
        """Whether there is one already."""
        return self.sealed.key.exists() and self.certificate.exists()

    def due(self, now: datetime) -> bool:
        """Whether there is none, or it ends soon."""
        try:
            return not self.exists or self.read_certificate().not_valid_after_utc - now < DUE
        except CannotOpen:
            return True

    def make(self, ca: HallCa, now: datetime, *, passphrase: str | None = None) -> Signer:
        """A new key in the place of an old one; a node that has taken an update signed with it takes none of the old one's."""
        refuse_short(passphrase)
        key = new_key()
        certificate = ca.signer(key.public_key(), now)
        self.path.mkdir(parents=True, exist_ok=True)
        self.sealed.seal(key, ca.hall, passphrase=passphrase)
        write(self.certificate, pem(certificate))
        return Signer(ca.hall, certificate, key)

    def open(self, ask: Callable[[], str] | None = None) -> Signer:
        """The key; `ask` gives the passphrase where one is needed. Raises `CannotOpen`, `BadSettings`."""
        if not self.exists:
            raise CannotOpen(f"{self.path}: there is no key for updates; `hallware init` makes one")
        hall, key = self.sealed.open(ask)
        certificate = self.read_certificate()
        if certificate.public_key() != key.public_key():
            raise CannotOpen(f"{self.certificate}: is not that of {self.sealed.key}; make both anew: `hallware update key`")
        return Signer(hall, certificate, key)

    def read_certificate(self) -> x509.Certificate:
        """Its certificate. Raises `CannotOpen`."""
        try:
            return x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError) as error:
            raise CannotOpen(f"{self.certificate}: is no certificate: {error}") from error
