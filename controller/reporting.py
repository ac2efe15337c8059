"""Reporting: what was counted of some days, put together into a report. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta

from controller import care_figures
from controller.care_figures import times
from controller.config import HallConfig
from controller.figures import LEVELS, SATISFIED, WITHIN, Counts, HourCounts
from controller.plan import Plan
from controller.report_values import DayFigures, Figures, HourFigures, PartFigures, Rated, Report, Times, Waiting
from controller.staffing_figures import staffing
from controller.summing import Summed

LONGEST = timedelta(days=366)
"""A report is of a year at most."""


def report(config: HallConfig, first: date, last: date, found: Summed, settled: Summed | None = None) -> Report:
    """The report on the days from `first` to `last`; of those that are `settled`, who did not rate counts as 基本满意."""
    over = settled or Summed()
    return Report(
        hall=config.hall.id,
        first=first,
        last=last,
        timezone=config.hall.timezone,
        all=figures(Counts.sum(found.days.values()), Counts.sum(over.days.values())),
        days=tuple(
            DayFigures(day=day, figures=figures(counts, over.days.get(day))) for day, counts in sorted(found.days.items())
        ),
        hours=_hours(found.hours),
        services=_parts(found.services, over.services, [service.id for service in config.service]),
        staffing=staffing(found, config),
        windows=_parts(found.windows, over.windows, [window.id for window in config.window]),
        staff=_parts(found.staff, over.staff, [person.id for person in config.staff], empty=False),
        rooms=care_figures.rooms(found, [room.id for room in config.room]),
        room_days=care_figures.room_days(found),
        room_hours=care_figures.room_hours(found, [room.id for room in config.room]),
        devices=care_figures.devices(found),
        kinds=care_figures.kinds(found, Plan.of(config)),
        device_days=care_figures.device_days(found),
    )


def figures(counts: Counts, settled: Counts | None = None) -> Figures:
    """Counts in seconds and shares; `settled` are those of them whose time for a rating is long over."""
    return Figures(
        tickets=counts.tickets, void=counts.void, unserved=counts.unserved, visits=counts.visits, calls=counts.calls,
        no_shows=counts.no_shows, served=counts.served,
        waiting=Waiting(
            **times(counts.waited, counts.waited_us, counts.longest_wait_us),
            within={str(minutes): getattr(counts, f"within_{minutes}") for minutes in WITHIN},
        ),
        way=Times(**times(counts.came, counts.way_us, counts.longest_way_us)),
        service=Times(**times(counts.attended, counts.service_us, counts.longest_service_us)),
        ratings=_rated(counts, 0 if settled is None else settled.invited - settled.given),
    )  # fmt: skip


def _rated(counts: Counts, deemed: int) -> Rated:
    levels = dict(zip(LEVELS, counts.levels(), strict=True))
    return Rated(
        invited=counts.invited,
        given=counts.given,
        levels={str(level): count for level, count in levels.items()},
        response=_share(counts.given, counts.invited),
        deemed=deemed,
        satisfaction=_share(sum(levels[level] for level in SATISFIED) + deemed, counts.given + deemed),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _parts(
    found: Mapping[str, Counts], settled: Mapping[str, Counts], known: list[str], *, empty: bool = True
) -> tuple[PartFigures, ...]:
    """Those of hall.toml in its order, then those that are no longer in it; `empty`: also those without figures."""
    order = [name for name in known if empty or name in found] + sorted(set(found) - set(known) - {""})
    return tuple(PartFigures(id=name, figures=figures(found.get(name, Counts()), settled.get(name))) for name in order)


def _hours(found: Mapping[int, HourCounts]) -> tuple[HourFigures, ...]:
    """From the first hour in which anything happened to the last."""
    if not found:
        return ()
    return tuple(_hour(hour, found.get(hour, HourCounts())) for hour in range(min(found), max(found) + 1))


def _hour(hour: int, counts: HourCounts) -> HourFigures:
    waiting = Times(**times(counts.waited, counts.waited_us, 0))
    return HourFigures(hour=hour, tickets=counts.tickets, visits=counts.visits, served=counts.served, waiting=waiting)
