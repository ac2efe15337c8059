"""`hallware registrar`: give certificates to the machines that a person has approved, and shut out the revoked."""

import argparse
import asyncio
import logging
import sys
from functools import partial
from pathlib import Path

from controller.accounts import utc_now
from controller.config import HallConfig, load
from controller.enrolment import EnrolmentBook
from controller.web.serve import CannotServe, Tls, listen, serving
from hallware.commands.daemon import asked_to_stop, log_on
from hallware.commands.typed import secret
from hallware.main import UsageProblem
from link.connection import Credentials
from provisioning.ca import HallCa
from provisioning.ca_folder import CaFolder
from provisioning.registrar import Registrar, trust_of
from provisioning.registrar_app import registrar_app
from provisioning.revocation import Revocation
from provisioning.sealed import CannotOpen

log = logging.getLogger("hallware.registrar")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("file", type=Path, metavar="hall.toml")
    parser.add_argument("--host", default="", metavar="ADDRESS", help="listen here only (default: everywhere)")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    hall = load(args.file)
    trust = trust_of(hall)
    log_on()
    try:
        Credentials(trust.loopback)
        ca = CaFolder(trust.ca).open(_ask if sys.stdin.isatty() else None)
        if ca.hall != hall.hall.id:
            raise UsageProblem(f"the CA in {trust.ca} is of hall `{ca.hall}`, hall.toml is of `{hall.hall.id}`")
        asyncio.run(_run(args.file, hall, ca, args.host))
    except (CannotOpen, CannotServe) as problem:
        print(f"hallware registrar: {problem}", file=sys.stderr)
        return 1
    return 0


def _ask() -> str:
    return secret("passphrase of the hall's CA · 大厅 CA 口令: ")


async def _run(path: Path, hall: HallConfig, ca: HallCa, host: str) -> None:
    stop = asked_to_stop()
    trust = trust_of(hall)
    with listen(host or "0.0.0.0", trust.enrolment_port, set_by=("--host", "trust.enrolment_port")) as listening:  # noqa: S104  machines come from the hall's network
        book = await asyncio.to_thread(EnrolmentBook.open, hall.store, hall.hall.id)
        registrar = Registrar(ca, book, partial(load, path), utc_now)
        tls = Tls(trust.certificate, trust.key)
        watching = asyncio.create_task(Revocation(ca, book, trust, utc_now).run(), name="revocation")
        watching.add_done_callback(lambda _: stop.set())
        try:
            async with serving(registrar_app(registrar), listening, closing=lambda _: None, tls=tls) as address:
                log.info("the registrar of hall %s is at %s; its CA is %s", ca.hall, address, ca.fingerprint)
                await stop.wait()
        finally:
            watching.cancel()
            done = await asyncio.gather(watching, return_exceptions=True)
            book.close()
        if isinstance(done[0], Exception):
            raise done[0]
