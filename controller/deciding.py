"""Deciding: what each job makes happen, written into a draft; what must wait for another window's node waits here."""

from collections.abc import Callable, Sequence

from contract.calling import NoticeLine
from contract.topics import ALLOTMENT_HELD
from controller import citizen_messages, deferring, dispatching, nearing, phone, pictures
from controller.allotting import Allotting
from controller.draft import Draft
from controller.hearing import Doorkeeper, hear
from controller.jobs import Ask, ComplainByPhone, Job, Message, RateByPhone, Tick
from controller.state import sweep
from controller.ticketing import lease
from controller.upkeep import watching


class Deciding:
    """Everything between a job and its draft, with what of it is never stored."""

    def __init__(self, monotonic: Callable[[], float], again: Callable[[], None]) -> None:
        """`again` sees to it that this is asked once more when a node has had its time to answer."""
        self._monotonic, self._again = monotonic, again
        self._doorkeeper = Doorkeeper()
        self._deferred: list[Job] = []
        self._notices: tuple[NoticeLine, ...] = ()
        self.allotting = Allotting(monotonic())

    def decide(self, draft: Draft, jobs: Sequence[Job]) -> None:
        """Let jobs happen in their order, those first that had to wait."""
        lines = draft.state.queue.lines
        deferred, self._deferred = self._deferred, []
        for job in (*deferred, *jobs):
            if not isinstance(job, Message) or self._doorkeeper.lets_in(draft, job.topic, job.heard):
                self._do_or_defer(draft, job)
        self.allotting.take_words(draft, deferring.read(draft, self._deferred))
        # Before lists are drawn anew: what was just given up for an order would go straight into the next one.
        deferred, self._deferred = self._deferred, []
        for job in deferred:
            self._do_or_defer(draft, job)
        self.allotting.draw(draft, self._monotonic())
        if any(citizen_messages.listeners(draft.rules, "ticket.soon")):
            most, rules = draft.rules.config.messages.before, draft.rules.queue
            draft.add(nearing.near(draft.state.queue, draft.state.nearing, lines, most, draft.now, rules))

    def _do_or_defer(self, draft: Draft, job: Job) -> None:
        """Do a job, unless it must wait for another window's node, or behind what waits of its own node."""
        node = deferring.node_of(job) if self._deferred else None
        behind = node is not None and any(deferring.node_of(other) == node for other in self._deferred)
        if not behind and not self._must_wait(draft, job):
            self._do(draft, job)
            return
        if not behind:
            self._again()
        self._deferred.append(job)

    def _must_wait(self, draft: Draft, job: Job) -> bool:
        order = deferring.order(draft, job)
        if order is None:
            return False
        self.allotting.take_words(draft, deferring.read(draft, [job]))
        return deferring.must_wait(draft, order, self.allotting.silent(draft.state.queue, draft.presence, self._monotonic()))

    def _do(self, draft: Draft, job: Job) -> None:
        match job:
            case Message() if job.topic is ALLOTMENT_HELD:
                self.allotting.hear(draft, job.heard, self._monotonic())
            case Message():
                hear(draft, job.topic, job.heard)
            case Ask():
                draft.replies.append((job.reply, dispatching.ask(draft, job.request, job.actor)))
            case RateByPhone():
                draft.replies.append((job.reply, phone.rate(draft, job.ticket, job.level)))
            case ComplainByPhone():
                draft.replies.append((job.reply, phone.complain(draft, job.ticket)))
            case Tick():
                draft.add(sweep(draft.state, draft.now, draft.rules.queue, draft.rules.config.rating))
                draft.add(watching.sweep(draft.state, draft.now, draft.rules))
                for kiosk in draft.rules.config.kiosk:
                    lease(draft, kiosk.id)
                draft.seen |= draft.presence.boards.look() | self._notices_turn(draft)

    def _notices_turn(self, draft: Draft) -> bool:
        """Whether other notices stand than a moment ago, which pages show also where no board does."""
        before, self._notices = self._notices, pictures.notice_lines(draft.state, draft.rules, draft.now, None)
        return self._notices != before
