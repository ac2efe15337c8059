"""Enrolling: a machine makes its key, asks, shows its pattern until a person has decided, and keeps what it is given."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509

from contract.enrolment import Claim, Identity, Renewal, Standing, bound
from contract.plain import plain
from link.weather import Backoff
from provisioning.claim_file import ClaimFile
from provisioning.files import write
from provisioning.identity import IdentityFolder, is_due, left, signing_request
from provisioning.lamp import Lamp, in_dots, lasts
from provisioning.machine import Machine
from provisioning.registrar_client import NotReached, RegistrarClient, Unwelcome

log = logging.getLogger("hallware.enrol")

CLOCK_OFF = 30.0
"""Seconds that this machine's clock may be off before it is set by the registrar's."""


class TurnedAway(Exception):
    """The registrar, or a person, said no; trying again changes nothing. The text says why."""


@dataclass
class Enrolling:
    """What enrolling needs of the machine around it."""

    identity: IdentityFolder
    settings: Path
    """Where node.toml goes."""
    machine: Machine
    lamp: Lamp
    sleep: Callable[[float], None]
    clock: Callable[[], datetime]
    set_clock: Callable[[datetime], None] | None = None
    anchor: Path | None = None
    """Where the CA goes whose updates this machine takes: for root alone, as the node's own copy is not."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first=1.0, most=60.0))

    def enrol(self, claim: ClaimFile) -> None:
        """Ask with the card's token until there is a certificate. Raises `TurnedAway`."""
        self.identity.mend()
        client, asking = RegistrarClient(claim.registrar, claim.port, claim.ca), self.claim_of(claim)
        self._until_granted(client, lambda: client.claim(asking), keep_settings=claim.role is Identity.NODE, first=True)

    def claim_of(self, claim: ClaimFile) -> Claim:
        """What is asked with a card's token; the key is made here and stays here."""
        request = signing_request(self.identity.next_key(), claim.name)
        return Claim(
            token=claim.token, bound=bound(claim.token, request), hall=claim.hall, role=claim.role, name=claim.name,
            request=request, serial=self.machine.serial, model=self.machine.model,
        )  # fmt: skip

    def renew(self, client: RegistrarClient, *, always: bool = False) -> bool:
        """Ask for a new certificate when two thirds of the old one's life are over; whether there is a new one.

        Raises `TurnedAway`, and `NotReached` while the old one is still good, or may be: the caller tries again later.
        """
        self.identity.mend()
        old = self.identity.read()
        if old is None:
            raise TurnedAway(f"{self.identity.certificate}: there is no certificate that could be renewed; enrol first")
        now = self._later_clock(client, old)
        if not (always or is_due(old, now)):
            return False
        request = signing_request(self.identity.next_key(), "renewal")
        asking = Renewal(
            certificate=self.identity.certificate.read_text(encoding="ascii"), request=request,
            proof=self.identity.prove(request), serial=self.machine.serial, model=self.machine.model,
        )  # fmt: skip
        over = left(old, now).total_seconds() <= 0
        self._until_granted(client, lambda: client.renew(asking), keep_settings=self.settings.exists(), patient=over)
        return True

    def _later_clock(self, client: RegistrarClient, old: x509.Certificate) -> datetime:
        """A machine without a clock of its own comes back from the shelf with the time at which it was laid there."""
        own = self.clock()
        try:
            there = client.time()
        except (NotReached, Unwelcome) as error:
            if is_due(old, own):
                return own
            raise NotReached(
                f"{error}; whether it is time for a new certificate is not known without the hall's clock"
            ) from error
        if there <= own:
            return own
        self._set_clock(there)
        return there

    def _until_granted(
        self,
        client: RegistrarClient,
        ask: Callable[[], Standing],
        *,
        keep_settings: bool,
        patient: bool = True,
        first: bool = False,
    ) -> None:
        said = ""
        with self.lamp.taken():
            while True:
                try:
                    standing = ask()
                except Unwelcome as refused:
                    what = refused.refusal.what
                    if refused.refusal.code != PASSES:
                        raise TurnedAway(plain(f"{what.zh} {what.en}")) from refused
                    said = self._weather(f"{what.en}", said)
                except NotReached as error:
                    if not patient:
                        raise
                    said = self._weather(str(error), said)
                else:
                    self._set_clock(standing.at)
                    if standing.state == "granted":
                        self._keep(client, standing, keep_settings=keep_settings, first=first)
                        return
                    if standing.state == "refused":
                        raise TurnedAway("申请被工作人员拒绝。 A person has refused this machine; ask why, then make a new card.")
                    said = self._wait(standing, said)

    def _weather(self, why: str, said: str) -> str:
        if why != said:
            log.warning("%s; trying on", plain(why))
        self.sleep(self.backoff.next())
        return why

    def _wait(self, standing: Standing, said: str) -> str:
        self.backoff.reset()
        dots = in_dots(standing.pattern)
        words = f"waiting for approval; the lamp blinks {dots} · 等待审批，指示灯闪烁 {dots}"
        if words != said:
            log.info("%s (serial %s)", words, self.machine.serial or "unknown")
        self.lamp.show(standing.pattern)
        self.sleep(max(0.1, standing.again - lasts(standing.pattern)))
        return words

    def _set_clock(self, there: datetime) -> None:
        off = (there - self.clock()).total_seconds()
        if self.set_clock is not None and abs(off) > CLOCK_OFF:
            log.warning("this machine's clock was %.0f s off; it is set by the registrar's", off)
            self.set_clock(there)

    def _keep(self, client: RegistrarClient, standing: Standing, *, keep_settings: bool, first: bool) -> None:
        write(self.identity.ca, client.authority)
        if first and self.anchor is not None:
            self.anchor.parent.mkdir(parents=True, exist_ok=True)
            write(self.anchor, client.authority)
        self.identity.remember(client.host, client.port)
        if keep_settings and standing.settings:
            self.settings.parent.mkdir(parents=True, exist_ok=True)
            write(self.settings, standing.settings)
        self.identity.take(standing.certificate)
        certificate = self.identity.read()
        if certificate is not None:
            log.info("there is a certificate, good until %s", f"{certificate.not_valid_after_utc:%Y-%m-%d}")


PASSES = "not-planned"
"""The refusal that passes when somebody adds the node to hall.toml."""
