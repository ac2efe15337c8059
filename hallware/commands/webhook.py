"""`hallware webhook`: how the messages to other systems stand; try the way, let messages wait again, make a secret."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from contract.codec import encode
from contract.plain import plain
from contract.values import Text
from contract.webhooks import Trial
from controller.accounts_engine import open_engine
from controller.citizen_messages import texts
from controller.config import HallConfig, load
from controller.config_webhooks import Webhook
from controller.service import new_id
from controller.store import outbox
from controller.store.errors import StoreError
from controller.store.reading import reading
from controller.store.store import read_url, translated
from controller.webhooks import sending
from controller.webhooks.courier import COUNTED
from controller.webhooks.signing import BadSecret, new_secret
from hallware.main import UsageProblem

SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    does = parser.add_subparsers(dest="does", metavar="list | test | retry | secret", required=True)
    listing = does.add_parser("list", help="each webhook, and the messages that wait or were given up")
    test = does.add_parser("test", help="send a message now that says that nothing happened")
    retry = does.add_parser("retry", help="let what was given up wait again, and try all that waits at once")
    for sub in (listing, test, retry):
        sub.add_argument("hall", type=Path, metavar="hall.toml")
    for sub in (test, retry):
        sub.add_argument("webhook", metavar="WEBHOOK")
    retry.add_argument("--message", metavar="ID", help="this one alone")
    does.add_parser("secret", help="make a secret; write it into a file that only the controller's user can read")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when a message was not taken, or the store cannot be had."""
    if args.does == "secret":
        print(new_secret())
        return 0
    hall = load(args.hall)
    try:
        return _DOES[args.does](hall, args)
    except StoreError as problem:
        print(f"hallware webhook: {problem}", file=sys.stderr)
        return 1


def _list(hall: HallConfig, _: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    console = Console()
    with reading(hall.store) as connection:
        console.print(_standings(hall, connection, now))
        rows = outbox.listed(connection, hall.hall.id, None, ("waiting", "given-up"), SHOWN)
    if rows:
        console.print(_messages(rows))
    return 0


def _standings(hall: HallConfig, connection: Connection, now: datetime) -> Table:
    table = _table(
        "webhook", "receiver 接收方", "events 事件", "waiting 待发", "since 自", "delivered 24 h 已送达", "given up 已放弃"
    )
    for hook in hall.webhook:
        found = outbox.standing(connection, hall.hall.id, hook.id, now - COUNTED)
        since = "" if found.oldest is None else f"{found.oldest.astimezone():%m-%d %H:%M}"
        style = "red" if found.given_up else None
        table.add_row(
            hook.id, hook.host, ", ".join(hook.events), str(found.waiting), since, str(found.delivered), str(found.given_up),
            style=style,
        )  # fmt: skip
    return table


def _messages(rows: list[outbox.Row]) -> Table:
    table = _table("message", "webhook", "event 事件", "state 状态", "attempts 次数", "next 下次", "last answer 最近答复")
    for row in rows:
        following = f"{row.next.astimezone():%m-%d %H:%M:%S}" if row.state == "waiting" else ""
        table.add_row(row.message, row.webhook, row.event, row.state, str(row.attempts), following, plain(row.said))
    return table


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _test(hall: HallConfig, args: argparse.Namespace) -> int:
    hook, now = _named(hall, args), datetime.now(UTC)
    name = hall.hall.name.text
    said = Text(zh=f"{name.zh}：测试消息，无需处理", en=f"{name.en}: a test, nothing to do")
    body = encode(Trial(timestamp=now, hall=hall.hall.id, text=texts(said, hook.languages))).decode()
    try:
        answer = asyncio.run(_send(hook, body, now))
    except (BadSecret, OSError) as problem:
        print(f"hallware webhook: {problem}", file=sys.stderr)
        return 1
    print(f"{hook.id}: {hook.host}: {'taken' if answer.taken else 'not taken'}: {answer.said}")
    return 0 if answer.taken else 1


async def _send(hook: Webhook, body: str, now: datetime) -> sending.Answer:
    async with sending.client(hook) as to:
        return await sending.send(to, hook, f"msg_{new_id()}", body, now)


def _retry(hall: HallConfig, args: argparse.Namespace) -> int:
    hook, now = _named(hall, args), datetime.now(UTC)
    with _writing(hall) as connection:
        until = now + timedelta(hours=hook.hours)
        count = outbox.retry(connection, hall.hall.id, hook.id, now, until, args.message)
    print(f"{hook.id}: {count} to be tried; the controller sees to it within half a minute")
    return 0 if count or args.message is None else 1


@contextmanager
def _writing(hall: HallConfig) -> Iterator[Connection]:
    with translated(hall.store):
        engine = open_engine(read_url(hall.store))
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def _named(hall: HallConfig, args: argparse.Namespace) -> Webhook:
    for hook in hall.webhook:
        if hook.id == args.webhook:
            return hook
    known = ", ".join(hook.id for hook in hall.webhook) or "none"
    raise UsageProblem(f"there is no webhook `{args.webhook}` in {args.hall}; known: {known}")


_DOES: dict[str, Callable[[HallConfig, argparse.Namespace], int]] = {"list": _list, "test": _test, "retry": _retry}
