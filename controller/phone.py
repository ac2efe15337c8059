"""Ratings and complaints from a ticket's page on somebody's phone: what they make happen, here and at the window."""

from contract.dispatch import DispatchReply
from contract.rating import RatingInvite
from contract.topics import RATING_INVITE
from contract.values import Text
from controller import cases, complaints, ratings
from controller.dispatching import refused
from controller.draft import Draft
from controller.queue import Refusal
from controller.ratings import Invitation
from link.letter import Letter

UNKNOWN_TICKET = Refusal("unknown-ticket", Text(zh="今天没有这张号票", en="there is no such ticket today"))
RECEIVED = Text(zh="已收到，工作人员会来了解情况", en="Received; somebody will come and listen")
THANKS = Text(zh="感谢您的评价", en="Thank you for your rating")


def rate(draft: Draft, ticket: str, level: int) -> DispatchReply:
    """Store it as the rater's would be, with the case that a poor one opens; or say why not."""
    config, state = draft.rules.config, draft.state
    given = ratings.give_by_phone(state.ratings, ticket, level, draft.now, config.rating)
    if isinstance(given, Refusal):
        draft.counts[given.code] += 1
        return refused(draft.new_id(), given, draft.now)
    invitation = ratings.of_ticket(state.ratings, ticket)
    draft.add((given, *cases.after_rating(state.cases, given, invitation, config.cases, draft.rules.queue.calendar())))
    if invitation is not None and draft.now <= invitation.not_after:
        draft.letters += [_over(invitation, name) for name in (invitation.rating, *invitation.names)]
    return DispatchReply(id=draft.new_id(), at=draft.now, outcome="done", what=THANKS)


def complain(draft: Draft, ticket: str) -> DispatchReply:
    """Store what could not be done (办不成事), with the case that it opens; or say why not."""
    known = draft.state.queue.tickets.get(ticket)
    raised = UNKNOWN_TICKET if known is None else complaints.by_phone(draft.state.complaints, known, draft.now)
    if isinstance(raised, Refusal):
        draft.counts[raised.code] += 1
        return refused(draft.new_id(), raised, draft.now)
    draft.add((raised, cases.after_complaint(raised, draft.rules.config.cases, draft.rules.queue.calendar())))
    return DispatchReply(id=draft.new_id(), at=draft.now, outcome="done", what=RECEIVED)


def _over(invitation: Invitation, name: str) -> Letter:
    """The same invitation again, for no time at all: the rater must not thank anybody for a press that would not count."""
    again = RatingInvite(
        rating=name, window=invitation.window, at=invitation.at, not_after=invitation.at, number=invitation.number
    )
    return Letter(RATING_INVITE, again, {"window": invitation.window})
