"""`hallware restore`: put a backup in the place of the hall's database, which is set aside."""

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from contract.values import Text
from controller import restored
from controller.config import HallConfig, load
from controller.hall_rules import HallRules
from controller.queue.facts import BlockLeased
from controller.queue.numbers import written
from controller.slips import SlipsRestored
from controller.store.errors import StoreError
from controller.store.restore import restore
from controller.store.store import Store
from hallware.commands import client
from hallware.commands.backup import sqlite_file
from hallware.main import UsageProblem

LEAVE_OUT = 200
"""So many numbers of each service are left out when nobody can say which were given after the backup."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", nargs="?", help="the backup; its manifest FILE.json lies beside it; not with --numbers"
    )
    parser.add_argument("hall", type=Path, metavar="hall.toml")
    parser.add_argument(
        "--leave-out", type=int, default=LEAVE_OUT, metavar="N",
        help="when the present database cannot be read: numbers of each service that may have been given since the backup and "
        f"are not given again today (default: {LEAVE_OUT})",
    )  # fmt: skip
    parser.add_argument(
        "--numbers", action="store_true",
        help="the database was restored by a tool of its own, such as pg_restore: only see to it that no number comes again",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Restore, and say what is to be done next; 1 when it failed, and then everything is as it was."""
    config, now = load(args.hall), datetime.now(UTC)
    rules = HallRules.of(config)
    if (args.file is None) != args.numbers:
        raise UsageProblem("name the backup: hallware restore FILE hall.toml; without one only with --numbers")
    try:
        lines = _numbers(config, rules, now, args) if args.numbers else _whole(config, rules, now, args)
    except StoreError as problem:
        print(f"hallware restore: {problem}", file=sys.stderr)
        return 1
    _see_the_second_out(now)
    say = partial(Text.within, language=client.language())
    print("\n".join(say(line) for line in (*lines, *_next(args))))
    return 0


def _see_the_second_out(now: datetime) -> None:
    """The series of slips that may have begun is named by this second, so no other restore may come within it."""
    time.sleep(max(0.0, (now.replace(microsecond=0) + timedelta(seconds=1) - datetime.now(UTC)).total_seconds()))


def _whole(config: HallConfig, rules: HallRules, now: datetime, args: argparse.Namespace) -> list[Text]:
    database = sqlite_file(config, now, "restore")
    found: list[Text] = []

    def ready(store: Store, taken: datetime) -> None:
        lost = restored.state_of(database, args.file, config.hall.id)
        found.extend(_left_out(*restored.make_ready(store, rules, taken, now, lost, max(0, args.leave_out))))

    taken, aside = restore(database, config.hall.id, args.file, now, ready)
    return [*_replaced(taken.astimezone(rules.queue.timezone), aside, database), *found]


def _numbers(config: HallConfig, rules: HallRules, now: datetime, args: argparse.Namespace) -> list[Text]:
    """After a restore by the database's own tool: nobody knows what had been given since then."""
    store = Store(config.store, config.hall.id)
    store.open()
    try:
        return _left_out(*restored.make_ready(store, rules, None, now, None, max(0, args.leave_out)))
    finally:
        store.close()


def _replaced(taken: datetime, aside: Path | None, database: Path) -> list[Text]:
    lines = [Text(zh=f"数据库已恢复到 {taken:%Y-%m-%d %H:%M:%S}。", en=f"The database is now that of {taken:%Y-%m-%d %H:%M:%S}.")]
    if aside is not None:
        undo = f"rm -f {database}-wal {database}-shm && mv {aside} {database}"
        lines.append(Text(
            zh=f"原数据库未删除：{aside}（如需撤销：停止控制器后执行 {undo}）",
            en=f"The former one is kept: {aside} (to undo this: stop the controller, then {undo})",
        ))  # fmt: skip
    return lines


def _left_out(blocks: tuple[BlockLeased, ...], numbers: SlipsRestored) -> list[Text]:
    """Which numbers do not come again."""
    lines = []
    if blocks:
        ranges = ", ".join(f"{written(b.prefix, b.first)}–{written(b.prefix, b.last)}" for b in blocks)
        lines.append(Text(
            zh=f"以下号码可能在群众手中，今日不再发放：{ranges}。持此类号票而不在队列中的人，请到服务台重新取号。",
            en=f"These numbers may be in people's hands and are not given again today: {ranges}. "
            "Whoever holds one and is not in the queue gets a new ticket at the desk.",
        ))  # fmt: skip
    if numbers.mark:
        lines.append(Text(
            zh=f"凭证编号另起一组（带 R{numbers.mark[8:]} 或 R{numbers.mark[4:]}），不会与备份之后发出的编号重复。",
            en=f"Slips get numbers of a series of their own (with R{numbers.mark[8:]} in those of a day, R{numbers.mark[4:]} in "
            "those of a year), so none that was given since the backup comes again.",
        ))  # fmt: skip
    elif numbers.counters:
        last = ", ".join(f"{template} {counter.period}-{counter.serial}" for template, counter in numbers.counters.items())
        lines.append(Text(
            zh=f"凭证编号接在备份之后已发出的编号后面：{last}。这些凭证的内容不在本数据库中，不能补打。",
            en=f"Numbers of slips go on behind those given since the backup: {last}. What those slips said is not in this "
            "database; they cannot be printed again.",
        ))  # fmt: skip
    return lines


def _next(args: argparse.Namespace) -> list[Text]:
    return [
        Text(zh="下一步：", en="Next:"),
        Text(
            zh="  1. 启动控制器：sudo systemctl start hallware-controller"
            f"（不由 systemd 运行时：hallware controller {args.hall}）",
            en="  1. start the controller: sudo systemctl start hallware-controller "
            f"(where systemd does not run it: hallware controller {args.hall})",
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
