"""Orders to change a rule for a while, or to end that, and why one is refused. Pure."""

from datetime import date, datetime, time, timedelta

from contract.dispatch import EndOverride, SetOverride
from contract.overrides import CallLimits, HoursOn, Quota, subject
from contract.values import Text
from controller.hall_rules import HallRules
from controller.outcome import Done, NewId
from controller.overrides import OverrideEnded, OverrideSet, OverrideState
from controller.queue import Refusal, refusals

FARTHEST = timedelta(days=366)
LONGEST = timedelta(days=31)
"""So long may an override of anything but a day's hours stand; what lasts belongs into hall.toml."""
MOST = 200


def _refusal(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, Text(zh=zh, en=en))


UNKNOWN = _refusal("unknown-override", "没有这项临时调整", "there is no such change")
NOTHING = _refusal("nothing-changed", "请填写要调整的内容", "say what shall be changed")
PAST_DAY = _refusal("past-day", "日期应在今天至一年内", "the day must be today or within a year")
BAD_END = _refusal("bad-end", "结束时间应在一个月之内", "it must end within a month")
BAD_HOURS = _refusal("bad-hours", "开门时间应早于关门时间", "it must open before it closes")
TOO_MANY = _refusal("too-many", "临时调整过多，请改 hall.toml", "too many changes stand; change hall.toml instead")


def carry_out(
    state: OverrideState, order: SetOverride | EndOverride, by: str, now: datetime, rules: HallRules, new_id: NewId
) -> Done | Refusal:
    """Let a rule be another one for a while, or no longer."""
    if isinstance(order, EndOverride):
        if order.override not in state.standing:
            return UNKNOWN
        return Done(
            facts=(OverrideEnded(at=now, override=order.override),), what=Text(zh="已恢复原规定", en="as hall.toml says again")
        )
    if (refusal := _refused(state, order, now, rules)) is not None:
        return refusal
    older = [name for name, one in state.standing.items() if subject(one.what) == subject(order.what)]
    set_ = OverrideSet(at=now, override=new_id(), what=order.what, until=_until(order, now, rules), by=by, why=order.why)
    ended = tuple(OverrideEnded(at=now, override=name) for name in older)
    return Done(facts=(*ended, set_), what=Text(zh="临时调整已生效", en="the change is in force"))


def _refused(state: OverrideState, order: SetOverride, now: datetime, rules: HallRules) -> Refusal | None:
    what, today = order.what, rules.queue.day(now)
    service = getattr(what, "service", None)
    if service is not None and service not in rules.queue.services:
        return refusals.unknown_service(service)
    if len(state.standing) >= MOST:
        return TOO_MANY
    match what:
        case HoursOn(day=day, opens=opens, closes=closes):
            if not today <= day <= today + FARTHEST:
                return PAST_DAY
            return BAD_HOURS if opens and closes and opens >= closes else None
        case Quota(daily=None, hourly=None) | CallLimits(times=None, interval=None):
            return NOTHING
    return None if now < _until(order, now, rules) <= now + LONGEST else BAD_END


def _until(order: SetOverride, now: datetime, rules: HallRules) -> datetime:
    """A day's hours end with the day; everything else with today, unless an end is given."""
    if isinstance(order.what, HoursOn):
        return _midnight(order.what.day + timedelta(days=1), rules)
    return order.until or _midnight(rules.queue.day(now) + timedelta(days=1), rules)


def _midnight(day: date, rules: HallRules) -> datetime:
    return datetime.combine(day, time(), rules.queue.timezone)
