"""Metrics: how the hall stands, as Prometheus reads it; read when asked for, no names of persons among them."""

from collections import Counter as Counts
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from contract.calling import WindowState
from controller.report_values import Report
from controller.view import HallView

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
COMMITS = Histogram(
    "hallware_store_commit_seconds",
    "Time until what was decided together is on the database's disk.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=None,
)
"""Kept by the service, of all halls of this process."""


OVERSTEPPED = Counter("hallware_http_overstepped", "Requests of people whose role may not do that.", registry=None)
"""Kept by the pages and the API, of all halls of this process."""


def exposition(view: HallView, today: Report) -> bytes:
    """Everything in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Hall(view, today))
    registry.register(COMMITS)
    registry.register(OVERSTEPPED)
    Info("hallware", "Which hall this is.", registry=registry).info({"hall": view.hall, "version": version("hallware")})
    return generate_latest(registry)


class _Hall(Collector):
    def __init__(self, view: HallView, today: Report) -> None:
        self._view, self._today = view, today

    def collect(self) -> Iterable[Metric]:
        """All that is known at this moment."""
        yield from _queues(self._view)
        yield from _states(self._view)
        yield from _day(self._today)


def _gauge(name: str, text: str, labels: Iterable[str], values: Iterable[tuple[tuple[str, ...], float]]) -> GaugeMetricFamily:
    found = GaugeMetricFamily(f"hallware_{name}", text, labels=list(labels))
    for label, value in values:
        found.add_metric(list(label), value)
    return found


def _queues(view: HallView) -> Iterator[Metric]:
    services = view.services
    yield _gauge("waiting", "People who wait.", ["service"], [((s.service,), s.count) for s in services])
    yield _gauge(
        "service_windows_open", "Open windows that serve it.", ["service"], [((s.service,), s.windows_open) for s in services]
    )
    yield _gauge(
        "service_windows_needed", "Windows that its waiting goal asks for.", ["service"],
        [((s.service,), s.windows_needed) for s in services],
    )  # fmt: skip
    yield _gauge("expected_wait_seconds", "What somebody who comes now may expect.", ["service", "bound"], [
        ((s.service, bound), 60 * minutes) for s in services if s.wait
        for bound, minutes in (("low", s.wait.low), ("high", s.wait.high))
    ])  # fmt: skip


def _states(view: HallView) -> Iterator[Metric]:
    rooms = view.rooms
    devices = Counts(device.condition for node in view.nodes for device in node.devices)
    nodes = Counts("unknown" if node.status is None else node.status.state for node in view.nodes)
    yield _gauge("windows", "Windows by what they do.", ["state"], _counted(_doing(w) for w in view.windows))
    yield _gauge("devices", "Devices by how they are.", ["condition"], [((str(c),), n) for c, n in devices.items()])
    yield _gauge("nodes", "Nodes by whether they are there.", ["state"], [((str(s),), n) for s, n in nodes.items()])
    yield _gauge("broker_out_of_reach", "Whether the broker cannot be reached.", [], [((), view.out_of_reach is not None)])
    yield _gauge("boards_late", "Boards that do not show what they were told.", [], [((), sum(b.late for b in view.boards))])
    yield _gauge("room_check_late", "Whether the check of a room is overdue.", ["room"], [((r.room,), r.late) for r in rooms])
    yield _gauge("room_stays", "Cubicles in use.", ["room"], [((r.room,), sum(c.occupied for c in r.cubicles)) for r in rooms])
    yield _gauge(
        "room_stays_long", "Stays over the limit.", ["room"], [((r.room,), sum(c.long for c in r.cubicles)) for r in rooms]
    )
    yield _gauge("help_open", "Calls for help that nobody has answered.", [], [((), len(view.help))])
    yield _gauge("complaints_open", "Complaints that nobody has seen to.", [], [((), len(view.complaints))])
    late = Counts(case.late for case in view.cases)
    yield _gauge("cases_open", "Open cases, by whether their deadline is over.", ["late"], [
        (("yes",), late[True]), (("no",), late[False])
    ])  # fmt: skip
    hooks = view.webhooks
    yield _gauge("webhook_up", "Whether a webhook takes messages.", ["webhook"],
                 [((h.webhook,), h.failing_since is None) for h in hooks])  # fmt: skip
    yield _gauge("webhook_messages", "Messages of a webhook: waiting now, others within 24 hours.", ["webhook", "state"], [
        ((h.webhook, state), count) for h in hooks
        for state, count in (("waiting", h.waiting), ("delivered", h.delivered), ("given-up", h.given_up))
    ])  # fmt: skip
    refused = CounterMetricFamily("hallware_refused", "What was refused since the start.", labels=["reason"])
    for reason, count in view.counts.items():
        refused.add_metric([reason], count)
    yield refused


def _doing(window: WindowState) -> str:
    return window.stage if window.state == "open" else window.state


def _counted(values: Iterable[str]) -> list[tuple[tuple[str, ...], float]]:
    return [((value,), count) for value, count in Counts(values).items()]


def _day(today: Report) -> Iterator[Metric]:
    parts = [(part.id, part.figures) for part in today.services]
    for name, text in (
        ("tickets", "Tickets given out today."), ("visits", "People called to a window today."), ("calls", "Calls made today."),
        ("served", "Services done today."), ("no_shows", "Calls today that nobody came to."),
    ):  # fmt: skip
        yield _gauge(f"today_{name}", text, ["service"], [((id_,), getattr(figures, name)) for id_, figures in parts])
    for name, text in (("waiting", "Waiting until the first call, today."), ("service", "Time of service, today.")):
        times = SummaryMetricFamily(f"hallware_today_{name}_seconds", text, labels=["service"])
        for id_, figures in parts:
            spent = getattr(figures, name)
            times.add_metric([id_], count_value=spent.count, sum_value=spent.total)
        yield times
    rated = today.all.ratings
    yield _gauge("today_ratings", "Ratings of today's services.", ["level"], [((level,), n) for level, n in rated.levels.items()])
    yield _gauge("today_invited", "Services of today that one was invited to rate.", [], [((), rated.invited)])
