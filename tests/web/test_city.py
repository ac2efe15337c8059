"""The city's page tells of every hall what is so, says plainly what nobody knows, and can change nothing in the halls."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from broker_config.process import MosquittoProcess
from contract import dispatch
from contract.codec import decode
from contract.settings import BadSettings, parse
from controller.accounts import Accounts
from controller.accounts_roles import RIGHTS, Role
from controller.city.config import CityConfig
from controller.city.following import City, following
from controller.city.reading import Halls
from controller.city.values import CityReport, CityView
from controller.figures import Counts
from controller.hall_rules import HallRules
from controller.reporting import figures
from controller.running import running
from controller.store import rollups
from controller.store.counting import Span
from controller.store.errors import StoreBroken
from controller.store.store import Store
from controller.web.city_app import create_city_app
from hallware.commands.city_page import grants
from tests.controller.halls import hall_of
from tests.controller.play import DEADLINE, Client, today, until
from tests.controller.test_reports import SHANGHAI, Days
from tests.postgres import Postgres
from tests.web import cityscape
from tests.web.conftest import browser

SAID = """{"hall": "%s", "deemed": %d, "name": {"zh": "x", "en": "x"}, "timezone": "Asia/Shanghai", "windows": [
  {"window": "w1", "name": {"zh": "1", "en": "1"}, "kind": "general", "state": "open", "stage": "idle"}]}"""
PATHS = {"{hall:str}": "centre", "{table:str}": "halls"}


@pytest.fixture(scope="module")
def furnished(postgres: Postgres) -> str:
    """Four halls, for tests that only look."""
    url = postgres.new_database()
    cityscape.furnish(url)
    return url


@pytest.fixture
def people() -> Iterator[Accounts]:
    with cityscape.people() as found:
        yield found


@pytest.fixture
async def city(furnished: str) -> AsyncIterator[City]:
    async with following(cityscape.config(furnished)) as found:
        yield found


@pytest.fixture
def app(city: City, people: Accounts) -> Litestar:
    return create_city_app(city, people)


@pytest.fixture
async def viewer(app: Litestar, people: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which a viewer has signed in."""
    async with browser(app) as client:
        await client.get("/enter", params={"token": people.entry_link("one-viewer")})
        yield client


async def get(client: httpx.AsyncClient, path: str, kind: type[Any]) -> Any:
    """What the API says."""
    answer = await client.get(f"/api/v1{path}")
    assert answer.status_code == HTTPStatus.OK, answer.text
    return decode(answer.content, kind)


async def test_real_halls_are_seen_as_they_are_and_one_that_has_ended_is_not_heard(
    broker: MosquittoProcess, postgres: Postgres, people: Accounts
) -> None:
    url = postgres.new_database()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(hall_of("south", url, port=broker.port)))
        async with running(hall_of("north", url, port=broker.port)) as north, Client(broker, "people", "north") as client:
            await north.link.wait_up(DEADLINE)  # nobody keeps what is asked of a hall that does not hear yet
            for _ in range(3):
                await client.ask(dispatch.IssueTicket(service="social"))
            await client.ask(dispatch.CallNext(window="w1"))
            await client.ask(dispatch.Start(window="w1"))
            await client.ask(dispatch.Finish(window="w1"))
            city = await stack.enter_async_context(following(cityscape.config(url)))
            await until(lambda: (told := city.known("north")) and told.now.waiting == 2 and told.today)
            told, other = city.known("north"), city.known("south")
            assert told is not None
            assert other is not None
            assert (told.fresh, told.now.open, told.now.windows_open, len(told.now.windows)) == (True, True, 2, 3)
            assert told.now.since is not None
            assert {ill.node for ill in told.now.ill} == {"entrance", "desk", "room-node"}  # nobody has plugged them in
            assert told.today is not None
            assert (told.today.tickets, told.today.served, other.now.waiting) == (3, 1, 0)
            assert (await city.report(today(), today())).all.served == 1
        engine = create_engine(url)
        with engine.begin() as connection:  # as if an hour had passed since
            connection.execute(text("UPDATE hall_now SET heard = heard - 3600000000 WHERE hall = 'north'"))
        engine.dispose()
        await until(lambda: (told := city.known("north")) and not told.fresh, "north to be missed")
        told, other = city.known("north"), city.known("south")
        assert told is not None
        assert other is not None
        assert (told.now.waiting, other.fresh) == (2, True)


def test_the_city_counts_what_each_hall_counts(postgres: Postgres) -> None:
    url, ours = postgres.new_database(), {}
    for number, name in enumerate(("north", "south")):
        rules = HallRules.of(hall_of(name, url))
        days, store = Days(rules), Store(url, name)
        store.open()
        for _ in range(2 + number):
            _visit(days)
        days.now += timedelta(days=1)
        days.tick()
        _visit(days)
        store.load()
        store.commit(days.batch)
        first = days.facts[0][0]
        if name == "north":  # in one hall the first day is rolled up, in the other no day is
            store.roll_up(first + timedelta(days=1), SHANGHAI, days.now)
        span = Span(name, first, first + timedelta(days=2), SHANGHAI)
        assert store._connection is not None
        with store._connection.begin():
            ours[name] = rollups.summed(store._connection, span)
        store.tell(SAID % (name, name == "north"))
        store.close()

    async def asked() -> CityReport:
        async with following(cityscape.config(url), lambda: days.now) as city:
            return await city.report(first, first + timedelta(days=2))

    said = asyncio.run(asked())
    everything = [counts for found in ours.values() for counts in found.days.values()]
    settled = ours["north"].days[first]  # whose rule is one day, and which did not rate on the first of two
    assert said.all == figures(Counts.sum(everything), settled)
    assert (said.all.served, said.all.ratings.deemed, said.all.ratings.satisfaction) == (7, 2, 1.0)
    assert {part.hall: part.figures for part in said.halls} == {
        name: figures(Counts.sum(found.days.values()), settled if name == "north" else None) for name, found in ours.items()
    }
    assert [sum(part.figures.ratings.deemed for part in parts) for parts in (said.days, said.months, said.kinds)] == [2, 2, 2]
    assert sum(day.figures.tickets for day in said.days) == sum(month.figures.tickets for month in said.months) == 7
    assert {part.kind: part.figures.served for part in said.kinds} == {"general": 7}


def _visit(days: Days) -> None:
    days.tick()
    days.order(dispatch.IssueTicket(service="social"))
    for do in (dispatch.CallNext(window="w1"), dispatch.Start(window="w1"), dispatch.Finish(window="w1")):
        days.now += timedelta(minutes=2)
        days.order(do)


async def test_a_hall_that_is_silent_is_marked_and_counted_nowhere(viewer: httpx.AsyncClient) -> None:
    view: CityView = await get(viewer, "/city", CityView)
    assert [(hall.now.hall, hall.fresh) for hall in view.halls] == [
        ("centre", True), ("north", True), ("port", True), ("west", False)
    ]  # fmt: skip
    page = (await viewer.get("/?lang=en")).text
    assert "West District Hall" in page
    assert "Not heard" in page
    assert f"<strong>{7 + 12 + 1 + 17 + 2}</strong>" in page  # who waits in the three halls that are heard


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_stands_in_both_languages(viewer: httpx.AsyncClient, lang: str) -> None:
    for path in (
        "/", "/hall/centre", "/hall/west", "/reports", "/reports?month=2026-04", "/reports?first=2026-04-01&last=2026-05-10",
        "/reports?first=2026-04-01&last=2026-05-10&hall=north", "/account",
    ):  # fmt: skip
        answer = await viewer.get(path, params=None, headers={"Accept-Language": lang})
        assert answer.status_code == HTTPStatus.OK, path
        assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in answer.text


async def test_files_say_the_same_as_the_api(viewer: httpx.AsyncClient) -> None:
    report: CityReport = await get(viewer, "/reports/month?month=2026-04", CityReport)
    assert sum(part.figures.tickets for part in report.halls) == report.all.tickets > 0
    lines = (await viewer.get("/reports/csv/halls?month=2026-04&lang=en")).text.splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [str(part.figures.tickets) for part in report.halls]
    one: CityReport = await get(viewer, "/reports/month?month=2026-04&hall=north", CityReport)
    assert one.all == next(part.figures for part in report.halls if part.hall == "north")
    now = (await viewer.get("/now.csv?lang=en")).text.splitlines()
    assert [line.split(",")[:3] for line in now[3:]] == [
        ["Port District Hall", "port", "Closed"], ["West District Hall", "west", "Not heard"]
    ]  # fmt: skip


async def test_the_page_says_how_many_count_as_satisfied_by_the_rule_of_their_hall(furnished: str, people: Accounts) -> None:
    may = following(cityscape.config(furnished), lambda: cityscape.FIRST_AT)
    async with may as city, browser(create_city_app(city, people)) as client:
        await client.get("/enter", params={"token": people.entry_link("one-viewer")})
        of_all = (await client.get("/reports?month=2026-04&lang=en")).text
        of_another = (await client.get("/reports?month=2026-04&lang=en&hall=centre")).text
    assert "not rated count as Fairly satisfied by the rule of their hall" in of_all
    assert "by the rule of their hall" not in of_another


@pytest.mark.parametrize("path", ["/hall/nowhere", "/reports?hall=nowhere", "/reports?month=2026-13", "/reports/csv/nothing"])
async def test_what_there_is_not_is_said(viewer: httpx.AsyncClient, path: str) -> None:
    assert (await viewer.get(path)).status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)


@pytest.mark.parametrize("role", [None, *Role])
async def test_everybody_may_what_the_table_of_rights_says(app: Litestar, people: Accounts, role: Role | None) -> None:
    async with browser(app) as client:
        if role is not None:
            await client.get("/enter", params={"token": people.entry_link(f"one-{role.value}")})
        for route in app.routes:
            if not isinstance(route, HTTPRoute) or "/live" in route.path or route.path.startswith("/static"):
                continue
            for handler in route.route_handlers:
                right = handler.opt.get("right")
                if "GET" not in handler.http_methods or right is None:
                    continue
                path = route.path
                for place, name in PATHS.items():
                    path = path.replace(place, name)
                status = (await client.get(path)).status_code
                wanted = 401 if role is None else 200 if role in RIGHTS[right] else 403
                assert status == wanted, (path, role)


def test_the_role_of_the_city_reads_figures_and_nothing_else(furnished: str, postgres: Postgres) -> None:
    url = furnished.replace("hallware@", "hallware_city@")
    owner = create_engine(furnished, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for line in grants(cityscape.config(url)).splitlines()[1:]:
            connection.exec_driver_sql(line)
    halls = Halls(url)
    assert [told.now.hall for told in halls.told()[1]] == sorted(cityscape.HALLS)
    found = halls.counted([cityscape.told("north")], cityscape.FIRST, cityscape.FIRST, cityscape.FIRST_AT)
    assert Counts.sum(found.days.values()).tickets > 0
    halls.close()
    reader = create_engine(url)
    for forbidden in (
        "SELECT * FROM account_user", "SELECT * FROM appointments", "SELECT * FROM facts", "SELECT * FROM audit",
        "SET TRANSACTION READ WRITE; UPDATE hall_now SET body = ''",
        "SET TRANSACTION READ WRITE; DELETE FROM tickets",
    ):  # fmt: skip
        with reader.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.exec_driver_sql(forbidden)
    reader.dispose()
    with owner.connect() as connection:
        connection.exec_driver_sql('DROP OWNED BY "hallware_city"')
        connection.exec_driver_sql('DROP ROLE "hallware_city"')
    owner.dispose()


def test_not_even_the_owner_writes_through_the_citys_connection(furnished: str) -> None:
    halls = Halls(furnished)
    with pytest.raises(StoreBroken, match="read-only"), halls._reading() as connection:
        connection.execute(text("DELETE FROM hall_now"))
    halls.close()


async def test_while_the_database_is_away_every_hall_is_marked_and_comes_back(postgres: Postgres) -> None:
    url = postgres.new_database()
    cityscape.furnish(url)
    async with following(cityscape.config(url)) as city:
        assert city.view().reads
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE hall_now RENAME TO gone"))
        await until(lambda: not city.view().reads)
        assert [hall.fresh for hall in city.view().halls] == [False] * 4
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO hall_now"))
        await until(lambda: city.view().reads)
        assert [hall.fresh for hall in city.view().halls] == [True, True, True, False]
        engine.dispose()


async def test_a_hall_of_a_later_version_is_read_as_far_as_it_can_be(postgres: Postgres) -> None:
    url = postgres.new_database()
    for hall, body in (
        ("a", '{"hall":"a","name":{"zh":"x","en":"x"},"timezone":"Asia/Shanghai","new":[1]}'),
        ("b", '{"x":1}'),
        ("c", '{"hall":"c","name":{"zh":"x","en":"x"},"timezone":"Mars/Olympus"}'),
    ):
        store = Store(url, hall)
        store.open()
        store.tell(body)
        store.close()
    async with following(cityscape.config(url)) as city:
        assert [hall.now.hall for hall in city.view().halls] == ["a"]


def test_a_file_is_no_database_of_several_halls() -> None:
    with pytest.raises(BadSettings, match="several halls"):
        parse('halls = "sqlite:///x.db"\n[city]\nname = { zh = "x", en = "x" }\n', CityConfig, name="city.toml")
