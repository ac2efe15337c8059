"""A run: the hall under load, the faults one after another, the last look at the boards, the end of all waiting, the records."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from contract.commands import Command, PrintSlip
from contract.topics import COMMAND
from contract.values import Text
from tests.chaos import stores
from tests.chaos.checker_calls import wanted_numbers
from tests.chaos.faults import KINDS, Fault, series
from tests.chaos.history import BoardPlan, Boards, CallRow, History, Nodes, TicketRow
from tests.chaos.matching import during
from tests.chaos.reading import drawing
from tests.chaos.stage import Stage
from tests.chaos.strikes import KIOSK, NotStruck, Strikes
from tests.chaos.witness import SLIP, now

PAUSE = (1.2, 4.6)
"""Seconds from one fault to the next; many last longer, so that several are there at once."""
GRACE = 10.0
"""Seconds after the last fault within which every board must be right."""
LOOK = 4.0
"""Seconds of the last look, in which a board shows everything that takes turns on it."""
DRAIN = 130.0
"""Seconds for everything under way to come to its end; a doubtful ticket may be printed again for 90."""
LEAVE = 8.0
"""Seconds for whoever is still there: a rating may still be given, a stay must end."""
SLIP_EVERY = 5.0
SAVE_EVERY = 15.0
REPORT_EVERY = 20.0
WARM_UP = 6.0


@dataclass
class Outcome:
    """What came of a run."""

    counts: Counter[str]
    history: History
    died: list[str]
    figures: dict[str, str] = field(default_factory=dict)


async def run(stage: Stage, faults: int, seed: int, say: Callable[[str], None]) -> Outcome:
    """Break the hall so many times, and gather what every layer has recorded."""
    strikes = Strikes(stage)
    stage.people.live = True
    helpers = [asyncio.create_task(work) for work in (_slips(stage), _saves(stage, seed), _slow_printer(stage))]
    await asyncio.sleep(WARM_UP)
    say(f"breaking it {faults} times")
    began = now()
    counts = await _strike(stage, strikes, faults, seed, say)
    mended = now()
    stage.people.live = False
    helpers[0].cancel()
    say("everything is mended; looking at the boards")
    boards, right = await _boards(stage, mended)
    say("letting everything come to its end")
    drained, late = await _drain(stage)
    for helper in helpers:
        helper.cancel()
    await asyncio.gather(*helpers, return_exceptions=True)
    await asyncio.gather(*(unit.end() for name, unit in stage.units.items() if name != "controller"))
    await stage.units["controller"].end()
    history = _history(stage, strikes, boards)
    died = [*late, *_died(stage, strikes)]
    figures = _figures(stage, history, mended - began, right, drained)
    return Outcome(counts, history, died, figures)


def _died(stage: Stage, strikes: Strikes) -> list[str]:
    """Who ended by itself. One that finds its disk full when it starts may say so and end."""
    return [
        how
        for unit in stage.units.values()
        for at, how in unit.died
        if not any(period.who == unit.name and during(period, at) for period in strikes.full)
    ]


async def _strike(stage: Stage, strikes: Strikes, faults: int, seed: int, say: Callable[[str], None]) -> Counter[str]:
    counts: Counter[str] = Counter()
    busy: dict[str, asyncio.Task[None]] = {}
    without = set() if stage.disks else {"disk full"}
    if not stage.clocks:
        without |= {kind.name for kind in KINDS if "clock" in kind.name}
    reported = asyncio.get_running_loop().time()
    for fault in series(seed, PAUSE, without):
        busy = {part: task for part, task in busy.items() if not _over(task)}
        if counts.total() + len(busy) >= faults:
            await asyncio.gather(*busy.values())
            if counts.total() >= faults:
                return counts
        if fault.part in busy:
            continue
        busy[fault.part] = asyncio.create_task(_one(strikes, fault, counts, say))
        await asyncio.sleep(fault.pause)
        if asyncio.get_running_loop().time() - reported > REPORT_EVERY:
            reported = asyncio.get_running_loop().time()
            _progress(stage, counts.total(), faults, say)
    raise AssertionError("the series has no end")


def _over(task: asyncio.Task[None]) -> bool:
    """Whether a strike is over; raises what broke it."""
    if task.done():
        task.result()
    return task.done()


async def _one(strikes: Strikes, fault: Fault, counts: Counter[str], say: Callable[[str], None]) -> None:
    log = strikes.stage.files.log("faults")
    with log.open("a", encoding="utf-8") as file:
        print(f"{now():%H:%M:%S.%f} {fault.kind} on {fault.on} for {fault.lasts:.1f} s", file=file)
    try:
        await strikes.do(fault)
    except NotStruck as problem:
        say(f"not counted: {fault.kind}: {problem}")
    else:
        counts[fault.kind] += 1
    with log.open("a", encoding="utf-8") as file:
        print(f"{now():%H:%M:%S.%f}   over: {fault.kind} on {fault.on}", file=file)


def _progress(stage: Stage, done: int, faults: int, say: Callable[[str], None]) -> None:
    seen, people = stage.people.figures(), stage.witness.people()
    waiting = sum(status.waiting for status in stage.hall.statuses.values())
    say(
        f"{done} of {faults} faults: {len(people.papers)} papers, {seen.served} served, {len(people.thanks)} thanked, "
        f"{len(people.occupied)} stays, {waiting} events waiting"
    )


async def _slips(stage: Stage) -> None:
    """Order a slip now and then, as the controller's pages will."""
    while True:
        await asyncio.sleep(SLIP_EVERY)
        slip, command, at = secrets.token_hex(8), secrets.token_hex(8), now()
        stage.witness.slips[command] = slip
        order = PrintSlip(
            slip=slip, title=Text(zh="受理通知书", en="Notice of acceptance"), lines=("材料齐全",), qr=f"{SLIP}{slip}"
        )
        message = Command(id=command, device=KIOSK, at=at, not_after=at + timedelta(seconds=20), do=order)
        for _ in range(2):  # at least once means now and then twice
            await stage.orders.say(COMMAND, message, node=stage.homes[KIOSK])


async def _saves(stage: Stage, seed: int) -> None:
    """Let the broker save what it keeps more often than every half hour, so that a kill finds an old database."""
    chance = Random(seed)
    while True:
        await asyncio.sleep(chance.uniform(0.3, 1.0) * SAVE_EVERY)
        stage.broker.save()


async def _slow_printer(stage: Stage) -> None:
    """Each printer prints a ticket in about a second, so that it can be struck in the middle of one."""
    starts = -1
    unit = stage.units[stage.homes[KIOSK]]
    while True:
        if unit.starts != starts and stage.hall.reachable(KIOSK) and await stage.move(KIOSK, "slow_down", bytes_per_second=1500):
            starts = unit.starts
        await asyncio.sleep(0.1)


async def _boards(stage: Stage, mended: datetime) -> tuple[Boards, dict[str, float | None]]:
    """The last look at the boards, and after how many seconds each was right for good."""
    await asyncio.sleep(GRACE)
    looked = now()
    await asyncio.sleep(LOOK)
    plans = _plans(stage)
    calls = await asyncio.to_thread(stores.calls, stage.files.database)
    witness = stage.witness
    final = tuple(witness.since(looked))
    right = {plan.board: _right_after(stage, plan, calls, mended) for plan in plans}
    _write_down(stage)
    return Boards(plans, tuple(witness.sights), final, calls), right


def _write_down(stage: Stage) -> None:
    """What stands on each board and what the controller told it, for whoever looks into a wrong one."""
    with stage.files.log("boards").open("w", encoding="utf-8") as log:
        for board in (board.id for board in stage.config.board):
            print(board, stage.hall.pictures.get(board), drawing(stage.hall.views[board]), sep="\n", file=log)


def _plans(stage: Stage) -> tuple[BoardPlan, ...]:
    windows = frozenset(window.id for window in stage.config.window)
    return tuple(
        BoardPlan(board.id, frozenset({board.window}) if board.window else windows, board.lines) for board in stage.config.board
    )


def _right_after(stage: Stage, plan: BoardPlan, calls: tuple[CallRow, ...], mended: datetime) -> float | None:
    """Seconds after the mending from which a board showed nothing but the right numbers; None when it did not."""
    wanted = wanted_numbers(plan, calls)
    right: datetime | None = None
    for sight in stage.witness.since(mended):
        if sight.board != plan.board:
            continue
        if not set(sight.numbers) <= wanted:
            right = None
        elif right is None and (sight.numbers or not wanted):
            right = max(sight.at, mended)
    return None if right is None else (right - mended).total_seconds()


async def _drain(stage: Stage) -> tuple[float, list[str]]:
    """Let visitors leave and everything be told; returns how long that took, and who had not come to an end."""
    began = now()
    for cubicle in ("left", "right"):
        await stage.move("room-1", "open_door", cubicle=cubicle)
        await stage.move("room-1", "still", cubicle=cubicle)
    journal = stage.files.disk(stage.homes[KIOSK]) / f"{KIOSK}.sqlite"
    await asyncio.sleep(LEAVE)
    late = [""]
    while late and now() - began < timedelta(seconds=DRAIN):
        await asyncio.sleep(0.5)
        tickets, untold = await asyncio.to_thread(stores.journal, journal)
        open_ = [ticket.number for ticket in tickets if ticket.state in ("begun", "doubtful")]
        late = [
            *(f"{node} is not there at the end" for node in stage.nodes if not stage.online(node)),
            *(f"{s.node} says that {s.waiting} events wait at the end" for s in stage.hall.statuses.values() if s.waiting),
            *(f"ticket {number} is not ended at the end" for number in open_),
            *(f"{fact} is not told at the end" for fact in untold),
        ]
    return (now() - began).total_seconds(), late


def _history(stage: Stage, strikes: Strikes, boards: Boards) -> History:
    tickets, untold = stores.journal(stage.files.disk(stage.homes[KIOSK]) / f"{KIOSK}.sqlite")
    controller = stores.controller(stage.files.database)
    day = controller.tickets[0].day if controller.tickets else ""
    stored = {inbox.node: max(i.stored for i in controller.inboxes if i.node == inbox.node) for inbox in controller.inboxes}
    waiting = [report for node in stage.nodes for report in stores.outbox(stage.files.disk(node) / "outbox.db", node)]
    return History(
        people=stage.witness.people(),
        nodes=Nodes(
            snapshots=tuple(strikes.snapshots),
            # What is acknowledged may lie there until it is tidied up.
            waiting=tuple(report for report in waiting if report.number > stored.get(report.node, 0)),
            tickets=tuple(_on(ticket, day) for ticket in tickets),
            untold=tuple(untold),
        ),
        controller=controller,
        wire=stage.witness.wire(),
        boards=boards,
        full=tuple(strikes.full),
        clocks=tuple(strikes.clocks),
        outages=tuple(strikes.outages),
        touched=tuple(strikes.touched),
        homes=tuple((str(d.get("room", d["id"])), node.id) for node in stage.config.node for d in node.device),
    )


def _on(ticket: TicketRow, day: str) -> TicketRow:
    return TicketRow(ticket.ticket, ticket.number, day, ticket.state, ticket.why)


def _figures(stage: Stage, history: History, lasted: timedelta, right: dict[str, float | None], drained: float) -> dict[str, str]:
    people, controller = history.people, history.controller
    shown = {answer.call for answer in history.wire.answers if answer.outcome == "shown"}
    outcomes = Counter(answer.outcome for answer in history.wire.answers)
    refused = Counter(report.outcome for report in controller.reports if report.outcome != "ok")
    return {
        "faults lasted": f"{lasted.total_seconds():.0f} s",
        "papers held by people": f"{len(people.papers)} ({sum(p.reprint for p in people.papers)} marked as printed again)",
        "tickets at the controller": str(Counter(row.state for row in controller.tickets).most_common()),
        "calls": f"{len(controller.calls)}, {len(shown)} heard to be shown; answers {dict(outcomes)}",
        "calls by windows alone": f"{sum(call.away for call in controller.calls)}, "
        f"{sum(report.kind == 'visit-away' for report in controller.reports)} steps of visits, "
        f"{sum(call.taken_back for call in controller.calls)} calls taken back",
        "thanks and ratings": f"{len(people.thanks)} and {sum(r.level is not None for r in controller.ratings)}",
        "stays seen and stored": f"{len(people.occupied)} and {len(controller.stays)}",
        "slips answered": str(dict(Counter(told.outcome for told in people.slips))),
        "events stored": f"{len(controller.reports)}, refused {dict(refused)}",
        "events seen on nodes' disks": str(len(history.nodes.snapshots)),
        "streams": str([f"{inbox.node}: {inbox.stored}" for inbox in controller.inboxes]),
        "boards right after": ", ".join(f"{b}: {'never' if s is None else f'{s:.1f} s'}" for b, s in right.items()),
        "drained after": f"{drained:.1f} s",
        "broker": f"database truncated {stage.broker.truncated} times, set aside {stage.broker.set_aside} times",
    }
