"""The registrar: takes what machines ask for, and signs what a person has approved. The only program with the CA's key."""

import asyncio
import logging
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from contract.enrolment import Claim, Identity, Renewal, Standing
from contract.plain import plain
from contract.settings import BadSettings
from controller.config import HallConfig
from controller.config_machine import Trust
from controller.enrolment import EnrolmentBook, Refused
from controller.enrolment_store import CertificateRow, RequestRow
from link.address import BrokerAddress
from provisioning.ca import BadRequest, HallCa, key_digest, requested_key
from provisioning.identity import ON_NODE, proof_text
from provisioning.pem import pem
from provisioning.plan import Folders, node_files

log = logging.getLogger("hallware.registrar")

GRACE = timedelta(days=400)
"""So long after its end a certificate may still ask for a new one; a person must confirm, as with a new machine."""


@dataclass
class Registrar:
    """Answers machines. `load` reads hall.toml as it is now, so that a planned node need not wait for a restart."""

    ca: HallCa
    book: EnrolmentBook
    load: Callable[[], HallConfig]
    clock: Callable[[], datetime]
    _signing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def claim(self, claim: Claim, address: str) -> Standing:
        """What becomes of a request by token. Raises `Refused`."""
        async with self._signing:
            return await asyncio.to_thread(self._claim, claim, address)

    async def renew(self, renewal: Renewal, address: str) -> Standing:
        """What becomes of a request by certificate. Raises `Refused`."""
        async with self._signing:
            return await asyncio.to_thread(self._renew, renewal, address)

    def _claim(self, claim: Claim, address: str) -> Standing:
        key = _key_of(claim.request)
        _refuse_unplanned(self.load(), claim.name, claim.role)
        row = self.book.seen(self.book.claim(claim, key_digest(key), address))
        return self._standing(row, key)

    def _renew(self, renewal: Renewal, address: str) -> Standing:
        key = _key_of(renewal.request)
        old = self._proven(renewal)
        _refuse_unplanned(self.load(), old.name, old.role)
        if (asked := self.book.request_of(key_digest(key))) is not None:
            return self._standing(self.book.seen(asked), key)
        if old.ends > self.clock():
            granted = self.book.certificate_of(key_digest(key)) or self._sign(old.name, old.role, key, None)
            return self._granted(granted)
        row = self.book.ask(
            old.name, old.role, key_digest(key), renewal.request, renewal.serial, renewal.model, address
        )  # fmt: skip
        return self._standing(row, key)

    def _proven(self, renewal: Renewal) -> CertificateRow:
        """The certificate, which is ours and whose key the sender has. Raises `Refused`."""
        try:
            certificate = x509.load_pem_x509_certificate(renewal.certificate.encode())
            certificate.verify_directly_issued_by(self.ca.certificate)
            public = certificate.public_key()
            if not isinstance(public, ec.EllipticCurvePublicKey):
                raise TypeError("no key of ours")
            signature = b64decode(renewal.proof, validate=True)
            public.verify(signature, proof_text(renewal.request), ec.ECDSA(hashes.SHA256()))
        except (ValueError, TypeError, InvalidSignature, NotBase64) as error:
            raise _not_ours() from error
        row = self.book.certificate(f"{certificate.serial_number:x}")
        if row is None or row.revoked is not None or row.ends + GRACE < self.clock():
            raise _not_ours()
        return row

    def _standing(self, row: RequestRow, key: ec.EllipticCurvePublicKey) -> Standing:
        now = self.clock()
        match row.state:
            case "waiting":
                return Standing(state="waiting", at=now, pattern=row.pattern)
            case "refused":
                return Standing(state="refused", at=now)
            case "approved":
                return self._granted(self._sign(row.name, row.role, key, row))
            case "granted":
                return self._granted(self._given(row))

    def _given(self, row: RequestRow) -> CertificateRow:
        """What was given for this request before, for a machine that lost it. Raises `Refused` when it was revoked since."""
        given = self.book.certificate_of(row.key)
        if given is None or given.revoked is not None:
            raise _not_ours()
        return given

    def _sign(self, name: str, role: Identity, key: ec.EllipticCurvePublicKey, request: RequestRow | None) -> CertificateRow:
        certificate = self.ca.identity(name, role.value, key, self.clock())
        row = CertificateRow(
            serial=f"{certificate.serial_number:x}", name=name, role=role, key=key_digest(key), pem=pem(certificate),
            begins=certificate.not_valid_before_utc, ends=certificate.not_valid_after_utc,
        )  # fmt: skip
        by = "renewal" if request is None else request.decided_by or "registrar"
        self.book.granted(row, request, by)
        log.info("%s %s has a certificate until %s (%s)", role.value, name, f"{row.ends:%Y-%m-%d}", plain(by))
        return row

    def _granted(self, row: CertificateRow) -> Standing:
        settings = _settings(self.load(), row.name) if row.role is Identity.NODE else ""
        return Standing(state="granted", at=self.clock(), certificate=row.pem, settings=settings)


def _key_of(request: str) -> ec.EllipticCurvePublicKey:
    try:
        return requested_key(request)
    except BadRequest as error:
        raise Refused("bad-request", "签名请求无效。", f"The signing request {error}.") from error


def _refuse_unplanned(hall: HallConfig, name: str, role: Identity) -> None:
    """Raises `Refused`, and `BadSettings` when there could be no node.toml."""
    if not planned(hall, name, role):
        raise Refused(
            "not-planned",
            f"hall.toml 中没有 {role.value} {name}。",
            f"There is no {role.value} {name} in hall.toml.",
        )
    if role is Identity.NODE:
        _settings(hall, name)  # a mistake is found before a person walks to the machine


def planned(hall: HallConfig, name: str, role: Identity) -> bool:
    """Whether hall.toml knows somebody of this role and name; viewers are nobody's enemies and need no line there."""
    taken = {"controller", "registrar", *hall.dispatcher, *(node.id for node in hall.node)}
    return {
        Identity.NODE: name in {node.id for node in hall.node},
        Identity.CONTROLLER: name == "controller",
        Identity.DISPATCH: name in hall.dispatcher,
        Identity.VIEWER: name not in taken,
    }[role]


def trust_of(hall: HallConfig) -> Trust:
    """The `[trust]` table. Raises `BadSettings` when there is none."""
    if hall.trust is None:
        raise BadSettings("hall.toml: there is no table [trust], so nobody can be enrolled; `hallware init` writes one")
    return hall.trust


def broker_of_nodes(hall: HallConfig) -> BrokerAddress:
    """The broker as a node reaches it, with the certificate that lies where `hallware enrol` puts it."""
    trust = trust_of(hall)
    return BrokerAddress(
        host=trust.host, port=trust.broker_port, ca=ON_NODE / "ca.crt", certificate=ON_NODE / "node.crt", key=ON_NODE / "node.key"
    )  # fmt: skip


def _settings(hall: HallConfig, name: str) -> str:
    """node.toml of one node; a mistake in another node's plan is not its concern. Raises `BadSettings`."""
    alone = msgspec.structs.replace(hall, node=tuple(node for node in hall.node if node.id == name))
    return node_files(alone, broker_of_nodes(hall), Folders())[name]


def _not_ours() -> Refused:
    return Refused(
        "not-asked",
        "此证书无效、已撤销或过期太久，请重新制卡。",
        "This certificate is not ours, was revoked, or ended too long ago; make a new card.",
    )
