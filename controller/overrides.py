"""Overrides: rules that staff have changed for a while, as facts with an end that are laid over hall.toml. Pure.

The queue knows nothing of them: the rules that it reads have them in already, and are made anew whenever one begins or ends.
"""

from collections.abc import Mapping
from dataclasses import replace as changed
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from contract.overrides import CallLimits, HoursOn, Override, Quota, RatingTime
from controller.calendar import DayHours, HallCalendar
from controller.config import HallConfig
from controller.hall_rules import HallRules
from controller.queue import Rules
from controller.queue.facts import Happened
from controller.queue.rules import HALL
from controller.queue.values import Frozen


class OverrideSet(Happened, frozen=True, kw_only=True, tag="override-set"):
    """A rule is another one until then."""

    override: str
    what: Override
    until: datetime
    by: str
    why: str


class OverrideEnded(Happened, frozen=True, kw_only=True, tag="override-ended"):
    """It is as hall.toml says again."""

    override: str


OverrideFact = OverrideSet | OverrideEnded


class OverrideState(Frozen, frozen=True, kw_only=True):
    """What stands."""

    standing: Mapping[str, OverrideSet] = {}


def sweep(state: OverrideState, now: datetime) -> tuple[OverrideEnded, ...]:
    """What time brings: those that are over."""
    return tuple(OverrideEnded(at=now, override=name) for name, one in state.standing.items() if one.until <= now)


def apply(state: OverrideState, fact: OverrideFact) -> OverrideState:
    """The state after `fact`."""
    if isinstance(fact, OverrideSet):
        return OverrideState(standing={**state.standing, fact.override: fact})
    return OverrideState(standing={name: one for name, one in state.standing.items() if name != fact.override})


def taken_over(standing: tuple[OverrideSet, ...]) -> OverrideState:
    """What a new day begins with."""
    return OverrideState(standing={one.override: one for one in standing})


def over(written: HallRules, state: OverrideState) -> HallRules:
    """The rules in force: those of hall.toml with what stands laid over them."""
    if not state.standing:
        return written
    config = written.config
    for one in state.standing.values():
        config = _config(config, one.what)
    calendars = dict(written.queue.calendars)
    for one in state.standing.values():
        if isinstance(one.what, HoursOn):
            _lay(calendars, one.what)
    return changed(written, config=config, queue=changed(Rules.of(config), calendars=calendars))


def _config(config: HallConfig, what: Override) -> HallConfig:
    match what:
        case Quota(service=service, daily=daily, hourly=hourly):
            given = _given(daily_quota=daily, hourly_quota=hourly)
            services = tuple(replace(one, **given) if one.id == service else one for one in config.service)
            return replace(config, service=services)
        case CallLimits(times=times, interval=interval):
            return replace(config, calling=replace(config.calling, **_given(times=times, interval=interval)))
        case RatingTime(window=window):
            return replace(config, rating=replace(config.rating, window=window))
        case HoursOn():
            return config


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _lay(calendars: dict[str, HallCalendar], what: HoursOn) -> None:
    name = what.service or HALL
    calendar = calendars.get(name) or calendars[HALL]
    calendars[name] = changed(calendar, days={**calendar.days, what.day: DayHours(what.opens, what.closes)})
