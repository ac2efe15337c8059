"""Halls for tests of the city's page: what they say, and months of figures, in one PostgreSQL."""

from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from argon2 import PasswordHasher
from sqlalchemy import create_engine, insert

from contract.codec import encode
from contract.values import Text, WaitRange
from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.city.config import CityConfig, CityTable
from controller.config_hours import Names
from controller.figures import Counts
from controller.hall_now import HallNow, IllNow, Kind, ServiceNow, WindowNow
from controller.store import tables
from controller.store.store import Store
from tests.controller.halls import hall_of
from tests.web.month import month

CITY = Names(zh="滨海市政务服务", en="Binhai Citizen Services")
HALLS = {
    "centre": Text(zh="市民中心大厅", en="Citizen Centre"), "north": Text(zh="北区便民大厅", en="North District Hall"),
    "port": Text(zh="港区政务大厅", en="Port District Hall"), "west": Text(zh="西区便民大厅", en="West District Hall"),
}  # fmt: skip
FIRST, DAYS = date(2026, 4, 1), 40
FIRST_AT = datetime(2026, 5, 20, tzinfo=UTC)
_PAPER = Text(zh="纸将用完", en="Paper is low")
_ROLL = Text(zh="请更换纸卷", en="Put in a new roll")


def config(halls: str, accounts: str = "sqlite://") -> CityConfig:
    """A city."""
    return CityConfig(city=CityTable(name=CITY), halls=halls, accounts=accounts, stale=600, every=0.05, figures=0.1)


def people() -> Accounts:
    """Everybody who may look, one of each role."""
    found = Accounts.open("sqlite://", "city", hasher=PasswordHasher(1, 8, 1))
    found.ensure_administrator()
    for role in Role:
        found.add_user(f"one-{role.value}", role, by="test")
    return found


def furnish(url: str) -> None:
    """Four halls: one with troubles, one closed, and one that has not been heard for an hour; with figures of forty days."""
    for hall in HALLS:
        store = Store(url, hall)
        store.open()
        store.tell(encode(told(hall)).decode())
        store.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        at = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(tables.hall_now.update().where(tables.hall_now.c.hall == "west").values(heard=at))
        for seed, hall in enumerate(HALLS):
            work: dict[tuple[date, str, str, str], Counts] = defaultdict(Counts)
            for w in month(hall_of(hall, url), FIRST, DAYS, seed=seed).work:
                work[w.day, w.service, w.window, w.staff] += w.counts
            connection.execute(insert(tables.day_work), [
                {"hall": hall, **dict(zip(("day", "service", "window", "staff"), key, strict=True)), **asdict(counts)}
                for key, counts in work.items()
            ])  # fmt: skip
            marks = [{"hall": hall, "day": FIRST + timedelta(days=n), "at": at} for n in range(DAYS)]
            connection.execute(insert(tables.days_rolled), marks)
    engine.dispose()


def told(hall: str) -> HallNow:
    """What a hall says of itself."""
    number = list(HALLS).index(hall)
    now = datetime.now(UTC)
    ill = (IllNow(node="entrance", place="1F", device="kiosk-1", condition="attention", what=_PAPER, touch=_ROLL, since=now),)
    lost = IllNow(node="desk-7", place="2F", condition="fault", since=now - timedelta(minutes=4))
    return HallNow(
        hall=hall, name=HALLS[hall], timezone="Asia/Shanghai", url=f"https://{hall}.example", open=hall != "port",
        opens=now + timedelta(hours=13) if hall == "port" else None,
        services=(
            ServiceNow(
                service="social", name=Text(zh="社会保障", en="Social security"), waiting=7 + 5 * number,
                since=now - timedelta(minutes=12 + number), wait=WaitRange(low=8, high=14), windows_open=2, windows_needed=3,
            ),
            ServiceNow(service="civil", name=Text(zh="民政", en="Civil affairs"), waiting=number, windows_open=1),
        ),
        windows=(
            _window("w1", "1号窗口", "Window 1", "general", "serving"), _window("w2", "2号窗口", "Window 2", "special", "idle"),
            _window("w3", "3号窗口", "Window 3", "green-channel", None),
        ),
        nodes=4, ill=(*ill, lost) if hall == "centre" else (), help=int(hall == "centre"), cases=3 + number,
        cases_late=int(hall == "north"), deemed=7 if hall == "north" else 0,
    )  # fmt: skip


def _window(name: str, zh: str, en: str, kind: Kind, stage: Literal["idle", "called", "serving"] | None) -> WindowNow:
    return WindowNow(
        window=name, name=Text(zh=zh, en=en), kind=kind, state="closed" if stage is None else "open", stage=stage or "idle"
    )
