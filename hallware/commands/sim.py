"""`hallware sim`: play scenarios in a simulated hall, check them, list what comes with the program; start a whole machine."""

import argparse
import asyncio
import itertools
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from hallware.commands import sim_machine, typed
from hallware.commands.client import language
from hallware.main import UsageProblem
from hardware_sim.scenario.read import Script, find, read_script, shelf

if TYPE_CHECKING:
    from hallware.scenes.telling import Teller

CONNECTS_WITHIN = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    does = parser.add_subparsers(dest="does", metavar="WHAT", required=True)
    _run_arguments(does.add_parser("run", help="play scenarios and report"))
    check = does.add_parser("check", help="check scenario files without playing them")
    check.add_argument("scenario", nargs="+", metavar="SCENARIO", help="a file, or the name of one of the library")
    listing = does.add_parser("list", help="list the scenarios that come with the program")
    listing.add_argument("--paths", action="store_true", help="only their files, to copy one from")
    hands = does.add_parser("hands", help="list what a scenario may do to the devices of a hall")
    hands.add_argument("scenario", metavar="SCENARIO", help="a scenario in that hall")
    sim_machine.add_arguments(does.add_parser("machine", help="start a simulated machine, whole with kernel and systemd"))
    replay = does.add_parser("replay", help="draw what boards and printers showed in a recording")
    replay.add_argument("recording", type=Path, metavar="FILE", help="what `hallware node --record` kept")
    replay.add_argument("--to", type=Path, default=Path("replayed"), metavar="DIR", help="where the pictures go (`replayed`)")
    replay.add_argument(
        "--most", type=typed.whole(1, 1_000_000), default=1000, metavar="N", help="at most so many pictures (default 1000)"
    )


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help="a file, or the name of one of the library")
    parser.add_argument("--all", action="store_true", help="every scenario of the library")
    parser.add_argument("--parallel", type=typed.whole(1, 32), default=1, metavar="N", help="so many halls at once (default 1)")
    parser.add_argument("--hall", type=Path, metavar="DIR", help="in the hall of `hallware demo --keep DIR`, which runs already")
    parser.add_argument(
        "--real", type=Path, metavar="client.toml", help="in the real hall of this broker; you are asked to do what hands do"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a report as JUnit XML")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report with pictures as one HTML file")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the halls' logs and databases in DIR")
    parser.add_argument(
        "--page",
        type=typed.whole(1, 65535),
        metavar="PORT",
        help="also open the hall's page at PORT, to watch (one hall at a time)",
    )
    parser.add_argument("--quiet", action="store_true", help="only failures and the sum")


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 0 when all passed, 1 when one did not, 2 when it could not be played."""
    does = {"run": _run, "check": _check, "list": _list, "hands": _hands, "replay": _replay, "machine": sim_machine.run}
    return does[args.does](args)


def _list(args: argparse.Namespace) -> int:
    for path in shelf():
        if args.paths:
            print(path)
            continue
        script = read_script(path)
        words = script.scenario
        print(f"{script.name:<28} {words.title.text.within(language())}\n{'':<28} {words.about.text.within(language())}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from hallware.scenes.checking import check

    for word in args.scenario:
        script = read_script(find(word))
        check(script)
        print(f"{script.path}: {len(script.scenario.step)} steps, well formed")
    return 0


def _hands(args: argparse.Namespace) -> int:
    from hallware.scenes.checking import PlannedHall

    hall = PlannedHall.of(read_script(find(args.scenario)))
    for device, bench in hall.benches.items():
        there = bench.peripherals[device]
        print(f"{device} ({there.kind})")
        for name, hand in there.hands.items():
            print(f"  {name:<16} {', '.join(hand.parameters)}")
    return 0


def _replay(args: argparse.Namespace) -> int:
    from hallware.replay import replayed

    args.to.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, shown in enumerate(itertools.islice(replayed(args.recording), args.most), 1):
        name = shown.name.replace(" ", "-")
        path = args.to / f"{count:05}-{shown.at:09.3f}s-{name}.png"
        path.write_bytes(shown.png)
        print(f"{shown.at:10.3f} s  {shown.device:<16} {path}")
    print(f"{count} pictures")
    return 0


def _run(args: argparse.Namespace) -> int:
    from hallware.scenes.checking import check
    from hallware.scenes.real import refuse_unseen
    from hallware.scenes.telling import Teller

    os.umask(0o077)  # also of all children, as the demonstration does
    scripts = _scripts(args)
    if args.real is not None:
        for script in scripts:
            refuse_unseen(script)
    elif args.hall is None:
        for script in scripts:
            check(script)
    if args.page is not None and args.parallel > 1:
        raise UsageProblem("--page shows one hall; leave out --parallel")
    teller = Teller(language(), len(scripts), quiet=args.quiet)
    with ExitStack() as stack:
        folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hallware-sim-")))
        folder.mkdir(parents=True, exist_ok=True)
        logging.basicConfig(
            filename=folder / "sim.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
        )
        stack.enter_context(teller)
        code = asyncio.run(_play(args, scripts, folder.resolve(), teller))
    if args.junit:
        from hardware_sim.scenario.junit import write_junit

        write_junit(teller.played, args.junit)
    if args.html:
        from hardware_sim.scenario.html import write_html

        write_html(teller.played, args.html)
    return code


def _scripts(args: argparse.Namespace) -> list[Script]:
    paths = [find(word) for word in args.scenario] + (shelf() if args.all else [])
    if not paths:
        raise UsageProblem("which scenario? Give files or names (`hallware sim list`), or --all")
    return [read_script(path) for path in dict.fromkeys(paths)]


async def _play(args: argparse.Namespace, scripts: Sequence[Script], folder: Path, teller: "Teller") -> int:
    from hallware.scenes.pool import HallNeed, NoHall, Pool
    from hallware.scenes.real import at_the_terminal, real_hall
    from hallware.scenes.worlds import RunningHall, own_hall, present_hall
    from hardware_sim.scenario.play import Player
    from hardware_sim.scenario.rest import rest

    numbers = itertools.count(1)

    def start(need: HallNeed) -> AbstractAsyncContextManager[RunningHall]:
        return own_hall(need.plan, need.speed, folder / f"{need.plan.stem}-{next(numbers)}", teller.say, page=args.page)

    if args.real is not None:
        async with real_hall(args.real.resolve(), at_the_terminal) as real:
            for script in scripts:
                teller.over(await Player(real, teller.step).play(script))
    elif args.hall is not None:
        async with present_hall(args.hall.resolve()) as world:
            await rest(world.hall, CONNECTS_WITHIN)
            player = Player(world, teller.step)
            for script in scripts:
                teller.over(await player.play(script))
    else:
        try:
            async for performance in Pool(start, parallel=args.parallel, progress=teller.step).play(scripts):
                teller.over(performance)
        except NoHall as problem:
            print(f"hallware sim: {problem}", file=sys.stderr)
            return 2
    outcomes = {one.outcome for one in teller.played}
    return 2 if "broken" in outcomes else 1 if "failed" in outcomes else 0
