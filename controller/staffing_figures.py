"""Staffing from the figures of days: each service's busiest hour, and how many windows it asks for by Erlang C. Pure."""

from collections.abc import Iterable

from controller.config import HallConfig
from controller.config_parts import Service
from controller.figures import Counts, HourCounts
from controller.queue.advice import windows_needed
from controller.report_values import StaffingFigures
from controller.summing import Summed

HOUR = 3600.0
MINUTE = 60.0


def staffing(found: Summed, config: HallConfig) -> tuple[StaffingFigures, ...]:
    """Each service that gave tickets out, by the mean of the days on which the hall did."""
    days = sum(counts.tickets > 0 for counts in found.days.values())
    rows = (_service(service, found, days, config) for service in config.service)
    return tuple(row for row in rows if row is not None)


def _service(service: Service, found: Summed, days: int, config: HallConfig) -> StaffingFigures | None:
    hour, counts = _busiest((hour, counts) for (name, hour), counts in found.load.items() if name == service.id)
    if not counts.tickets:
        return None
    arrivals, took = counts.tickets / days, _took(found.services.get(service.id, Counts()), service)
    traffic = arrivals / HOUR * took
    return StaffingFigures(
        id=service.id, hour=hour, arrivals=arrivals, took=took, traffic=traffic,
        needed=windows_needed(traffic, took, service.goal * MINUTE),
        windows=sum(service.id in window.services for window in config.window),
    )  # fmt: skip


def _busiest(hours: Iterable[tuple[int, HourCounts]]) -> tuple[int, HourCounts]:
    """The hour in which most came, the earliest of those that are alike."""
    return max(hours, key=lambda each: (each[1].tickets, -each[0]), default=(0, HourCounts()))


def _took(counts: Counts, service: Service) -> float:
    """Seconds of a service; as hall.toml expects it where nobody was served."""
    return counts.service_us / 1e6 / counts.attended if counts.attended else service.expected
