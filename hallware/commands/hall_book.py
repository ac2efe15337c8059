"""The hall's book of nodes for whoever types a command; a database that does not let them is said in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from contract.plain import plain
from controller.config import HallConfig
from controller.enrolment import EnrolmentBook
from hallware.main import UsageProblem


@contextmanager
def hall_book(hall: HallConfig) -> Iterator[EnrolmentBook]:
    """The book while inside. Raises `UsageProblem` when it cannot be opened, read or written."""
    try:
        with EnrolmentBook.open(hall.store, hall.hall.id) as book:
            yield book
    except SQLAlchemyError as error:
        why = plain(str(getattr(error, "orig", None) or error))
        raise UsageProblem(f"the hall's database does not let us: {why}; {_help(why)}") from error


def _help(why: str) -> str:
    if any(sign in why for sign in ("not a database", "malformed")):
        return "it is damaged: put a backup in its place with `hallware restore` · 数据库已损坏，请恢复备份"
    if "connection" in why:
        return "is PostgreSQL running, and is `store` in hall.toml right? · 请检查 PostgreSQL 与 store"
    return "run this with sudo · 请用 sudo 运行"
