"""How many windows a service needs, from a report's own figures: by the published values of Erlang C."""

from datetime import date

import pytest
from msgspec.structs import replace

from controller.figures import Counted, Counts, Hour, HourCounts, Work
from controller.report_values import StaffingFigures
from controller.reporting import report
from controller.summing import Summed
from tests.controller.halls import hall

FIRST, LAST = date(2026, 5, 4), date(2026, 5, 5)
SECOND = 1_000_000


def counted(*hours: tuple[date, int, int, str], took: float = 0.0, people: int = 0) -> Summed:
    """Tickets by day, hour and service; so many people were served in so many seconds each."""
    work = [Work(Counts(tickets=tickets), day, service, "", "") for day, _, tickets, service in hours]
    served = Work(Counts(attended=people, service_us=round(people * took * SECOND)), FIRST, "social", "w1", "")
    load = tuple(Hour(HourCounts(tickets=tickets), day, hour, service) for day, hour, tickets, service in hours)
    return Summed.of(Counted(work=(*work, served), hours=load))


def advised(found: Summed, goal: float = 10.0) -> dict[str, StaffingFigures]:
    config = hall()
    social, *others = config.service
    config = replace(config, service=(replace(social, goal=goal), *others))
    return {row.id: row for row in report(config, FIRST, LAST, found).staffing}


@pytest.mark.parametrize(("goal", "needed"), [(7.84, 14), (7.83, 15), (3600, 11)])
def test_the_busiest_hour_of_the_mean_day_asks_for_what_erlang_c_says(goal: float, needed: int) -> None:
    found = counted((FIRST, 9, 90, "social"), (FIRST, 10, 250, "social"), (LAST, 10, 150, "social"), took=180.0, people=7)
    social = advised(found, goal / 60)["social"]
    assert (social.hour, social.arrivals, social.took, social.traffic) == (10, 200.0, 180.0, 10.0)
    assert (social.needed, social.windows) == (needed, 2)


def test_a_day_without_tickets_is_no_day_and_a_service_without_any_needs_no_advice() -> None:
    found = counted((FIRST, 9, 6, "civil"))
    assert {name: (row.hour, row.arrivals, row.took) for name, row in advised(found).items()} == {"civil": (9, 6.0, 600.0)}
    assert advised(counted()) == {}


def test_of_hours_that_are_alike_the_earliest_is_told() -> None:
    assert advised(counted((FIRST, 15, 4, "social"), (FIRST, 9, 4, "social")))["social"].hour == 9
