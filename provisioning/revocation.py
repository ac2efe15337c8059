"""The list of the revoked: written when somebody is shut out and before it grows old, read by the broker, connections ended."""

import asyncio
import logging
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.exc import SQLAlchemyError

from contract.plain import plain
from controller.config_machine import Trust
from controller.enrolment import EnrolmentBook
from controller.enrolment_store import CertificateRow
from link.apart import in_a_thread
from link.takeover import close_connection
from provisioning.ca import HallCa, Revoked
from provisioning.ca_folder import CaFolder
from provisioning.files import write

log = logging.getLogger("hallware.registrar")

FRESH = timedelta(days=1)
"""An older list is written anew, also when nobody was revoked."""
WARN = timedelta(days=90)
"""A list that ends within so long means that no registrar has run for the better part of a year."""
AGAIN = (0.0, 1.0, 2.0, 5.0)
"""Seconds before each end of a connection: whoever is ended before the broker has read the list comes back once more."""


@dataclass
class Revocation:
    """Holds the broker to the book."""

    ca: HallCa
    book: EnrolmentBook
    trust: Trust
    clock: Callable[[], datetime]
    every: float = 2.0
    """Seconds between two looks at the book."""
    _fails: bool = False
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Look, write, end, until cancelled."""
        try:
            while True:
                for name in await self._fresh():
                    closing = asyncio.create_task(self._close(name), name=f"end {name}")
                    self._closing.add(closing)
                    closing.add_done_callback(self._closing.discard)
                await asyncio.sleep(self.every)
        finally:
            for closing in self._closing:
                closing.cancel()
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def _fresh(self) -> set[str]:
        """Who is new on the list; a database or disk that fails is weather, said once."""
        try:
            rows = await in_a_thread(self.write_if_needed)
        except (OSError, SQLAlchemyError) as error:
            if not self._fails:
                log.error(
                    "the list of the revoked cannot be brought up to date: %s; trying on", plain(str(error).splitlines()[0])
                )
            self._fails = True
            return set()
        if self._fails:
            log.info("the list of the revoked is up to date again")
        self._fails = False
        return {row.name for row in rows}

    def write_if_needed(self) -> list[CertificateRow]:
        """Write the list when it lacks somebody or is a day old, and let the broker read it; gives who is new on it."""
        revoked, listed = self.book.revoked(), read_list(CaFolder(self.trust.ca))
        known = set() if listed is None else {entry.serial_number for entry in listed}
        fresh = [row for row in revoked if int(row.serial, 16) not in known]
        if listed is not None and not fresh and self.clock() - _written(listed) < FRESH:
            return []
        if listed is not None and ends_soon(listed, self.clock()):
            log.warning("the list of the revoked would have ended on %s; was no registrar running?", _ends(listed))
        entries = [Revoked(int(row.serial, 16), row.revoked) for row in revoked if row.revoked is not None]
        text = self.ca.revocation_list(entries, self.clock()).public_bytes(Encoding.PEM).decode()
        write(CaFolder(self.trust.ca).revoked, text)
        self._reload()
        for row in fresh:
            log.warning("%s %s is shut out: %s", row.role.value, row.name, row.why or "revoked")
        return fresh

    def _reload(self) -> None:
        if not self.trust.reload:
            return
        try:
            subprocess.run(self.trust.reload, check=True, capture_output=True, timeout=10)
        except (OSError, subprocess.SubprocessError) as error:
            log.error("the broker does not know the new list: `%s` fails: %s", " ".join(self.trust.reload), error)

    async def _close(self, name: str) -> None:
        for wait in AGAIN:
            await asyncio.sleep(wait)
            if not await close_connection(self.trust.loopback, name, self.ca.hall):
                log.error("%s: the broker is out of reach by loopback; a connection may still be open", name)


def read_list(folder: CaFolder) -> x509.CertificateRevocationList | None:
    """The list as the broker reads it, or None when there is none that can be read."""
    try:
        return x509.load_pem_x509_crl(folder.revoked.read_bytes())
    except (OSError, ValueError):
        return None


def ends_soon(listed: x509.CertificateRevocationList, now: datetime) -> bool:
    """Whether it is high time that a registrar runs."""
    return _ends(listed) - now < WARN


def _written(listed: x509.CertificateRevocationList) -> datetime:
    number = listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    return datetime.fromtimestamp(number, tz=_ends(listed).tzinfo)


def _ends(listed: x509.CertificateRevocationList) -> datetime:
    if listed.next_update_utc is None:
        raise ValueError("a list of the revoked without an end is none of ours")
    return listed.next_update_utc
