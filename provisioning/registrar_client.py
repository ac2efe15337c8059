"""A machine's way to the registrar: HTTPS to a CA that is known by its fingerprint, before and after its clock is right.

NotReached       the network or the registrar is not there, or not yet; try again
└── NotBelieved  somebody answers who is not the hall's registrar
Unwelcome        the registrar refuses, and says why
"""

import http.client
import ssl
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography import x509

from contract.codec import BadMessage, decode
from contract.enrolment import Claim, Hour, Refusal, Renewal, Standing
from contract.plain import plain
from link.refusals import in_words
from provisioning.ca import fingerprint

PATIENCE = 10.0
"""Seconds for the connection and for each answer."""
MOST = 2 * 1024 * 1024
_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python has no name for."""

M = TypeVar("M", bound=msgspec.Struct)


class NotReached(Exception):
    """The network or the registrar is not there, or not yet."""


class NotBelieved(NotReached):
    """Somebody answers who is not the hall's registrar. Perhaps the wrong network; nothing was told to them."""


class Unwelcome(Exception):
    """The registrar refuses; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.what.en)
        self.refusal = refusal


class RegistrarClient:
    """Speaks to the registrar at `host` and `port`, whose CA has the fingerprint `pinned`."""

    def __init__(self, host: str, port: int, pinned: str) -> None:
        self.host, self.port, self._pinned = host, port, pinned
        self._authority: str | None = None

    @classmethod
    def of_known(cls, host: str, port: int, ca: Path) -> "RegistrarClient":
        """For a machine that has the CA's certificate already. Raises `NotBelieved` when that cannot be read."""
        try:
            text = ca.read_text(encoding="ascii")
            client = cls(host, port, fingerprint(x509.load_pem_x509_certificate(text.encode())))
        except (OSError, ValueError) as error:
            raise NotBelieved(f"{ca}: is no certificate: {error}") from error
        client._authority = text
        return client

    @property
    def authority(self) -> str:
        """The CA's certificate, fetched once and believed for its fingerprint alone. Raises `NotReached`, `NotBelieved`."""
        if self._authority is None:
            blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            # Nothing is believed of this connection but a certificate whose fingerprint is known.
            blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
            text = self._ask(blind, "GET", "/ca", None)[1].decode("ascii", errors="replace")
            try:
                found = fingerprint(x509.load_pem_x509_certificate(text.encode()))
            except ValueError as error:
                raise NotBelieved(f"{self._where}: what answers is no registrar") from error
            if found != self._pinned:
                raise NotBelieved(
                    f"{self._where}: what answers is not this hall's registrar (its CA is {found[:16]}…, the card "
                    f"says {self._pinned[:16]}…); is this the right network, and was the card made for this hall?"
                )
            self._authority = text
        return self._authority

    def time(self) -> datetime:
        """What the registrar's clock says. Raises `NotReached`, `NotBelieved`, `Unwelcome`."""
        return self._asked("GET", "/time", None, Hour).at

    def claim(self, claim: Claim) -> Standing:
        """Ask by token. Raises `NotReached`, `NotBelieved`, `Unwelcome`."""
        return self._asked("POST", "/claim", claim, Standing)

    def renew(self, renewal: Renewal) -> Standing:
        """Ask by certificate. Raises `NotReached`, `NotBelieved`, `Unwelcome`."""
        return self._asked("POST", "/renew", renewal, Standing)

    def _asked(self, method: str, path: str, message: Claim | Renewal | None, kind: type[M]) -> M:
        context = ssl.create_default_context(cadata=self.authority)
        # A node without a clock of its own does not know the time yet; the registrar's answer tells it.
        context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
        status, body = self._ask(context, method, path, None if message is None else msgspec.json.encode(message))
        try:
            if status == http.HTTPStatus.OK:
                return msgspec.json.decode(body, type=kind)
            refusal = decode(body, Refusal)
        except (msgspec.DecodeError, BadMessage) as error:
            raise NotReached(f"{self._where}: an answer that cannot be read ({status}): {error}") from error
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise NotReached(f"{self._where}: {plain(refusal.what.en)}")
        raise Unwelcome(refusal)

    def _ask(self, context: ssl.SSLContext, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE, context=context)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read(MOST)
        except ssl.SSLCertVerificationError as error:
            raise NotBelieved(f"{self._where}: {in_words(str(error))}") from error
        except (OSError, http.client.HTTPException) as error:
            raise NotReached(f"{self._where}: {plain(str(error)) or type(error).__name__}") from error
        finally:
            connection.close()

    @property
    def _where(self) -> str:
        return f"{self.host}:{self.port}"
