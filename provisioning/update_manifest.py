"""The update bundle, one file: its manifest, the hall's signature over it, then the wheels that the manifest names.

    hallware update 1 {bytes of the manifest} {bytes of the signature}\\n
    manifest    JSON
    signature   JSON: the signer's certificate, and the signature over the manifest's bytes
    wheels      one after the other, each as long as the manifest says

Before the signature is found good, nothing of a bundle is read but these two lengths, which have limits.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Annotated, Literal

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Meta

from contract.updating import Version
from contract.values import Id, Moment, Text, Value, whole

SUFFIX = ".hallware"
HEAD = re.compile(rb"hallware update 1 (\d{1,7}) (\d{1,5})\n")
LONGEST_HEAD = 40
MOST_MANIFEST, MOST_SIGNATURE = 1_000_000, 10_000
MOST_WHEEL = 200 * 1024 * 1024
MEANT = b"hallware update\n"
"""The first words of what is signed keep a signature from meaning anything else."""

Bytes = Annotated[int, Meta(ge=0, le=MOST_WHEEL)]


class BadBundle(Exception):
    """A bundle that is not installed. `code` is one stable word, `what` says why in both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} · {en}")
        self.code, self.what = code, Text(zh=zh[:400], en=en[:400])
        self.version = "?"
        """Of the bundle, where its signature was good."""


class Wheel(Value, frozen=True, kw_only=True):
    """One wheel of a bundle."""

    name: Annotated[str, Meta(pattern=whole(r"[A-Za-z0-9_][A-Za-z0-9_.+!-]*[.]whl"), max_length=200)]
    size: Bytes
    unpacked: Bytes
    """Bytes that it takes on the disk, before Python compiles it."""
    sha256: Annotated[str, Meta(pattern=whole("[0-9a-f]{64}"))]


class Manifest(Value, frozen=True, kw_only=True):
    """What a hall has signed."""

    format: Literal[1] = 1
    hall: Id
    version: Version
    made: Moment
    not_after: Moment
    older: bool = False
    """May take the place of a newer version: the hall wants to go back."""
    machines: Annotated[tuple[Annotated[str, Meta(max_length=40)], ...], Meta(max_length=20)] = ()
    """The kinds of machines for which everything is there, such as `cp311-aarch64`."""
    wheels: Annotated[tuple[Wheel, ...], Meta(min_length=1, max_length=500)]


class Signature(Value, frozen=True, kw_only=True):
    """Who signed the manifest."""

    certificate: Annotated[str, Meta(max_length=8000)]
    signature: Annotated[str, Meta(max_length=400)]


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest whose signature is good."""

    manifest: Manifest
    signer: x509.Certificate
    digest: str
    """SHA-256 of the manifest's bytes: names the bundle."""

    @property
    def release(self) -> str:
        """The name of the release that it becomes."""
        return f"{self.manifest.version}-{self.digest[:8]}"


def head(manifest: bytes, signature: bytes) -> bytes:
    """The bundle up to its wheels."""
    return b"hallware update 1 %d %d\n" % (len(manifest), len(signature)) + manifest + signature


def signature(certificate: str, signed: bytes) -> bytes:
    """The second part."""
    return msgspec.json.encode(Signature(certificate=certificate, signature=b64encode(signed).decode()))


def verified(manifest: bytes, signed: bytes, anchor: x509.Certificate) -> tuple[Manifest, x509.Certificate]:
    """The manifest and its signer's certificate, which the CA `anchor` has given for updates of its hall. Raises `BadBundle`."""
    signer = _signer(signed, manifest, anchor)
    try:
        read = msgspec.json.decode(manifest, type=Manifest)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        raise BadBundle("bad-manifest", "更新包清单无法读取", f"The manifest cannot be read: {error}") from error
    halls = {_hall_of(signer), _hall_of(anchor), read.hall}
    if len(halls) > 1:
        raise _foreign()
    if not signer.not_valid_before_utc <= read.made <= signer.not_valid_after_utc:
        raise BadBundle(
            "signer-expired", "签名证书在制作更新包时无效", "The signer's certificate was not valid when the bundle was made"
        )
    return read, signer


def _signer(signed: bytes, manifest: bytes, anchor: x509.Certificate) -> x509.Certificate:
    try:
        read = msgspec.json.decode(signed, type=Signature)
        signer = x509.load_pem_x509_certificate(read.certificate.encode())
        bytes_ = b64decode(read.signature, validate=True)
        purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, NotBase64, x509.ExtensionNotFound) as error:
        raise _unsigned() from error
    try:
        signer.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise _foreign() from error
    key = signer.public_key()
    if ExtendedKeyUsageOID.CODE_SIGNING not in purposes or not isinstance(key, ec.EllipticCurvePublicKey):
        raise _unsigned()
    try:
        key.verify(bytes_, MEANT + manifest, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise _unsigned() from error
    return signer


def _hall_of(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else ""


def _unsigned() -> BadBundle:
    return BadBundle(
        "bad-signature",
        "签名无效，文件已损坏或不是本大厅制作",
        "The signature is not good: the file is damaged, or nobody of the hall made it",
    )


def _foreign() -> BadBundle:
    return BadBundle(
        "other-hall",
        "更新包不是由本大厅签名",
        "This bundle was signed for another hall, or by somebody whom this hall's CA does not know",
    )
