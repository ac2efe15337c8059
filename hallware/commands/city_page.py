"""`hallware city-page`: the page of all halls of one PostgreSQL, or the rights that its role there needs."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from sqlalchemy import make_url

from controller.accounts import Accounts
from controller.city.config import CityConfig, load
from controller.city.following import following
from controller.city.reading import READ
from controller.store.errors import StoreError
from controller.store.store import translated
from controller.web.city_app import create_city_app
from controller.web.serve import CannotServe, listen, serving
from hallware.commands.controller import invite_first
from hallware.commands.daemon import asked_to_stop, log_on, until

log = logging.getLogger("hallware.city")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("file", type=Path, metavar="city.toml", help="the city's name, the halls' database, who may look")
    parser.add_argument("--grants", action="store_true", help="print the SQL that makes the role of city.toml, and end")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    config = load(args.file)
    if args.grants:
        print(grants(config), end="")
        return 0
    log_on()
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        asyncio.run(_run(config))
    except (StoreError, CannotServe) as problem:
        print(f"hallware city-page: {problem}", file=sys.stderr)
        return 1
    return 0


def grants(config: CityConfig) -> str:
    """What whoever owns the halls' database runs once, and again after an update that adds tables."""
    url = make_url(config.halls)
    role, database = url.username or "hallware_city", url.database or "hallware"
    return (
        f'-- psql --dbname="{database}", as the owner of the tables; give the role a password with \\password {role}\n'
        f'CREATE ROLE "{role}" LOGIN;\n'
        f'ALTER ROLE "{role}" SET default_transaction_read_only = on;\n'
        f'GRANT CONNECT ON DATABASE "{database}" TO "{role}";\n'
        f'GRANT USAGE ON SCHEMA public TO "{role}";\n'
        f'GRANT SELECT ON {", ".join(table.name for table in READ)} TO "{role}";\n'
    )


async def _run(config: CityConfig) -> None:
    stop = asked_to_stop()
    with listen(config.http.host, config.http.port) as listening, translated(config.accounts):
        accounts = await asyncio.to_thread(Accounts.open, config.accounts, "city")
        try:
            async with following(config) as city, serving(create_city_app(city, accounts), listening) as address:
                await asyncio.to_thread(invite_first, accounts, config.http.public_url or address)
                log.info("%d halls at %s", len(city.view().halls), config.http.public_url or address)
                await until(stop, city.ended())
        finally:
            accounts.close()
