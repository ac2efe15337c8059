"""A desk for tests of the queue's rules: every action is decided, and applied, a second after the one before."""

from itertools import count
from typing import Any

from contract.ticketing import Priority
from controller.queue import QueueState, Refusal, Rules, apply, decide
from controller.queue.actions import CallNext, Finish, Issue, NoShow, QueueAction, Recall, Start, Sweep
from tests.controller.halls import after


class Desk:
    """A queue with a clock that moves one second with every action."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.state = QueueState()
        self.second = 0.0
        self._ids = count(1)
        self.do(Sweep())

    def do(self, action: QueueAction) -> Any:
        """The facts of `action`, applied, or the refusal."""
        decision = decide(self.state, action, after(self.second), self.rules)
        self.second += 1
        if not isinstance(decision, Refusal):
            for fact in decision:
                self.state = apply(self.state, fact)
        return decision

    def refused(self, action: QueueAction) -> str:
        """The code with which `action` is refused."""
        decision = self.do(action)
        assert isinstance(decision, Refusal), decision
        assert decision.what.zh
        assert decision.what.en
        return decision.code

    def issue(self, service: str = "social", priority: Priority = "ordinary") -> str:
        """The number of a ticket given by hand."""
        return str(self.do(Issue(ticket=f"ticket-{next(self._ids)}", service=service, priority=priority, printed=True))[0].number)

    def next(self, window: str) -> str:
        """The number that is called next to `window`, served and done with at once."""
        number = str(self.do(CallNext(window=window, call=f"call-{next(self._ids)}"))[0].number)
        self.do(Start(window=window))
        self.do(Finish(window=window))
        return number

    def miss(self, window: str = "w1") -> str:
        """Call the next one three times in vain."""
        number = str(self.do(CallNext(window=window, call=f"call-{next(self._ids)}"))[0].number)
        for _ in range(2):
            self.do(Recall(window=window, call=f"call-{next(self._ids)}"))
        self.do(NoShow(window=window))
        return number
