"""The hall now, as it is told to whoever looks at many halls: figures and troubles, and nothing about persons. Pure."""

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta

from contract.health import WANTING, Condition
from contract.values import Id, Moment, Text, Value, WaitRange
from controller.hall_rules import HallRules
from controller.view import HallView, NodeView, RatingFigures

Count = Annotated[int, Meta(ge=0)]
Kind = Literal["general", "special", "assisted", "green-channel", "minority-language"]


class ServiceNow(Value, frozen=True, kw_only=True):
    """One service's queue."""

    service: Id
    name: Text
    waiting: Count = 0
    since: Moment | None = None
    """When whoever waits longest took a ticket."""
    wait: WaitRange | None = None
    windows_open: Count = 0
    windows_needed: Count = 0


class WindowNow(Value, frozen=True, kw_only=True):
    """One window, with its kind (综合, 专业, …)."""

    window: Id
    name: Text
    kind: Kind
    state: Literal["closed", "open", "paused"]
    stage: Literal["idle", "called", "serving"]


class IllNow(Value, frozen=True, kw_only=True):
    """A device that wants a person; the node itself where it has no name."""

    node: Id
    place: str = ""
    device: Id | None = None
    condition: Condition
    what: Text | None = None
    touch: Text | None = None
    since: Moment | None = None


class HallNow(Value, frozen=True, kw_only=True):
    """The hall at one moment."""

    hall: Id
    name: Text
    timezone: str
    url: str = ""
    """Where its own pages are; empty where nobody has said so."""
    open: bool = False
    opens: Moment | None = None
    """When it opens next; None while it is open."""
    services: tuple[ServiceNow, ...] = ()
    windows: tuple[WindowNow, ...] = ()
    nodes: Count = 0
    ill: tuple[IllNow, ...] = ()
    help: Count = 0
    """Calls for help that nobody has answered yet."""
    cases: Count = 0
    cases_late: Count = 0
    ratings: RatingFigures = RatingFigures()
    """Of today."""
    deemed: Count = 0
    """After so many days who did not rate counts as 基本满意 in this hall's satisfaction; 0: never."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(service.waiting for service in self.services)

    @property
    def since(self) -> Moment | None:
        """When whoever waits longest took a ticket."""
        return min((service.since for service in self.services if service.since is not None), default=None)

    @property
    def windows_open(self) -> int:
        """Windows that are open."""
        return sum(window.state == "open" for window in self.windows)


def hall_now(view: HallView, rules: HallRules) -> HallNow:
    """What of a hall's view others are told."""
    config, calendar = rules.config, rules.queue.calendar()
    kinds = {window.id: window.type for window in config.window}
    is_open = calendar.is_open(view.at)
    return HallNow(
        hall=view.hall, name=view.name, timezone=config.hall.timezone, url=config.http.public_url, open=is_open,
        opens=None if is_open else calendar.opens_next(view.at),
        services=tuple(
            ServiceNow(
                service=s.service, name=s.name, waiting=s.count, since=min((t.issued for t in s.waiting), default=None),
                wait=s.wait, windows_open=s.windows_open, windows_needed=s.windows_needed,
            )
            for s in view.services
        ),
        windows=tuple(
            WindowNow(window=w.window, name=w.name, kind=kinds[w.window], state=w.state, stage=w.stage) for w in view.windows
        ),
        nodes=len(view.nodes), ill=tuple(ill for node in view.nodes for ill in _ill(node)), help=len(view.help),
        cases=len(view.cases), cases_late=sum(case.late for case in view.cases), ratings=view.ratings,
        deemed=config.rating.deemed,
    )  # fmt: skip


def _ill(node: NodeView) -> Iterator[IllNow]:
    """A node that should be there and is not, else each of its devices that wants somebody."""
    status = node.status
    if status is None or status.state == "lost":
        yield IllNow(node=node.node, place=node.place, condition="fault", since=node.away)
    elif status.state == "online":
        for device in node.devices:
            if device.condition in WANTING:
                yield IllNow(
                    node=node.node, place=node.place, device=device.device, condition=device.condition, what=device.what,
                    touch=device.touch, since=device.since,
                )  # fmt: skip
