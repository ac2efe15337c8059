"""The faults: a table of kinds with their weights and durations, and the endless series that a seed makes of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from random import Random

NODES = ("entrance", "centre-board", "desk-1", "desk-2", "nursery")
CLIENTS = ("controller", *NODES)


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be done to the hall, to whom, for how long, and how often compared with the others."""

    name: str
    on: tuple[str, ...]
    lasts: tuple[float, float]
    weight: float
    part: str = ""
    """The part that it breaks, with `{on}` for whom; two faults of one part never overlap."""


KINDS = (
    Kind("broker killed", ("broker",), (0.3, 3.0), 2.5, "broker"),
    Kind("broker stopped", ("broker",), (1.0, 18.0), 1.5, "broker"),
    Kind("broker restarted", ("broker",), (0.0, 0.0), 1.0, "broker"),
    Kind("controller killed", ("controller",), (0.0, 0.0), 3.0, "controller"),
    Kind("controller stopped", ("controller",), (1.0, 30.0), 1.5, "controller"),
    Kind("controller cut off", ("controller",), (12.0, 28.0), 3.0, "cable controller"),
    Kind("controller restarted", ("controller",), (0.0, 0.0), 1.0, "controller"),
    Kind("node killed", NODES, (0.0, 0.0), 5.0, "{on}"),
    Kind("node stopped", NODES, (1.0, 30.0), 3.0, "{on}"),
    Kind("node restarted", NODES, (0.0, 0.0), 1.5, "{on}"),
    Kind("node cut off", NODES, (10.0, 25.0), 2.5, "cable {on}"),
    Kind("connection cut", CLIENTS, (0.0, 0.0), 3.0, "cable {on}"),
    Kind("connection half-open", CLIENTS, (2.0, 30.0), 3.0, "cable {on}"),
    Kind("connection half-open, then cut", CLIENTS, (2.0, 15.0), 2.0, "cable {on}"),
    Kind("connection slow", CLIENTS, (3.0, 10.0), 2.0, "cable {on}"),
    Kind("connection refused", CLIENTS, (1.0, 8.0), 2.0, "cable {on}"),
    Kind("printer off in mid-ticket", ("kiosk-1",), (2.0, 6.0), 2.0, "printer"),
    Kind("paper jam in mid-ticket", ("kiosk-1",), (2.0, 12.0), 1.5, "printer"),
    Kind("printer unplugged in mid-ticket", ("kiosk-1",), (2.0, 6.0), 2.0, "printer"),
    Kind("paper out in mid-ticket", ("kiosk-1",), (2.0, 6.0), 1.0, "printer"),
    Kind("printer silent", ("kiosk-1",), (2.0, 8.0), 1.0, "printer"),
    Kind("printer noisy", ("kiosk-1",), (0.0, 0.0), 0.7, "printer"),
    Kind("printer's line blocked", ("kiosk-1",), (4.0, 15.0), 1.0, "printer"),
    Kind("keypad unplugged", ("caller-1", "caller-2"), (1.0, 6.0), 1.5, "{on}"),
    Kind("board's cable pulled", ("main-board", "strip-1", "strip-2"), (1.0, 5.0), 1.5, "{on}"),
    Kind("chip browned out", ("main-board", "strip-1", "strip-2"), (0.0, 0.0), 1.0, "{on}"),
    Kind("disk full", CLIENTS, (2.0, 12.0), 3.5, "disk {on}"),
    Kind("clock an hour ahead", NODES, (5.0, 25.0), 1.5, "clock {on}"),
    Kind("clock an hour behind", NODES, (5.0, 25.0), 1.5, "clock {on}"),
    Kind("controller's clock an hour ahead", ("controller",), (5.0, 25.0), 0.8, "clock controller"),
    Kind("controller's clock an hour behind", ("controller",), (5.0, 25.0), 0.8, "clock controller"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, whom it strikes, for how long, and the pause until the next one."""

    kind: str
    on: str
    lasts: float
    pause: float
    part: str


def series(seed: int, pause: tuple[float, float], without: Collection[str] = ()) -> Iterator[Fault]:
    """Faults without end, the same for the same seed; kinds in `without` never come."""
    chance = Random(seed)
    kinds = [kind for kind in KINDS if kind.name not in without]
    weights = [kind.weight for kind in kinds]
    while True:
        kind = chance.choices(kinds, weights)[0]
        on = chance.choice(kind.on)
        yield Fault(kind.name, on, chance.uniform(*kind.lasts), chance.uniform(*pause), kind.part.format(on=on))


def table(counts: Mapping[str, int]) -> str:
    """Faults by kind with their counts."""
    rows = [(kind.name, counts.get(kind.name, 0)) for kind in KINDS]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {count:>4}" for name, count in rows)
