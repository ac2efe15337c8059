"""What calling the next ticket costs with 10, 1,000 and 100,000 people waiting: by the rules alone, and through the whole
controller with its store, journal, pictures and reply."""

import asyncio
import gc
import secrets
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure, percentile
from contract.dispatch import Action, CallNext, DispatchReply, DispatchRequest, Finish, IssueTicket, Start
from contract.settings import parse
from controller.config import HallConfig
from controller.queue import Refusal, Rules, actions, apply, decide
from controller.queue.values import QueueState
from controller.service import HallService
from controller.store.errors import StoreError
from tests.controller.halls import NOON, text
from tests.postgres import serving

WAITING = (10, 1_000, 100_000)
SERVICES = 14
"""A service's numbers end at 9999, so a hundred thousand waiting need several."""
WINDOW = "w1"
GOAL = 3.0
"""A search in a balanced tree of 100,000 takes about 17 steps, of 10 about 4."""


def measure(*, short: bool = False) -> list[Figure]:
    """All figures; the short form has 10 and 1,000 waiting."""
    waiting = WAITING[:2] if short else WAITING
    rounds = 20 if short else 400
    found = _compared("call-next by the rules, p50", "µs", {n: _by_rules(n, rounds) for n in waiting})
    with tempfile.TemporaryDirectory(prefix="hallware-bench-", dir=Path.home()) as folder:
        urls = {n: f"sqlite:///{folder}/{n}.db" for n in waiting}
        found += _compared(
            "call-next through the controller, SQLite, p50", "ms", {n: _whole(urls[n], n, rounds) for n in waiting}
        )
    with serving() as server:
        times = {n: _whole(server.new_database(), n, rounds) for n in waiting}
    return found + _compared("call-next through the controller, PostgreSQL, p50", "ms", times)


def _compared(name: str, unit: str, times: dict[int, list[float]]) -> list[Figure]:
    """Each beside the first."""
    scale = {"µs": 1e6, "ms": 1e3}[unit]
    few, *more = times
    base = scale * percentile(times[few], 50)
    return [
        Figure(f"{name}, {few} waiting", base, unit),
        *(
            Figure(f"{name}, {n:,} waiting", scale * percentile(times[n], 50), unit, base, f"with {few} waiting", GOAL)
            for n in more
        ),
    ]


def _hall(store: str = "sqlite://") -> HallConfig:
    """Fourteen services at one window among three."""
    more = "".join(
        f'\n[[service]]\nid = "more-{n}"\nname = {{ zh = "x", en = "x" }}\nprefix = "{chr(ord("D") + n)}"\nzone = "east"\n'
        for n in range(SERVICES - 3)
    )
    names = ", ".join(f'"{name}"' for name in _services())
    every = text(store).replace('services = ["social", "civil"]', f"services = [{names}]").replace("daily_quota = 3\n", "")
    return parse(every + more, HallConfig, name="hall.toml")


def _services() -> list[str]:
    return ["social", "civil", "estate", *(f"more-{n}" for n in range(SERVICES - 3))]


# By the rules alone.


def _by_rules(waiting: int, rounds: int) -> list[float]:
    """Seconds for deciding and applying, each time from the same state: it is a value and stays as it is."""
    rules = Rules.of(_hall())
    state = _crowded(rules, waiting)
    action = actions.CallNext(window=WINDOW, call="call")
    gc.collect()
    return [_timed(lambda: _after(state, action, NOON + timedelta(minutes=5), rules)) for _ in range(rounds)]


def _crowded(rules: Rules, waiting: int) -> QueueState:
    state = _after(QueueState(), actions.Sweep(), NOON, rules)
    for n in range(waiting):
        at = NOON + timedelta(milliseconds=n)
        issue = actions.Issue(ticket=f"ticket-{n}", service=_services()[n % SERVICES], priority="ordinary", printed=True)
        state = _after(state, issue, at, rules)
    return state


def _after(state: QueueState, action: actions.QueueAction, at: datetime, rules: Rules) -> QueueState:
    decided = decide(state, action, at, rules)
    assert not isinstance(decided, Refusal), decided
    for fact in decided:
        state = apply(state, fact)
    return state


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# Through the controller.


def _whole(url: str, waiting: int, rounds: int) -> list[float]:
    return asyncio.run(_through(url, waiting, min(rounds, 150)))


async def _through(url: str, waiting: int, rounds: int) -> list[float]:
    """Seconds from an order to its reply: decided, committed with all that it writes, applied, drawn and answered."""
    hall = HallService(_hall(url), say=lambda _: None)
    try:
        await hall.open()
        owner = asyncio.create_task(hall.run())
        owner.add_done_callback(hall.broken)
        issued = (IssueTicket(service=_services()[n % SERVICES]) for n in range(waiting + 2))
        await _all(hall, list(issued))
        took = []
        for n in range(rounds):
            began = time.perf_counter()
            await _ask(hall, CallNext(window=WINDOW))
            took.append(time.perf_counter() - began)
            for do in (Start(window=WINDOW), Finish(window=WINDOW), IssueTicket(service=_services()[n % SERVICES])):
                await _ask(hall, do)
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
        return took
    finally:
        await hall.close()


async def _all(hall: HallService, orders: list[Action]) -> None:
    for start in range(0, len(orders), 500):
        await asyncio.gather(*(_ask(hall, do) for do in orders[start : start + 500]))


async def _ask(hall: HallService, do: Action) -> DispatchReply:
    at = datetime.now(NOON.tzinfo)
    request = DispatchRequest(id=secrets.token_hex(8), at=at, not_after=at + timedelta(minutes=5), do=do)
    reply = await hall.ask(request, "benchmark")
    if reply.outcome != "done":
        raise StoreError(f"{do}: {reply.what.en}")
    return reply
