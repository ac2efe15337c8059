"""A city's report: what was counted in its halls, put together in every way in which it is read. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from controller.city.values import CityReport, DayFigures, HallFigures, KindFigures, MonthFigures
from controller.figures import Counts
from controller.hall_now import HallNow, Kind
from controller.report_values import Figures
from controller.reporting import figures

K = TypeVar("K")
P = TypeVar("P")
KINDS: tuple[Kind, ...] = ("general", "special", "assisted", "green-channel", "minority-language")


@dataclass(frozen=True)
class Counted:
    """Counts of some days by hall and day, and by hall and window; each of them is everything."""

    days: Mapping[tuple[str, date], Counts] = field(default_factory=dict)
    windows: Mapping[tuple[str, str], Counts] = field(default_factory=dict)

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(_both(self.days, other.days), _both(self.windows, other.windows))


def report(halls: Sequence[HallNow], first: date, last: date, hall: str | None, counted: Counted, settled: Counted) -> CityReport:
    """The report on the days from `first` to `last`, of one hall or of all; of what is `settled`, who did not rate counts as
    基本满意."""
    kinds = {(known.hall, window.window): window.kind for known in halls for window in known.windows}
    by_hall = _figures(counted.days, settled.days, lambda key: key[0])
    by_kind = _figures(_at_windows(counted), _at_windows(settled), kinds.get)
    order: list[Kind | None] = [*(kind for kind in KINDS if kind in by_kind), *((None,) if None in by_kind else ())]
    return CityReport(
        first=first,
        last=last,
        hall=hall,
        all=figures(Counts.sum(counted.days.values()), Counts.sum(settled.days.values())),
        halls=tuple(
            HallFigures(hall=known.hall, name=known.name, figures=by_hall.get(known.hall) or figures(Counts()))
            for known in halls
            if hall in (None, known.hall)
        ),
        days=tuple(
            DayFigures(day=day, figures=found)
            for day, found in sorted(_figures(counted.days, settled.days, lambda key: key[1]).items())
        ),
        months=tuple(
            MonthFigures(month=month, figures=found)
            for month, found in sorted(_figures(counted.days, settled.days, lambda key: f"{key[1]:%Y-%m}").items())
        ),
        kinds=tuple(KindFigures(kind=kind, figures=by_kind[kind]) for kind in order),
    )


def _at_windows(counted: Counted) -> Mapping[tuple[str, str], Counts]:
    return {key: counts for key, counts in counted.windows.items() if key[1]}


def _figures(counted: Mapping[P, Counts], settled: Mapping[P, Counts], of: Callable[[P], K]) -> dict[K, Figures]:
    """By what `of` says of each key."""
    over = _by((of(key), counts) for key, counts in settled.items())
    return {name: figures(counts, over.get(name)) for name, counts in _by((of(k), c) for k, c in counted.items()).items()}


def _by(found: Iterable[tuple[K, Counts]]) -> dict[K, Counts]:
    groups: dict[K, list[Counts]] = defaultdict(list)
    for key, counts in found:
        groups[key].append(counts)
    return {key: Counts.sum(counts) for key, counts in groups.items()}


def _both(one: Mapping[K, Counts], other: Mapping[K, Counts]) -> Mapping[K, Counts]:
    return _by([*one.items(), *other.items()])
