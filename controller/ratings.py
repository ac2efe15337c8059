"""Ratings: one per visit, tied to the service that just ended; silence is 未评价 and never satisfied."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from contract.events import Aspect, RatingGiven, RatingLapsed, VisitAway
from contract.values import Text
from controller.config_rules import RatingRules
from controller.queue.facts import Happened
from controller.queue.refusals import Refusal
from controller.queue.sorted_map import SortedMap
from controller.queue.values import Frozen, Ticket, replaced

SLACK = 2.0
"""Seconds that a rater's own timing may differ from the rule."""
SILENCE = 30.0
"""Seconds after an invitation's end at which the controller no longer waits for the rater's word."""
REMEMBERED = timedelta(days=7)
"""So long may a rating come late from a rater that was cut off."""


class RatingInvited(Happened, frozen=True, kw_only=True, tag="rating-invited"):
    """A rater opens for one visit."""

    rating: str
    visit: str
    ticket: str
    number: str
    service: str
    window: str
    not_after: datetime
    staff: str | None = None
    """Who served: the rating is that person's."""
    away: bool = False
    """The window's own node opened the rater while this controller was out of its reach."""


class RatingJoined(Happened, frozen=True, kw_only=True, tag="rating-joined"):
    """The window's node invited by itself for a visit that had been invited for: both are one, under either name."""

    rating: str
    name: str


class RatingStored(Happened, frozen=True, kw_only=True, tag="rating-stored"):
    """A citizen's rating, whole: it takes the place of the one before; `corrected` when its level did."""

    rating: str
    level: int
    after: float
    corrected: bool = False
    aspects: tuple[Aspect, ...] = ()
    reason: str | None = None
    phone: bool = False
    """Given on the ticket's page, not at the window."""


class RatingClosed(Happened, frozen=True, kw_only=True, tag="rating-closed"):
    """未评价. `silent`: the rater has not said so itself, so a rating may still come from it."""

    rating: str
    silent: bool = False


RatingFact = RatingInvited | RatingJoined | RatingStored | RatingClosed


class Invitation(Frozen, frozen=True, kw_only=True):
    """One invitation and what came of it."""

    rating: str
    visit: str
    ticket: str = ""
    window: str
    service: str = ""
    staff: str | None = None
    number: str | None = None
    at: datetime
    not_after: datetime
    level: int | None = None
    after: float = 0.0
    phone: bool = False
    closed: bool = False
    silent: bool = False
    names: tuple[str, ...] = ()
    """Other names under which a rater may answer it."""


class Figures(Frozen, frozen=True, kw_only=True):
    """Counts of the day."""

    invited: int = 0
    given: int = 0
    lapsed: int = 0
    levels: Mapping[int, int] = {}


class RatingState(Frozen, frozen=True, kw_only=True):
    """All invitations of the day, and older ones that may still be answered."""

    invitations: SortedMap[str, Invitation] = SortedMap()
    visits: SortedMap[str, str] = SortedMap()
    """Visit to its invitation."""
    names: SortedMap[str, str] = SortedMap()
    """Another name of an invitation to its own."""
    tickets: SortedMap[str, str] = SortedMap()
    """Ticket to the invitation of its last visit."""
    open: Mapping[str, Invitation] = {}
    """Invitations that are neither answered nor closed; few."""
    figures: Figures = Figures()

    def invitation(self, name: str) -> Invitation | None:
        """The invitation that a rater answers."""
        return self.invitations.get(self.names.get(name) or name)


def _refusal(code: str, zh: str, en: str) -> Refusal:
    return Refusal(code, Text(zh=zh, en=en))


UNKNOWN = _refusal("unknown-rating", "没有这次评价邀请", "there is no such invitation to rate")
WRONG_WINDOW = _refusal("wrong-window", "评价不属于该窗口", "the rating is of another window")
ALREADY_RATED = _refusal("already-rated", "本次服务已评价", "this visit has been rated")
TOO_LATE = _refusal("rated-too-late", "评价时间已过", "the time for rating was over")
ALREADY_INVITED = _refusal("already-invited", "本次服务已邀请评价", "this visit has been invited to rate")


def invite(state: RatingState, ticket: Ticket, rating: str, now: datetime, rules: RatingRules) -> RatingInvited | Refusal:
    """An invitation for the ticket's present visit, unless it has one."""
    if ticket.visit is None or ticket.window is None or ticket.visit in state.visits:
        return ALREADY_INVITED
    return RatingInvited(
        at=now, rating=rating, visit=ticket.visit, ticket=ticket.id, number=ticket.number, service=ticket.service,
        window=ticket.window, staff=ticket.staff, not_after=now + timedelta(seconds=rules.window),
    )  # fmt: skip


def invited_away(
    state: RatingState, said: VisitAway, ticket: Ticket | None, at: datetime, rules: RatingRules
) -> tuple[RatingInvited | RatingJoined, ...]:
    """An invitation that the window's node made by itself, whatever became of the visit: what was thanked for must count.

    One visit is rated once: when it has been invited for already, the node's invitation is the same one.
    """
    if said.rating is None or state.invitation(said.rating) is not None:
        return ()
    visit = said.ticket if ticket is None or ticket.visit is None else ticket.visit
    if (known := state.visits.get(visit)) is not None:
        return (RatingJoined(at=at, rating=known, name=said.rating),)
    return (
        RatingInvited(
            at=at, rating=said.rating, visit=visit, ticket=said.ticket, number=said.number,
            service="" if ticket is None else ticket.service, window=said.window, staff=None if ticket is None else ticket.staff,
            not_after=at + timedelta(seconds=rules.window), away=True,
        ),
    )  # fmt: skip


def give(state: RatingState, said: RatingGiven, at: datetime, rules: RatingRules) -> RatingStored | Refusal:
    """A rating by the rater's own timing, however late its message comes.

    A second level corrects the first within the grace time; what follows the same press, such as aspects, completes it.
    """
    invitation = state.invitation(said.rating)
    if invitation is None:
        return UNKNOWN
    if invitation.window != said.window:
        return WRONG_WINDOW
    if said.after > rules.window + rules.grace + SLACK:
        return TOO_LATE
    if invitation.phone:
        return ALREADY_RATED
    if invitation.level is not None and not 0 <= said.after - invitation.after <= rules.grace + SLACK:
        return ALREADY_RATED
    if invitation.closed and not invitation.silent:
        return ALREADY_RATED
    return RatingStored(
        at=at, rating=invitation.rating, level=said.level, after=said.after,
        corrected=said.corrected or invitation.level not in (None, said.level),
        aspects=said.aspects, reason=said.reason,
    )  # fmt: skip


def of_ticket(state: RatingState, ticket: str) -> Invitation | None:
    """The invitation of a ticket's last visit."""
    return state.invitations.get(state.tickets.get(ticket) or "")


def phone_until(invitation: Invitation, rules: RatingRules) -> datetime | None:
    """Until when the ticket's page may rate a visit; None when somebody has."""
    return None if invitation.level is not None else invitation.at + timedelta(seconds=rules.phone)


def give_by_phone(state: RatingState, ticket: str, level: int, now: datetime, rules: RatingRules) -> RatingStored | Refusal:
    """A rating from the ticket's page: the first word on its visit, whatever the rater at the window has heard of it.

    A rater whose time is over has said that nobody pressed; whoever rates on the way home is counted all the same.
    """
    invitation = of_ticket(state, ticket)
    if invitation is None:
        return UNKNOWN
    until = phone_until(invitation, rules)
    if until is None:
        return ALREADY_RATED
    if now > until or not rules.phone:
        return TOO_LATE
    after = max(0.0, (now - invitation.at).total_seconds())
    return RatingStored(at=now, rating=invitation.rating, level=level, after=after, phone=True)


def lapse(state: RatingState, said: RatingLapsed, at: datetime) -> RatingClosed | Refusal | None:
    """The rater's own word that nobody pressed; None when that is known."""
    invitation = state.invitation(said.rating)
    if invitation is None:
        return UNKNOWN
    if invitation.window != said.window:
        return WRONG_WINDOW
    if invitation.level is not None or (invitation.closed and not invitation.silent):
        return None
    return RatingClosed(at=at, rating=invitation.rating)


def sweep(state: RatingState, now: datetime, rules: RatingRules) -> tuple[RatingClosed, ...]:
    """Invitations of which the rater has not said a word."""
    patience = timedelta(seconds=rules.grace + SILENCE)
    return tuple(
        RatingClosed(at=now, rating=invitation.rating, silent=True)
        for invitation in state.open.values()
        if now > invitation.not_after + patience
    )


def carried(state: RatingState, now: datetime) -> tuple[Invitation, ...]:
    """The invitations that a new day takes over: open ones, and those whose rater may have been cut off."""
    return tuple(
        invitation
        for invitation in state.invitations.values()
        if invitation.level is None and (not invitation.closed or invitation.silent) and now - invitation.at < REMEMBERED
    )


def taken_over(invitations: tuple[Invitation, ...]) -> RatingState:
    """The state with which a new day begins."""
    state = RatingState()
    for invitation in invitations:
        state = _kept(state, invitation)
    visits: SortedMap[str, str] = SortedMap()
    tickets: SortedMap[str, str] = SortedMap()
    names: SortedMap[str, str] = SortedMap()
    for invitation in invitations:
        visits = visits.put(invitation.visit, invitation.rating)
        tickets = tickets.put(invitation.ticket, invitation.rating)
        for name in invitation.names:
            names = names.put(name, invitation.rating)
    return replace(state, visits=visits, tickets=tickets, names=names)


def apply(state: RatingState, fact: RatingFact) -> RatingState:
    """The state after `fact`."""
    if isinstance(fact, RatingInvited):
        return _invited(state, fact)
    if isinstance(fact, RatingJoined):
        return _joined(state, fact)
    invitation = state.invitations.get(fact.rating)
    if invitation is None:
        return state
    return _stored(state, invitation, fact) if isinstance(fact, RatingStored) else _closed(state, invitation, fact)


def _invited(state: RatingState, fact: RatingInvited) -> RatingState:
    invitation = Invitation(
        rating=fact.rating, visit=fact.visit, ticket=fact.ticket, window=fact.window, service=fact.service, staff=fact.staff,
        number=fact.number, at=fact.at, not_after=fact.not_after,
    )  # fmt: skip
    figures = replace(state.figures, invited=state.figures.invited + 1)
    visits, tickets = state.visits.put(fact.visit, fact.rating), state.tickets.put(fact.ticket, fact.rating)
    return replace(_kept(state, invitation), visits=visits, tickets=tickets, figures=figures)


def _joined(state: RatingState, fact: RatingJoined) -> RatingState:
    known = state.invitations.get(fact.rating)
    if known is None:
        return state
    kept = _kept(state, replace(known, names=(*known.names, fact.name)))
    return replace(kept, names=kept.names.put(fact.name, fact.rating))


def _stored(state: RatingState, before: Invitation, fact: RatingStored) -> RatingState:
    figures = state.figures
    levels = dict(figures.levels)
    if before.level is not None:
        levels[before.level] -= 1
    levels[fact.level] = levels.get(fact.level, 0) + 1
    figures = replace(
        figures,
        given=figures.given + (before.level is None),
        lapsed=max(0, figures.lapsed - before.closed),
        levels={level: count for level, count in levels.items() if count},
    )
    after = replace(before, level=fact.level, after=fact.after, phone=fact.phone, closed=False, silent=False)
    return replace(_kept(state, after), figures=figures)


def _closed(state: RatingState, before: Invitation, fact: RatingClosed) -> RatingState:
    figures = replace(state.figures, lapsed=state.figures.lapsed + (not before.closed))
    return replace(_kept(state, replace(before, closed=True, silent=fact.silent)), figures=figures)


def _kept(state: RatingState, invitation: Invitation) -> RatingState:
    waits = invitation.level is None and not invitation.closed
    open_ = (
        replaced(state.open, invitation.rating, invitation)
        if waits
        else {rating: other for rating, other in state.open.items() if rating != invitation.rating}
    )
    return replace(state, invitations=state.invitations.put(invitation.rating, invitation), open=open_)
