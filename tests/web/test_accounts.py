"""Accounts: secrets that go out once, links that are good once, and waiting for those who guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine, text

from controller.accounts import Accounts, BadLink, BadPassword, BadUser, TooManyTries, WrongPassword
from controller.accounts_limit import FREE_FAILURES, MOST_KEYS, SignInLimit
from controller.accounts_roles import ACTION_RIGHTS, ACTION_TAGS, RIGHTS, Right, Role
from tests.web.clock import Clock
from tests.web.conftest import PASSWORD


def test_right_password_begins_a_session(accounts: Accounts) -> None:
    person = accounts.session(accounts.sign_in("admin", PASSWORD, "10.0.0.1"))
    assert person is not None
    assert (person.name, person.role, person.actor) == ("admin", Role.ADMINISTRATOR, "web:admin")


@pytest.mark.parametrize(
    ("name", "password"), [("admin", "paper and ink 8"), ("nobody", PASSWORD), ("one-viewer", ""), ("\0", ""), ("", "")]
)
def test_wrong_password_unknown_name_and_no_password_look_the_same(accounts: Accounts, name: str, password: str) -> None:
    with pytest.raises(WrongPassword, match="Name or password is wrong"):
        accounts.sign_in(name, password, "10.0.0.1")


def test_guessing_has_to_wait_longer_each_time_and_a_pause_helps(accounts: Accounts, clock: Clock) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(WrongPassword):
            accounts.sign_in("admin", "guess", "10.0.0.1")
    with pytest.raises(TooManyTries) as first:
        accounts.sign_in("admin", PASSWORD, "10.0.0.1")
    clock.pass_by(seconds=first.value.after.total_seconds())
    with pytest.raises(WrongPassword):
        accounts.sign_in("admin", "guess", "10.0.0.1")
    with pytest.raises(TooManyTries) as second:
        accounts.sign_in("admin", PASSWORD, "10.0.0.1")
    assert second.value.after > first.value.after * 1.5
    clock.pass_by(seconds=second.value.after.total_seconds())
    assert accounts.sign_in("admin", PASSWORD, "10.0.0.1")


def test_guessing_many_names_from_one_address_has_to_wait_too(accounts: Accounts) -> None:
    for name in ("a", "b", "c", "d", "e"):
        with pytest.raises(WrongPassword):
            accounts.sign_in(name, "guess", "10.0.0.1")
    with pytest.raises(TooManyTries):
        accounts.sign_in("admin", PASSWORD, "10.0.0.1")
    assert accounts.sign_in("admin", PASSWORD, "10.0.0.2")


@given(st.lists(st.text(max_size=3), max_size=30))
def test_the_limit_never_blocks_who_never_failed(names: list[str]) -> None:
    limit, clock = SignInLimit(), Clock()
    for name in names:
        limit.failed((f"user {name}",), clock())
    assert not limit.wait(("somebody else",), clock())


def test_a_flood_of_names_does_not_fill_the_memory() -> None:
    limit, clock = SignInLimit(), Clock()
    for number in range(MOST_KEYS + 50):
        limit.failed((str(number),), clock())
    assert len(limit._failures) == MOST_KEYS


def test_one_time_link_is_good_once(accounts: Accounts) -> None:
    link = accounts.entry_link("one-window")
    assert accounts.enter(link, "10.0.0.1")
    with pytest.raises(BadLink, match="used already"):
        accounts.enter(link, "10.0.0.1")


def test_one_time_link_is_short_lived(accounts: Accounts, clock: Clock) -> None:
    link = accounts.entry_link("one-window")
    clock.pass_by(minutes=31)
    with pytest.raises(BadLink):
        accounts.enter(link, "10.0.0.1")


def test_session_ends_by_idling_by_age_and_by_signing_out(accounts: Accounts, clock: Clock) -> None:
    idle = accounts.sign_in("admin", PASSWORD, "a")
    clock.pass_by(hours=11)
    assert accounts.session(idle) is None
    old = accounts.sign_in("admin", PASSWORD, "a")
    for _ in range(18):
        clock.pass_by(hours=9)
        assert accounts.session(old) is not None
    clock.pass_by(hours=9)
    assert accounts.session(old) is None
    left = accounts.sign_in("admin", PASSWORD, "a")
    accounts.sign_out(left)
    accounts.sign_out(left)
    assert accounts.session(left) is None


def test_new_password_ends_sessions_elsewhere_and_unused_links(accounts: Accounts) -> None:
    elsewhere, link = accounts.sign_in("admin", PASSWORD, "a"), accounts.entry_link("admin")
    accounts.set_password("admin", "another fine one")
    assert accounts.session(elsewhere) is None
    with pytest.raises(BadLink):
        accounts.enter(link, "a")


@pytest.mark.parametrize("password", ["short", "x" * 201, "my admin password"])
def test_poor_passwords_are_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(BadPassword):
        accounts.set_password("admin", password)


def test_locking_a_user_ends_sessions_tokens_and_links(accounts: Accounts) -> None:
    session = accounts.enter(accounts.entry_link("one-window"), "a")
    token, link = accounts.new_token("one-window", "board"), accounts.entry_link("one-window")
    accounts.change_user("one-window", role=Role.WINDOW, disabled=True, by="test")
    assert accounts.session(session) is None
    assert accounts.bearer(token) is None
    with pytest.raises(BadLink):
        accounts.enter(link, "a")


def test_last_administrator_stays(accounts: Accounts) -> None:
    accounts.change_user("one-administrator", role=Role.ADMINISTRATOR, disabled=True, by="test")
    with pytest.raises(BadUser, match="last administrator"):
        accounts.change_user("admin", role=Role.VIEWER, disabled=False, by="test")
    assert accounts.ensure_administrator() == "admin"


@pytest.mark.parametrize("name", ["", "Li", "li wang", "-li", "x" * 41, "李", "li;drop"])
def test_odd_user_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadUser):
        accounts.add_user(name, Role.VIEWER, by="test")


def test_a_name_belongs_to_one_user(accounts: Accounts) -> None:
    with pytest.raises(BadUser, match="already"):
        accounts.add_user("admin", Role.VIEWER, by="test")


def test_token_is_shown_once_works_and_can_be_withdrawn(accounts: Accounts) -> None:
    token = accounts.new_token("one-dispatch", "queue display")
    person = accounts.bearer(token)
    assert person is not None
    assert person.role is Role.DISPATCH
    (row,) = accounts.tokens("one-dispatch")
    assert row.label == "queue display"
    assert token not in str(row)
    accounts.end_token("one-viewer", row.id)
    assert accounts.bearer(token) is not None
    accounts.end_token("one-dispatch", row.id)
    assert accounts.bearer(token) is None


def test_database_holds_no_secret_that_works(database: str) -> None:
    with Accounts.open(database) as accounts:
        name = accounts.ensure_administrator()
        accounts.set_password(name, PASSWORD)
        given = [accounts.sign_in(name, PASSWORD, "a"), accounts.entry_link(name), accounts.new_token(name, "x"), PASSWORD]
    with create_engine(database, poolclass=NullPool).connect() as connection:
        tables = ("account_user", "account_session", "account_link", "account_token", "account_event")
        stored = [str(row) for table in tables for row in connection.execute(text(f"select * from {table}"))]
    assert not [secret for secret in given if any(secret in row for row in stored)]
    assert any("$argon2id$" in row for row in stored)


def test_halls_in_one_database_know_nothing_of_each_other(database: str) -> None:
    with Accounts.open(database, "east") as east, Accounts.open(database, "west") as west:
        name = east.ensure_administrator()
        session, link, token = east.enter(east.entry_link(name), "a"), east.entry_link(name), east.new_token(name, "x")
        assert west.users() == []
        assert west.session(session) is None
        assert west.bearer(token) is None
        with pytest.raises(BadLink):
            west.enter(link, "a")
        assert west.ensure_administrator() == name
        assert [event.what for event in west.events()] == ["made-administrator"]
        assert east.enter(link, "a")


def test_accounts_outlive_a_restart(database: str) -> None:
    with Accounts.open(database) as accounts:
        link = accounts.entry_link(accounts.ensure_administrator())
    with Accounts.open(database) as again:
        session = again.enter(link, "a")
    with Accounts.open(database) as third:
        assert third.session(session) is not None
        assert [user.name for user in third.users()] == ["admin"]


def test_everything_that_happens_to_accounts_is_written_down(accounts: Accounts) -> None:
    with pytest.raises(WrongPassword):
        accounts.sign_in("admin", "guess", "10.0.0.9")
    accounts.change_user("one-viewer", role=Role.WINDOW, disabled=False, by="web:admin")
    changed, refused = accounts.events()[:2]
    assert (changed.actor, changed.what, changed.about) == ("web:admin", "changed", "one-viewer window")
    assert (refused.actor, refused.what, refused.about) == ("admin", "refused", "10.0.0.9")


def test_every_action_of_the_contract_has_a_right_and_every_right_its_roles() -> None:
    assert set(ACTION_RIGHTS) == set(ACTION_TAGS)
    assert set(RIGHTS) == set(Right)
    assert all(Role.ADMINISTRATOR in roles for roles in RIGHTS.values())
