"""A hall's certification authority: it signs the certificates of servers and nodes, and the list of the revoked.

Everything is EC P-256 with SHA-256: small enough for a node, known to every TLS library. All certificates begin a day early,
for clocks that are a little behind.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EARLY = timedelta(days=1)
"""So long before it was made a certificate is valid."""
CA_LIFE = timedelta(days=20 * 365)
SERVER_LIFE = timedelta(days=3 * 365)
IDENTITY_LIFE = timedelta(days=365)
SIGNER_LIFE = timedelta(days=3 * 365)
CRL_LIFE = timedelta(days=365)
"""An expired list shuts everybody out of the broker, and a long life costs nothing: the broker reads it from its own disk."""

UPDATES = "updates"
"""Name and role of the key that signs updates."""


class BadRequest(Exception):
    """A signing request that cannot be granted; the text says why."""


class Revoked(NamedTuple):
    """A certificate that is good no longer."""

    serial: int
    at: datetime


@dataclass(frozen=True)
class HallCa:
    """The authority of one hall, with its key in hand."""

    hall: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, hall: str, now: datetime) -> Self:
        """A new authority for `hall`."""
        key = new_key()
        name = _name(hall, f"Hallware CA of {hall}")
        certificate = (
            _builder(name, name, key.public_key(), now, CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(hall, certificate, key)

    @property
    def fingerprint(self) -> str:
        """What a node pins: SHA-256 of the certificate as DER, in hex."""
        return fingerprint(self.certificate)

    def server(self, name: str, hosts: Iterable[str], key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
        """The certificate of a server that is reached as `hosts`, which are names or addresses."""
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        return self._sign(name, "server", key, now, SERVER_LIFE, ExtendedKeyUsageOID.SERVER_AUTH, names)

    def identity(
        self, name: str, role: str, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta = IDENTITY_LIFE
    ) -> x509.Certificate:
        """The certificate with which a client of the broker shows that it is `name`."""
        return self._sign(name, role, key, now, life, ExtendedKeyUsageOID.CLIENT_AUTH)

    def signer(self, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
        """The certificate with which updates of nodes are signed; it opens no connection and serves none."""
        return self._sign(UPDATES, UPDATES, key, now, SIGNER_LIFE, ExtendedKeyUsageOID.CODE_SIGNING)

    def revocation_list(self, revoked: Iterable[Revoked], now: datetime) -> x509.CertificateRevocationList:
        """The list of the revoked as of `now`."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - EARLY)
            .next_update(now + CRL_LIFE)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        for serial, at in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256())

    def _sign(
        self,
        name: str,
        role: str,
        key: ec.EllipticCurvePublicKey,
        now: datetime,
        life: timedelta,
        purpose: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        builder = (
            _builder(_name(self.hall, name, role), self.certificate.subject, key, now, life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new private key."""
    return ec.generate_private_key(ec.SECP256R1())


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate as DER, in hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def key_digest(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 of a public key, in hex: the same for a request and its certificate."""
    return hashlib.sha256(key_der(key)).hexdigest()


def key_der(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def requested_key(pem: str) -> ec.EllipticCurvePublicKey:
    """The public key of a signing request whose signature shows that the key is the sender's own. Raises `BadRequest`."""
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        key = request.public_key()
        genuine = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise BadRequest(f"is no signing request: {error}") from error
    if not genuine:
        raise BadRequest("its signature does not belong to its key")
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadRequest("its key is not EC P-256")
    return key


def name_of(certificate: x509.Certificate) -> tuple[str, str]:
    """The name and role that a certificate of ours speaks of."""
    common, unit = (certificate.subject.get_attributes_for_oid(oid) for oid in _NAMES)
    return str(common[0].value), str(unit[0].value) if unit else ""


_NAMES = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLY)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(hall: str, common: str, unit: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, hall), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if unit is not None:
        parts.insert(1, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name(parts)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=signs_certificates, crl_sign=signs_certificates, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
