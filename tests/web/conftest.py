"""The hall, its accounts and its application for every web test."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from litestar import Litestar
from playwright.async_api import Browser

from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.view import HallView
from controller.web.app import create_app
from controller.web.live import Live
from controller.web.serve import listen, serving
from tests.chromium import chromium
from tests.web import happenings
from tests.web.busy import BusyHall, busy_hall
from tests.web.clock import Clock
from tests.web.hall import PaperHall
from tests.web.morning import furnish
from tests.web.scene import config

BASE = "http://hall.test"
PASSWORD = "paper and ink 7"


def browser(app: Litestar, site: str = BASE, **headers: str) -> httpx.AsyncClient:
    """A browser on one of our own pages, without a socket in between."""
    transport = httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=site, headers={"Origin": site, **headers})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome() -> AsyncIterator[Browser]:
    """One Chromium for a module."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BusyHall]:
    """One hall for a module, in which everything happens at once."""
    async with busy_hall(f"sqlite:///{tmp_path_factory.mktemp('hall') / 'hall.db'}", tickets=120) as found:
        await happenings.everything(found)
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BusyHall]:
    """One hall for a module, whose devices are there and in which nothing happens but its queue."""
    async with busy_hall(f"sqlite:///{tmp_path_factory.mktemp('hall') / 'hall.db'}", tickets=40) as found:
        happenings.devices(found)
        await found.settled()
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(clock: Clock) -> Iterator[Accounts]:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with Accounts.open("sqlite://", hasher=quick, clock=clock) as opened:
        opened.ensure_administrator()
        opened.set_password("admin", PASSWORD)
        for role in Role:
            opened.add_user(f"one-{role.value}", role, by="test")
        yield opened


@pytest.fixture
async def hall(clock: Clock) -> PaperHall:
    built = PaperHall(config(), clock=clock)
    furnish(built)
    return built


@pytest.fixture
async def live(hall: PaperHall) -> Live[HallView]:
    return Live(hall, pace=timedelta(milliseconds=5), beat=timedelta(milliseconds=50))


@pytest.fixture
def app(hall: PaperHall, accounts: Accounts, live: Live[HallView], clock: Clock) -> Litestar:
    return create_app(hall, accounts, live=live, clock=clock)


@pytest.fixture
async def anybody(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without an account."""
    async with browser(app) as client:
        yield client


@pytest.fixture
async def staff(anybody: httpx.AsyncClient, accounts: Accounts) -> httpx.AsyncClient:
    """A browser in which an administrator has signed in."""
    await anybody.get("/enter", params={"token": accounts.entry_link("admin")})
    return anybody


@pytest.fixture
async def address(app: Litestar) -> AsyncIterator[str]:
    """The application behind a real socket."""
    async with serving(app, listen("127.0.0.1", 0)) as found:
        yield found
