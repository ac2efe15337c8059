"""Whatever is lost, late, repeated or started anew between controller and windows: no ticket is called at two, none is lost."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contract import dispatch
from contract.events import CallerKey
from controller.jobs import Tick
from controller.queue.facts import AwayNoted, TicketCalled
from tests.controller.cut_off import CutOffHall, config
from tests.examples import examples

nodes = st.sampled_from(("desk", "desk-2"))
windows = st.sampled_from(("w1", "w2"))
keys: st.SearchStrategy[CallerKey] = st.sampled_from(("next", "next", "recall", "start", "finish", "no-show"))
indices = st.integers(0, 3)


class Partitions(RuleBasedStateMachine):
    """Anything that can happen between the controller and two windows."""

    def __init__(self) -> None:
        super().__init__()
        self.hall = CutOffHall(config())
        self.issued: list[str] = []

    @initialize(people=st.integers(0, 9))
    def morning(self, people: int) -> None:
        """People wait, and both windows know what they may call."""
        for _ in range(people):
            self.somebody_comes("social", "ordinary")
        self.hall.heal()

    @rule(service=st.sampled_from(("social", "social", "civil")), priority=st.sampled_from(("ordinary", "ordinary", "priority")))
    def somebody_comes(self, service: str, priority: str) -> None:
        before = set(self.hall.state.queue.tickets)
        self.hall.order(dispatch.IssueTicket(service=service, priority=priority))  # type: ignore[arg-type]
        self.issued += set(self.hall.state.queue.tickets) - before

    @rule(window=windows)
    def a_page_calls(self, window: str) -> None:
        self.hall.order(dispatch.CallNext(window=window))

    @rule(window=windows, pick=indices)
    def a_page_chooses(self, window: str, pick: int) -> None:
        waiting = [t for t in self.hall.state.queue.tickets.values() if t.state == "waiting"]
        lapsed = any(holding.lapsed for holding in self.hall.state.queue.allotments.values())
        if waiting and not lapsed:  # after that it is a person's word
            self.hall.order(dispatch.CallChosen(window=window, number=waiting[pick % len(waiting)].number))

    @rule(window=windows, what=st.sampled_from((dispatch.Start, dispatch.Finish, dispatch.PauseWindow, dispatch.OpenWindow)))
    def a_page_goes_on(self, window: str, what: type[dispatch.Start]) -> None:
        self.hall.order(what(window=window))

    @rule(node=nodes, key=keys)
    def a_key_is_an_order(self, node: str, key: CallerKey) -> None:
        self.hall.press(self.hall.nodes[node], key)
        self.hall.send(self.hall.nodes[node])

    @rule(node=nodes, key=keys, power_fails=st.sampled_from(("", "", "", "saved", "recorded")))
    def a_key_alone(self, node: str, key: CallerKey, power_fails: str) -> None:
        self.hall.press_alone(self.hall.nodes[node], key, power_fails)

    @rule(node=nodes)
    def a_node_speaks(self, node: str) -> None:
        self.hall.say_held(self.hall.nodes[node])
        self.hall.send(self.hall.nodes[node])

    @rule(node=nodes, index=indices, again=st.booleans())
    def a_word_arrives(self, node: str, index: int, again: bool) -> None:
        there = self.hall.nodes[node]
        if there.outbound:
            self.hall.deliver_out(there, index % len(there.outbound), again=again)

    @rule(node=nodes, index=indices, again=st.booleans())
    def an_answer_arrives(self, node: str, index: int, again: bool) -> None:
        there = self.hall.nodes[node]
        if there.inbound:
            self.hall.deliver_in(there, index % len(there.inbound), again=again)

    @rule(node=nodes, key=keys)
    def a_key_now_and_its_order_at_once(self, node: str, key: CallerKey) -> None:
        self.a_key_is_an_order(node, key)
        self.everything_arrives("desk")
        self.everything_arrives("desk-2")

    @rule(node=nodes)
    def a_visit_alone(self, node: str) -> None:
        for key in ("next", "start", "finish"):
            self.hall.press_alone(self.hall.nodes[node], key)

    @rule(node=nodes)
    def everything_arrives(self, node: str) -> None:
        there = self.hall.nodes[node]
        for _ in range(6):
            while there.outbound:
                self.hall.deliver_out(there)
            while there.inbound:
                self.hall.deliver_in(there)

    @rule(node=nodes)
    def everything_is_lost(self, node: str) -> None:
        self.hall.nodes[node].inbound.clear()
        self.hall.nodes[node].outbound.clear()

    @rule(node=nodes)
    def what_the_broker_kept_arrives(self, node: str) -> None:
        there = self.hall.nodes[node]
        if there.window in self.hall.kept:
            there.inbound.append(("allotment", self.hall.kept[there.window]))

    @rule(node=nodes)
    def a_node_starts_anew(self, node: str) -> None:
        self.hall.restart(self.hall.nodes[node])

    @rule()
    def the_controller_starts_anew(self) -> None:
        self.hall.start_controller()

    @rule(seconds=st.sampled_from((0.1, 0.5, 6.0, 30.0, 200.0, 700.0)))
    def time_passes(self, seconds: float) -> None:
        self.hall.tick += seconds
        self.hall.work(Tick())

    @invariant()
    def no_ticket_is_called_at_two_windows(self) -> None:
        for ticket, called in self.hall.where.items():
            number = getattr(self.hall.state.queue.tickets.get(ticket), "number", ticket)
            assert len(called) <= 1, f"{number} was called at {' and '.join(sorted(called))}"

    @invariant()
    def no_ticket_is_lost(self) -> None:
        queue = self.hall.state.queue
        in_lines = [ticket for line in queue.lines.values() for ticket in line.values()]
        at_windows = [now.ticket for now in queue.windows.values() if now.ticket is not None]
        for ticket in queue.tickets.values():
            there = {"waiting": in_lines, "called": at_windows, "serving": at_windows}.get(ticket.state)
            assert there is None or there.count(ticket.id) == 1
        assert set(self.issued) == set(queue.tickets)

    @rule()
    def all_is_well_again(self) -> None:
        self.check_the_end()

    def teardown(self) -> None:
        self.check_the_end()

    def check_the_end(self) -> None:
        self.hall.heal()
        self.no_ticket_is_called_at_two_windows()
        known = [fact.call for fact in self.hall.journal if isinstance(fact, TicketCalled | AwayNoted) and fact.call]
        for call in self.hall.by_itself:
            assert known.count(call) == 1, f"call {call} stands {known.count(call)} times in the journal"
        queue = self.hall.state.queue
        for window, holding in queue.allotments.items():
            assert set(holding.last) == set(holding.tickets), f"{window} withholds what it has given up"
        assert not self.hall.deciding._deferred


TestPartitions = Partitions.TestCase
TestPartitions.settings = settings(
    max_examples=examples(40), stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
