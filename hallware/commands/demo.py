"""`hallware demo`: a whole simulated hall on this machine, to look at, or to run for a while and check its figures."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from broker_config.process import BrokerProblem
from hallware.commands import typed
from hallware.demo.children import ChildDied
from hallware.demo.files import DemoFiles
from hallware.demo.show import Show, Wish, listen_on, show
from hallware.demo.tally import Tally, as_table, read_tally, verdict
from hallware.main import UsageProblem

BRISK = 4.0
"""The people's speed in a run whose figures are checked."""
SETTLE = 8.0
"""Seconds for what is under way to come to its end, once nobody presses any more."""
REPORT_EVERY = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "--for",
        dest="seconds",
        type=typed.above_zero(100_000),
        metavar="SECONDS",
        help="run so long, check the figures, exit 0 only if all is well",
    )
    parser.add_argument(
        "--speed",
        type=typed.above_zero(100_000),
        metavar="X",
        help=f"how fast people are (default 1, a calm hall; {BRISK:g} with --for)",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same people (default 1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep database, logs and configuration in DIR")
    parser.add_argument(
        "--port", type=typed.whole(0, 65535), default=0, metavar="PORT", help="the page's port (default: a free one)"
    )
    parser.add_argument("--no-people", action="store_true", help="an empty hall: press the keys yourself")


def run(args: argparse.Namespace) -> int:
    """Run the demonstration."""
    if args.seconds and args.no_people:
        raise UsageProblem("--for checks what people did; leave out --no-people")
    os.umask(0o077)  # also of all children: the database and a log, which holds a way in, are nobody else's
    _refuse_taken(args.port)
    if args.keep:
        _keep_in(args.keep.resolve())
    return asyncio.run(_until_interrupted(lambda: _demonstrate(args)))


def _refuse_taken(port: int) -> None:
    try:
        listen_on(port).close()
    except OSError as error:
        raise UsageProblem(f"--port {port}: {error.strerror}; choose another, or leave it out for a free one") from error


def _keep_in(folder: Path) -> None:
    """Make `folder`, or take the one of an earlier demonstration, and close it to all others. Raises `UsageProblem`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if DemoFiles(folder).log("demo").exists() or not any(folder.iterdir()):
            folder.chmod(0o700)  # one that holds other things may have to stay open to others
        for path in (folder / "hall.db", DemoFiles(folder).client, *(folder / "log").glob("*.log")):
            if path.exists():
                path.chmod(0o600)
    except OSError as error:
        raise UsageProblem(f"--keep {folder}: {error.strerror}; choose another folder") from error


async def _until_interrupted(demonstration: Callable[[], Awaitable[int]]) -> int:
    """Ctrl-C and SIGTERM end the show in good order."""
    task = asyncio.ensure_future(demonstration())
    loop = asyncio.get_running_loop()
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            _say("ending everything · 正在结束")
            task.cancel()

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        return 130


async def _demonstrate(args: argparse.Namespace) -> int:
    with ExitStack() as stack:
        folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-demo-")))
        speed = args.speed or (BRISK if args.seconds else 1.0)
        wish = Wish(folder=folder.resolve(), speed=speed, seed=args.seed, port=args.port, people=not args.no_people)
        _log_to(wish.folder / "log" / "demo.log")
        try:
            async with show(wish, _say) as running:
                _introduce(running, wish)
                if args.seconds:
                    return await _check(running, args.seconds)
                await asyncio.Event().wait()
        except (BrokerProblem, ChildDied, TimeoutError, OSError) as problem:
            print(f"hallware demo: {problem}", file=sys.stderr)
            return 1
    return 0


def _log_to(path: Path) -> None:
    """What this process has to say of itself goes where the others' logs lie; the terminal is for people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=path, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _introduce(running: Show, wish: Wish) -> None:
    print(f"""
  The hall on one page · 大厅一页看全:
    {running.page_link}
  The controller, signed in once · 控制器管理（一次性登录）:
    {running.controller_link}
{_screens(running)}  From a terminal · 在终端里:
    {Path(sys.executable).parent / "hallware"} watch --settings {DemoFiles(wish.folder).client}
  Logs and database · 日志与数据库: {wish.folder}
  End with Ctrl-C · 按 Ctrl-C 结束
""", flush=True)  # fmt: skip


def _screens(running: Show) -> str:
    if not running.touch_links:
        return ""
    links = "\n".join(f"    {link}" for link in running.touch_links.values())
    return f"  The kiosk's touch screen · 取号机触摸屏:\n{links}\n"


async def _check(running: Show, seconds: float) -> int:
    since = datetime.now(UTC)
    await _watch(running, seconds)
    if running.people is not None:
        running.people.live = False
    _say("letting what is under way come to its end · 等待收尾")
    tally = await _settled(running, since)
    lines = verdict(tally, seconds, [(node, running.online(node)) for node in running.nodes], running.died)
    print(f"\n{as_table(lines)}\n", flush=True)
    good = all(line.good for line in lines)
    _say("the hall works · 一切正常" if good else "something is WRONG, see above · 有问题，见上表")
    return 0 if good else 1


async def _watch(running: Show, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while (left := began + seconds - loop.time()) > 0:
        await asyncio.sleep(min(left, REPORT_EVERY))
        if running.people is not None:
            now = running.people.figures()
            _say(
                f"{loop.time() - began:.0f} of {seconds:.0f} s: {now.tickets} tickets, {now.waiting} waiting, "
                f"{now.served} served, {now.rated} rated, {now.room_visits} visits to the room"
            )


async def _settled(running: Show, since: datetime) -> Tally:
    """The tally, once every call has been answered and no node has anything left to send, or after `SETTLE` seconds."""
    end = asyncio.get_running_loop().time() + SETTLE
    while True:
        await asyncio.sleep(1.0)
        tally = await asyncio.to_thread(read_tally, running.files.store, since)
        waiting = sum(status.waiting for status in running.hall.statuses.values())
        if (tally.shown == tally.calls and not waiting) or asyncio.get_running_loop().time() > end:
            return tally


def _say(words: str) -> None:
    print(f"==> {words}", flush=True)
