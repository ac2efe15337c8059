"""A machine's identity: its key, which never leaves it, its certificate, and the CA it trusts, in one folder."""

import ssl
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from contract.settings import Settings, read
from provisioning.ca import key_digest, new_key
from provisioning.files import SECRET, write
from provisioning.pem import private_pem

ON_NODE = Path("/etc/hallware/identity")
"""Where it lies on a node."""


class Registrar(Settings, frozen=True, kw_only=True):
    """registrar.toml: whom to ask for the next certificate."""

    host: str
    port: int


class NoKey(Exception):
    """A key on the disk that cannot be used; the text says which and why."""


@dataclass(frozen=True)
class IdentityFolder:
    """`ca.crt`, `node.crt`, `node.key`; a key that is being asked for is `next.key` until its certificate is there."""

    path: Path = ON_NODE

    @property
    def ca(self) -> Path:
        """The CA of the hall."""
        return self.path / "ca.crt"

    @property
    def certificate(self) -> Path:
        """Who this machine is."""
        return self.path / "node.crt"

    @property
    def key(self) -> Path:
        """The key of the certificate."""
        return self.path / "node.key"

    @property
    def registrar(self) -> Registrar:
        """Whom to ask for the next certificate. Raises `BadSettings`."""
        return read(self.path / "registrar.toml", Registrar)

    def remember(self, host: str, port: int) -> None:
        """Whom to ask for the next certificate."""
        write(self.path / "registrar.toml", f'host = "{host}"\nport = {port}\n')

    @property
    def _next(self) -> Path:
        return self.path / "next.key"

    def next_key(self) -> ec.EllipticCurvePrivateKey:
        """The key to ask with: made once and kept, so that a machine that loses its power asks on with the same."""
        self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not self._next.exists():
            write(self._next, private_pem(new_key()), SECRET)
        return _read_key(self._next)

    def take(self, certificate: str) -> None:
        """Put a certificate for the next key in the place of the old pair. Raises `NoKey` when it is for another key."""
        key = self.next_key()
        public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey) or key_digest(public) != key_digest(key.public_key()):
            raise NoKey("the certificate that came is not for this machine's key")
        # The certificate goes first: an old key with a new certificate is seen and mended by `mend`, a lost key is lost.
        write(self.certificate, certificate)
        self._next.replace(self.key)

    def mend(self) -> None:
        """Finish what a power cut left half done in `take`."""
        if self._next.exists() and self.certificate.exists() and _fits(self.certificate, self._next):
            self._next.replace(self.key)

    def read(self) -> x509.Certificate | None:
        """The certificate, if there is one with its key."""
        if not (self.certificate.exists() and self.key.exists() and _fits(self.certificate, self.key)):
            return None
        return x509.load_pem_x509_certificate(self.certificate.read_bytes())

    def prove(self, request: str) -> str:
        """Sign a request with the present key, in base 64."""
        return b64encode(_read_key(self.key).sign(proof_text(request), ec.ECDSA(hashes.SHA256()))).decode()


def signing_request(key: ec.EllipticCurvePrivateKey, name: str) -> str:
    """A request for a certificate (PKCS#10, PEM); the registrar takes the key from it and nothing else."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


def proof_text(request: str) -> bytes:
    """What is signed to show that one has the key of a certificate; the first words keep it from meaning anything else."""
    return b"hallware renewal\n" + request.encode()


def is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether two thirds of a certificate's life are over."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return now >= begins + (ends - begins) * 2 / 3


def left(certificate: x509.Certificate, now: datetime) -> timedelta:
    """How long a certificate is still good; negative when it is not."""
    return certificate.not_valid_after_utc - now


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise NoKey(f"{path}: cannot be used as a key: {error}; delete it, and this machine makes a new one") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NoKey(f"{path}: is no EC key; delete it, and this machine makes a new one")
    return key


def _fits(certificate: Path, key: Path) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError):
        return False
    return True
