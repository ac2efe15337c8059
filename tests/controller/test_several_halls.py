"""Several halls keep to themselves in one PostgreSQL, each with a controller of its own, however alike their names are."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.enrolment import Identity
from contract.events import RatingGiven, StayStarted
from contract.values import Text
from controller import accounts_tables
from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.enrolment import EnrolmentBook
from controller.queue.facts import DayStarted
from controller.running import Running, running
from controller.store import schema, tables
from controller.store.errors import StoreTaken
from controller.store.store import Store
from tests.controller.halls import NOON, after, hall_of
from tests.controller.play import Client, today
from tests.controller.test_store import DAY, batch, granted
from tests.postgres import Postgres

HALLS = ("north", "south", "west")
TABLES = (*tables.metadata.sorted_tables, *accounts_tables.metadata.sorted_tables)
SHARED = {"account_event"}
"""Has a number of its own for all halls, to which nothing refers."""


@pytest.fixture
def engine(postgres: Postgres) -> Iterator[Engine]:
    """A database without anything in it."""
    engine = create_engine(postgres.new_database())
    yield engine
    engine.dispose()


def rows_of(connection: Connection, hall: str) -> dict[str, list[Any]]:
    """Everything that a database has of one hall, but for the row that it rewrites every few seconds to say how it is."""
    lasting = [table for table in TABLES if table is not tables.hall_now]
    return {table.name: sorted(map(str, connection.execute(select(table).where(table.c.hall == hall)))) for table in lasting}


@asynccontextmanager
async def halls(broker: MosquittoProcess, url: str) -> AsyncIterator[dict[str, Running]]:
    """All three, begun together."""
    async with AsyncExitStack() as stack:
        begun = (stack.enter_async_context(running(hall_of(name, url, port=broker.port))) for name in HALLS)
        yield dict(zip(HALLS, await asyncio.gather(*begun), strict=True))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Everything that databases are asked meanwhile."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def test_the_hall_stands_in_every_key() -> None:
    for table in TABLES:
        assert table.c.hall.nullable is False
        assert table.c.hall.primary_key or table.name in SHARED, table.name
        for constraint in table.constraints:
            named = [column.name for column in constraint.columns]  # type: ignore[attr-defined]
            assert "hall" in named or table.name in SHARED, (table.name, named)
        for index in table.indexes:
            assert index.columns.keys()[0] == "hall", index.name


def test_those_who_come_at_once_make_the_tables_once(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    together = threading.Barrier(8)

    def open_all(number: int) -> str:
        together.wait(20)
        if number % 2:
            Accounts.open(url, f"hall-{number}", hasher=PasswordHasher(1, 8, 1)).close()
            EnrolmentBook.open(url, f"hall-{number}").close()
            return "accounts"
        store = Store(url, f"hall-{number}")
        store.open()
        loaded = store.load()
        store.close()
        return "new" if loaded.facts == [] else "old"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(open_all, range(8))) == ["accounts"] * 4 + ["new"] * 4
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


async def test_three_controllers_serve_the_same_numbers_and_never_each_other(broker: MosquittoProcess, engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    async with AsyncExitStack() as stack:
        asked = stack.enter_context(statements())
        there = await stack.enter_async_context(halls(broker, url))
        clients = {name: await stack.enter_async_context(Client(broker, f"tester-{name}", name)) for name in HALLS}
        served = dict(zip(HALLS, await asyncio.gather(*(_morning(clients[name]) for name in HALLS)), strict=True))
        assert {seen["number"] for seen in served.values()} == {"A001"}
        assert len({seen["ticket"] for seen in served.values()}) == len(HALLS)
        with engine.connect() as connection:
            before = rows_of(connection, "north")
        await clients["south"].ask(dispatch.IssueTicket(service="social"))
        await clients["south"].ask(dispatch.PostNotice(text=Text(zh="停电", en="No power"), urgent=True))
        await there["south"].hall.roll_up()
        await there["south"].hall.forget()
        with engine.connect() as connection:
            assert rows_of(connection, "north") == before
        for name in HALLS:
            hall = there[name].hall
            assert [row.level for row in await hall.ratings(today())] == [5]
            assert (await hall.report(today(), today())).all.served == 1
            assert await hall.ticket(served[name]["ticket"]) is not None
            assert all([await hall.ticket(served[other]["ticket"]) is None for other in HALLS if other != name])
    _every_statement_names_the_hall(asked)


async def _morning(client: Client) -> dict[str, str]:
    """One person's visit, with a rating and a stay whose ids are the same in every hall."""
    issued = await client.ask(dispatch.IssueTicket(service="social"))
    assert issued.number is not None
    called = await client.ask(dispatch.CallNext(window="w1"))
    assert called.number == issued.number
    await client.ask(dispatch.Start(window="w1"))
    await client.ask(dispatch.Finish(window="w1"))
    invited = await client.said(topics.RATING_INVITE, window="w1")
    await client.report("desk", "rater-1", RatingGiven(rating=invited.rating, window="w1", level=5, after=4.0))
    await client.acked("desk", 1)
    await client.report("room-node", "room-1", StayStarted(stay="stay-number-1", room="nursery", cubicle="left"))
    await client.acked("room-node", 1)
    return {"number": issued.number, "ticket": str(issued.ticket)}


def _every_statement_names_the_hall(asked: list[str]) -> None:
    """Whatever went to a table of ours was for one hall."""
    ours = [
        statement for statement in asked if any(f" {table.name}" in statement for table in TABLES if table.name not in SHARED)
    ]
    assert len(ours) > 50
    for statement in ours:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            assert ".hall = " in statement.partition("WHERE")[2], statement
        elif statement.startswith("INSERT"):
            assert "hall" in statement.partition("VALUES")[0], statement


def test_a_closing_day_and_a_void_ticket_of_one_hall_leave_the_other_alone(engine: Engine) -> None:
    north, south = (Store(engine.url.render_as_string(hide_password=False), name) for name in ("north", "south"))
    for store in (north, south):
        store.open()
        store.load()
        store.commit(batch(DayStarted(at=NOON, day=DAY), granted("one"), granted("two", "A002")))
    with engine.connect() as connection:
        before = rows_of(connection, "north")
    south.commit(batch(DayStarted(at=after(60), day=DAY + timedelta(days=1), closed=DAY)))
    with engine.connect() as connection:
        assert rows_of(connection, "north") == before
    assert {store.hall: _state(store) for store in (north, south)} == {"north": "printing", "south": "unserved"}
    with pytest.raises(StoreTaken, match="keeps hall `north`"):
        Store(north.url, "north").open()
    for store in (north, south):
        store.close()


def _state(store: Store) -> str:
    ticket = store.ticket("one")
    assert ticket is not None
    return ticket.state


def test_whoever_is_signed_in_to_one_hall_is_nobody_in_another(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    north, south = (Accounts.open(url, name, hasher=PasswordHasher(1, 8, 1)) for name in ("north", "south"))
    for accounts in (north, south):
        accounts.add_user("li", Role.WINDOW, by="test")
    secret, token = north.enter(north.entry_link("li"), "a"), north.new_token("li", "board")
    assert south.session(secret) is None
    assert south.bearer(token) is None
    south.sign_out(secret)
    south.end_token("li", north.tokens("li")[0].id)
    south.change_user("li", role=Role.WINDOW, disabled=True, by="test")
    assert north.session(secret) is not None
    assert north.bearer(token) is not None
    for accounts in (north, south):
        accounts.close()


def test_a_card_of_one_hall_lets_nobody_into_another(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    north, south = (EnrolmentBook.open(url, name) for name in ("north", "south"))
    for book in (north, south):
        book.invite("desk", Identity.NODE, "test")
    asked = north.ask("desk", Identity.NODE, "key", "request", "1", "pi", "a")
    assert south.request_of("key") is None
    with engine.begin() as connection:  # by chance the same number
        row = connection.execute(select(_requests).where(_requests.c.hall == "north")).mappings().one()
        connection.execute(insert(_requests).values({**row, "hall": "south"}))
    south.decide(asked.id, approve=True, by="test")
    assert [row.state for row in north.waiting()] == ["waiting"]
    south.revoke("desk", "test")
    assert len(north.tokens()) == 1
    for book in (north, south):
        book.close()


_requests = accounts_tables.metadata.tables["enrolment_request"]


def test_keys_of_an_older_database_get_their_hall_and_rows_stay(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        connection.execute(text("INSERT INTO account_user (hall, name, role, disabled, created) VALUES "
                                "('centre', 'li', 'viewer', false, '2026-05-04 04:00:00')"))  # fmt: skip
        connection.execute(text("INSERT INTO account_session (digest, hall, \"user\", created, seen) VALUES "
                                "('secret', 'centre', 'li', '2026-05-04 04:00:00', '2026-05-04 04:00:00')"))  # fmt: skip
        connection.execute(text("INSERT INTO enrolment_event (id, hall, at, actor, what, about) VALUES "
                                "('e1', 'centre', '2026-05-04 04:00:00', 'a', 'asked', 'x')"))  # fmt: skip
    store = Store(database, "centre")
    store.open()
    store.close()
    book, accounts = EnrolmentBook.open(database, "centre"), Accounts.open(database, "centre", hasher=PasswordHasher(1, 8, 1))
    assert [name for _, name, *_ in book.events()] == ["a"]
    assert [(user.name, user.created) for user in accounts.users()] == [("li", NOON)]
    accounts.change_user("li", role=Role.VIEWER, disabled=True, by="test")  # takes the session away
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM account_session")).scalar() == 0
        assert inspect(connection).get_pk_constraint("account_session")["constrained_columns"] == ["hall", "digest"]
        assert inspect(connection).get_unique_constraints("account_token")[0]["column_names"] == ["hall", "digest"]
    for opened in (book, accounts):
        opened.close()
    engine.dispose()
