"""`hallware restore`: put a backup in the place of the hall's database, which is set aside."""

import argparse
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from contract.values import Text
from controller import restored
from controller.config import load
from controller.hall_rules import HallRules
from controller.queue.facts import BlockLeased
from controller.queue.numbers import written
from controller.store.errors import StoreError
from controller.store.restore import restore
from controller.store.store import Store
from hallware.commands import client
from hallware.commands.backup import sqlite_file

LEAVE_OUT = 200
"""So many numbers of each service are left out when nobody can say which were given after the backup."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup; its manifest FILE.json lies beside it")
    parser.add_argument("hall", type=Path, metavar="hall.toml")
    parser.add_argument(
        "--leave-out", type=int, default=LEAVE_OUT, metavar="N",
        help="when the present database cannot be read: numbers of each service that may have been given since the backup and "
        f"are not given again today (default: {LEAVE_OUT})",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Restore, and say what is to be done next; 1 when it failed, and then everything is as it was."""
    config, now = load(args.hall), datetime.now(UTC)
    database, rules = sqlite_file(config, now, "restore"), HallRules.of(config)
    blocks: list[BlockLeased] = []

    def ready(store: Store, taken: datetime) -> None:
        lost = restored.queue_of(database, args.file, config.hall.id)
        blocks.extend(restored.make_ready(store, rules, taken, now, lost, max(0, args.leave_out)))

    try:
        taken, aside = restore(database, config.hall.id, args.file, now, ready)
    except StoreError as problem:
        print(f"hallware restore: {problem}", file=sys.stderr)
        return 1
    say = partial(Text.within, language=client.language())
    print("\n".join(say(line) for line in _lines(args, taken.astimezone(rules.queue.timezone), aside, database, blocks)))
    return 0


def _lines(
    args: argparse.Namespace, taken: datetime, aside: Path | None, database: Path, blocks: list[BlockLeased]
) -> list[Text]:
    """What has been done, and what is next."""
    lines = [Text(zh=f"数据库已恢复到 {taken:%Y-%m-%d %H:%M:%S}。", en=f"The database is now that of {taken:%Y-%m-%d %H:%M:%S}.")]
    if aside is not None:
        undo = f"rm -f {database}-wal {database}-shm && mv {aside} {database}"
        lines.append(Text(
            zh=f"原数据库未删除：{aside}（如需撤销：停止控制器后执行 {undo}）",
            en=f"The former one is kept: {aside} (to undo this: stop the controller, then {undo})",
        ))  # fmt: skip
    if blocks:
        ranges = ", ".join(f"{written(b.prefix, b.first)}–{written(b.prefix, b.last)}" for b in blocks)
        lines.append(Text(
            zh=f"以下号码可能在群众手中，今日不再发放：{ranges}。持此类号票而不在队列中的人，请到服务台重新取号。",
            en=f"These numbers may be in people's hands and are not given again today: {ranges}. "
            "Whoever holds one and is not in the queue gets a new ticket at the desk.",
        ))  # fmt: skip
    return [
        *lines,
        Text(zh="下一步：", en="Next:"),
        Text(
            zh=f"  1. 启动控制器：hallware controller {args.hall}",
            en=f"  1. start the controller: hallware controller {args.hall}",
        ),
        Text(
            zh="  2. 节点会补交仍保存的事件；“设备”页列出本数据库缺少的事件。",
            en="  2. nodes hand in what they still have; the devices page lists the events that are not in this database.",
        ),
        Text(
            zh="  3. 所有人需重新登录；请检查备份之后停用或更改的账户。",
            en="  3. everybody signs in anew; look through the accounts that were disabled or changed after the backup.",
        ),
    ]
