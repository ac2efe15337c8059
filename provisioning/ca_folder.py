"""A hall's CA on the disk: its key encrypted, and for everybody to read its certificate and the list of the revoked.

`private/` (0700) is for the registrar alone; what lies beside it may be read by all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.ca import HallCa
from provisioning.files import write
from provisioning.pem import pem
from provisioning.sealed import CannotOpen, Opener, SealedKey, refuse_short


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
    def sealed(self) -> SealedKey:
        """The CA's key, encrypted."""
        return SealedKey(self.private, "ca")

    @property
    def key(self) -> Path:
        """The file of the CA's key."""
        return self.sealed.key

    @property
    def exists(self) -> bool:
        """Whether there is a CA already."""
        return self.key.exists()

    @property
    def opened_by(self) -> Opener:
        """What opens the key. Raises `BadSettings`."""
        return self.sealed.opened_by

    @property
    def hall(self) -> str:
        """Whose CA it is. Raises `BadSettings`."""
        return self.sealed.hall

    def make(self, hall: str, now: datetime, *, passphrase: str | None = None, key_file: Path | None = None) -> HallCa:
        """A new CA. Its key is encrypted with `passphrase`, else with a random one in `key_file`.

        Raises `CannotOpen` for a passphrase that is too short, and `FileExistsError` rather than replace a CA.
        """
        if self.exists:
            raise FileExistsError(f"{self.key}: there is a CA already")
        refuse_short(passphrase)
        ca = HallCa.make(hall, now)
        self.path.mkdir(parents=True, exist_ok=True)
        write(self.certificate, pem(ca.certificate))
        write(self.revoked, ca.revocation_list((), now).public_bytes(Encoding.PEM).decode())
        self.sealed.seal(ca.key, hall, passphrase=passphrase, key_file=key_file)
        return ca

    def open(self, ask: Callable[[], str] | None = None) -> HallCa:
        """The CA with its key; `ask` gives the passphrase where one is needed. Raises `CannotOpen`, `BadSettings`."""
        hall, key = self.sealed.open(ask)
        return HallCa(hall, self.read_certificate(), key)

    def read_certificate(self) -> x509.Certificate:
        """The CA's certificate. Raises `CannotOpen`."""
        try:
            return x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError) as error:
            raise CannotOpen(f"{self.certificate}: is no certificate: {error}") from error
