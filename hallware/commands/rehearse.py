"""`hallware rehearse`: play a day of a hall with simulated people, faster than time, and say what came of it."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import hallware.rehearsal
from controller.config import HallConfig, load
from controller.queue.rules import Rules
from controller.store.reading import reading
from hallware.commands import typed
from hallware.main import UsageProblem
from hallware.rehearsal import audit
from hallware.rehearsal.crowd import Habits
from hallware.rehearsal.day import Day, new_seed, staffed

BUSY = Path(hallware.rehearsal.__file__).with_name("busy.toml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "file", type=Path, nargs="?", default=BUSY, metavar="hall.toml",
        help="the hall: its services, windows, hours and rules (default: a busy hall of twenty windows)",
    )  # fmt: skip
    parser.add_argument("--tickets", type=int, default=1600, metavar="N", help="people who come (default: 1600)")
    parser.add_argument("--seed", type=int, metavar="N", help="the day of this seed once more (default: another one each time)")
    parser.add_argument("--day", type=typed.day, metavar="YYYY-MM-DD", help="the day (default: the next working day)")
    parser.add_argument("--store", metavar="URL", help="keep the day in this empty database (default: a temporary one)")


def run(args: argparse.Namespace) -> int:
    """Play the day; 0 when everything adds up."""
    config, seed = load(args.file), new_seed() if args.seed is None else args.seed
    if not 1 <= args.tickets <= 9000:
        raise UsageProblem("--tickets: give a number from 1 to 9000")
    with tempfile.TemporaryDirectory(prefix="hallware-rehearsal-") as folder:
        store = args.store or f"sqlite:///{folder}/hall.db"
        try:
            day = Day(staffed(config, store), args.day or _next_day(config), args.tickets, seed, Habits())
        except ValueError as problem:
            raise UsageProblem(str(problem)) from problem
        began = time.monotonic()
        print(f"==> a day of {args.tickets} people at {len(config.window)} windows, seed {seed}")
        asyncio.run(_play(day))
        return _report(day, store, time.monotonic() - began)


def _next_day(config: HallConfig) -> date:
    calendar, day = Rules.of(config).calendar(), date.today() + timedelta(days=1)  # noqa: DTZ011  any day will do
    while not calendar.openings(day) and not config.hall.hours.always:
        day += timedelta(days=1)
    return day


async def _play(day: Day) -> None:
    await day.service.open()
    owner = asyncio.create_task(day.service.run())
    watching = asyncio.create_task(_watch(day))
    try:
        await day.play()
    finally:
        for task in (owner, watching):
            task.cancel()
        await asyncio.gather(owner, watching, return_exceptions=True)
        await day.service.close()


async def _watch(day: Day) -> None:
    while True:
        await asyncio.sleep(2)
        here = day.agenda.now.astimezone(day.rules.timezone)
        print(f"==> {here:%H:%M}: {day.seen.tickets} tickets, {day.seen.served} served", flush=True)


def _report(day: Day, store: str, seconds: float) -> int:
    with reading(store) as connection:
        hall = day.config.hall.id
        sums, places = audit.sums(day.seen, connection, hall), audit.places(connection, hall)
        fair, nobodys = audit.fairness(connection, day.config), audit.unattributed(connection, hall)
    good = all(s.seen == s.stored for s in sums) and not fair.out_of_turn and not nobodys
    for line in _lines(day, sums, places, fair, nobodys, seconds):
        print(line)
    print("\n==> it adds up · 账实相符" if good else "\n==> it does not add up · 账实不符")
    return 0 if good else 1


def _lines(
    day: Day, sums: list[audit.Sum], places: dict[str, int], fair: audit.Fairness, nobodys: int, seconds: float
) -> Iterator[str]:
    open_for = sum(((o.closes - o.opens).total_seconds() for o in day.openings), 0.0)
    yield ""
    yield f"  {'':<24}{'seen':>8}{'stored':>8}"
    yield from (f"  {s.what:<24}{s.seen:>8}{s.stored:>8}{'' if s.seen == s.stored else '  DIFFERS'}" for s in sums)
    yield f"\n  tickets are              {', '.join(f'{state} {count}' for state, count in sorted(places.items()))}"
    yield f"  turned away              {', '.join(f'{why} {n}' for why, n in day.seen.refused.items()) or 'nobody'}"
    yield f"  calls in turn            {fair.calls - len(fair.out_of_turn)} of {fair.calls}"
    yield f"  most ahead in a row      {fair.longest_run} (bound {day.config.calling.priority_run})"
    yield from (f"    out of turn: {each}" for each in fair.out_of_turn[:5])
    yield f"  services of nobody       {nobodys}"
    if (waits := audit.waits(day.seen.estimates)) is not None:
        yield f"  waited                   {waits.average:.1f} min (median {waits.median:.1f}, longest {waits.longest:.1f})"
        yield f"  estimates                {waits.within:.0%} of {waits.told} within their range, {waits.error:.1f} min off"
    yield f"  played                   {open_for / 3600:.1f} h in {seconds:.1f} s, {open_for / seconds:.0f} times as fast"
