"""Notices: what boards show beside calls at their times, until somebody withdraws them or their time is over. Pure."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from contract.calling import NoticeLine
from contract.dispatch import NoticeTimes, PostNotice
from contract.masking import without_identity_numbers
from contract.values import Text
from controller.calendar import HallCalendar
from controller.config_hours import Calendar, Hours
from controller.queue.facts import Happened
from controller.queue.refusals import Refusal
from controller.queue.values import Frozen, replaced


class NoticePosted(Happened, frozen=True, kw_only=True, tag="notice-posted"):
    """A notice goes up on the boards of `zones`; on all when there are none."""

    notice: str
    text: Text
    zones: tuple[str, ...] = ()
    urgent: bool = False
    important: bool = False
    since: datetime | None = None
    until: datetime | None = None
    times: NoticeTimes | None = None


class NoticeEnded(Happened, frozen=True, kw_only=True, tag="notice-ended"):
    """A notice comes down."""

    notice: str


NoticeFact = NoticePosted | NoticeEnded


class NoticeState(Frozen, frozen=True, kw_only=True):
    """The notices that are posted, oldest first: those that stand now, and those whose times are still to come."""

    posted: Mapping[str, NoticePosted] = {}


UNKNOWN = Refusal("unknown-notice", Text(zh="没有这条公告或已撤下", en="there is no such notice, or it is down already"))
OVER = Refusal("notice-over", Text(zh="公告的截止时间已过", en="the notice's time is over already"))
EMPTY = Refusal("notice-empty", Text(zh="公告没有内容", en="the notice says nothing"))
MANY = Refusal("too-many-notices", Text(zh="公告太多，请先撤下一些", en="too many notices; take some down first"))
NEVER = Refusal("notice-never", Text(zh="公告的起止时间不成立", en="the notice would never stand: look at its times"))
MOST = 50


def post(
    state: NoticeState, order: PostNotice, notice: str, now: datetime, zones: frozenset[str]
) -> tuple[NoticeFact, ...] | Refusal:
    """Put a notice up."""
    order = without_persons(order)
    if unknown := sorted(set(order.zones) - zones):
        return Refusal("unknown-zone", Text(zh=f"没有区域 {unknown[0]}", en=f"there is no zone {unknown[0]}"))
    if not order.text.zh.strip() and not order.text.en.strip():
        return EMPTY
    if order.until is not None and order.until <= now:
        return OVER
    if _never(order):
        return NEVER
    if len(state.posted) >= MOST:
        return MANY
    return (
        NoticePosted(
            at=now, notice=notice, text=order.text, zones=order.zones, urgent=order.urgent, important=order.important,
            since=order.since, until=order.until, times=order.times,
        ),
    )  # fmt: skip


def without_persons(order: PostNotice) -> PostNotice:
    """The order with no resident identity number to be read in its text."""
    zh, en = map(without_identity_numbers, (order.text.zh, order.text.en))
    return replace(order, text=Text(zh=zh, en=en))


def _never(order: PostNotice) -> bool:
    backwards = order.since is not None and order.until is not None and order.until <= order.since
    return backwards or (order.times is not None and order.times.starts == order.times.ends)


def withdraw(state: NoticeState, notice: str, now: datetime) -> tuple[NoticeFact, ...] | Refusal:
    """Take a notice down."""
    return (NoticeEnded(at=now, notice=notice),) if notice in state.posted else UNKNOWN


def sweep(state: NoticeState, now: datetime) -> tuple[NoticeFact, ...]:
    """Notices whose time is over."""
    return tuple(
        NoticeEnded(at=now, notice=notice.notice)
        for notice in state.posted.values()
        if notice.until is not None and notice.until <= now
    )


def apply(state: NoticeState, fact: NoticeFact) -> NoticeState:
    """The state after `fact`."""
    if isinstance(fact, NoticePosted):
        return replace(state, posted=replaced(state.posted, fact.notice, fact))
    return replace(state, posted={name: other for name, other in state.posted.items() if name != fact.notice})


def lines(state: NoticeState, zones: frozenset[str] | None, now: datetime, calendar: HallCalendar) -> tuple[NoticeLine, ...]:
    """What stands now on a board of `zones` (None: of the whole hall): urgent, important, other notices, each newest first."""
    fitting = [n for n in state.posted.values() if zones is None or not n.zones or zones & set(n.zones)]
    fitting.sort(key=lambda notice: (notice.urgent, notice.important, notice.at), reverse=True)
    return tuple(
        NoticeLine(notice=n.notice, text=n.text, urgent=n.urgent, until=_until(n, now, calendar))
        for n in fitting
        if stands(n, now, calendar)
    )


def stands(notice: NoticePosted, now: datetime, calendar: HallCalendar) -> bool:
    """Whether a notice is on the boards now."""
    begun = notice.since is None or notice.since <= now
    over = notice.until is not None and notice.until <= now
    return begun and not over and (notice.times is None or _daily(notice.times, calendar).opening(now) is not None)


def _until(notice: NoticePosted, now: datetime, calendar: HallCalendar) -> datetime | None:
    """When it comes down by itself: a board that has lost the controller keeps to that too."""
    stretch = None if notice.times is None else _daily(notice.times, calendar).opening(now)
    ends = (notice.until, None if stretch is None else stretch.closes)
    return min((end for end in ends if end is not None), default=None)


def _daily(times: NoticeTimes, calendar: HallCalendar) -> HallCalendar:
    """The times of a notice, as a hall's hours: one rule for midnight and for days on which the clocks change."""
    days = times.days or calendar.hours.days
    return HallCalendar(
        hours=Hours(opens=times.starts, closes=times.ends, days=days),
        calendar=Calendar() if times.days else calendar.calendar,
        timezone=calendar.timezone,
    )
