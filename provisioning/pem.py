"""Keys and certificates as text, in files."""

from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provisioning.ca import new_key
from provisioning.files import SECRET, write


def new_pair(folder: Path, name: str, certify: Callable[[ec.EllipticCurvePublicKey], x509.Certificate]) -> None:
    """A new key with its certificate: `{name}.key`, for its owner alone, and `{name}.crt`."""
    key = new_key()
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / f"{name}.key", private_pem(key), SECRET)
    write(folder / f"{name}.crt", pem(certify(key.public_key())))


def pem(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A private key as text, for a file that only its owner may read."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
