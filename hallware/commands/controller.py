"""`hallware controller`: run the hall's controller from hall.toml."""

import argparse
import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from controller.accounts import Accounts
from controller.alone import AnotherController, refuse_another
from controller.config import HallConfig, load
from controller.enrolment import EnrolmentBook
from controller.running import running
from controller.service import HallService
from controller.store.errors import StoreError
from controller.store.store import translated
from controller.web.app import create_app
from controller.web.office import PlanFile
from controller.web.serve import CannotServe, listen, serving
from hallware.commands.daemon import asked_to_stop, log_on, until
from hallware.press import Press, keep_read
from link.apart import beside

log = logging.getLogger("hallware.controller")

LEVELS = ("debug", "info", "warning", "error")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("file", type=Path, metavar="hall.toml", help="the hall's services, windows, zones and rules")
    parser.add_argument(
        "--log", choices=LEVELS, default="info", metavar="LEVEL", help=f"one of {', '.join(LEVELS)} (default: info)"
    )


def run(args: argparse.Namespace) -> int:
    """Run the controller until SIGTERM or Ctrl-C."""
    config = load(args.file)
    log_on(args.log)
    for chatty in ("alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        asyncio.run(_run(config, PlanFile(args.file.resolve(), args.file.read_text(encoding="utf-8"))))
    except (StoreError, CannotServe, AnotherController) as problem:
        print(f"hallware controller: {problem}", file=sys.stderr)
        return 1
    return 0


async def _run(config: HallConfig, plan: PlanFile) -> None:
    stop, press = asked_to_stop(), Press(config)
    with listen(config.http.host, config.http.port) as listening:  # before the hall and the broker are touched
        await refuse_another(config)
        async with running(config, forms=press.forms) as now, _pages(config, now.hall, listening, press, plan) as address:
            log.info("pages at %s", config.http.public_url or address)
            async with beside(keep_read(press, now.hall), now.hall.broken, name="slip templates"):
                await until(stop, now.hall.ended())
            log.info("stopping")


@asynccontextmanager
async def _pages(
    config: HallConfig, hall: HallService, listening: socket.socket, press: Press, plan: PlanFile
) -> AsyncIterator[str]:
    with translated(config.store):
        accounts = await asyncio.to_thread(Accounts.open, config.store, config.hall.id)
    book = await asyncio.to_thread(EnrolmentBook.open, config.store, config.hall.id) if config.trust else None
    try:
        async with serving(create_app(hall, accounts, book=book, press=press, plan=plan), listening) as address:
            with translated(config.store):
                await asyncio.to_thread(invite_first, accounts, config.http.public_url or address)
            yield address
    finally:
        accounts.close()
        if book is not None:
            book.close()


def invite_first(accounts: Accounts, address: str) -> None:
    """A way in for the first administrator, as long as nobody can sign in by password."""
    admin = accounts.ensure_administrator()
    if not any(user.has_password and not user.disabled for user in accounts.users()):
        log.info("nobody has a password yet; sign in once as %s: %s/enter?token=%s", admin, address, accounts.entry_link(admin))
