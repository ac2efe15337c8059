"""hall.toml: the whole of it, and what its tables must agree on."""

import re
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from contract.settings import Settings, parse, read, refuse_twice
from contract.values import Id
from controller.config_home import HomeAssistant
from controller.config_hours import HallTable
from controller.config_machine import Http, Trust
from controller.config_parts import Board, Duty, Kiosk, PlannedNode, Room, Service, Staff, Window, Zone
from controller.config_rules import AwayCalls, CallingRules, CaseRules, Leases, RatingRules, Retention, SlipRules, StandingNotices
from controller.config_upkeep import Upkeep
from controller.config_webhooks import Messages, Webhook
from link.address import BrokerAddress

STORE = re.compile(r"sqlite://(/.+)?|postgresql\+psycopg://.+")


class HallConfig(Settings, frozen=True, kw_only=True):
    """The whole of hall.toml."""

    hall: HallTable
    store: str = "sqlite:////var/lib/hallware/hall.db"
    """An SQLAlchemy URL: `sqlite:////path/hall.db` or `postgresql+psycopg://…`."""
    broker: BrokerAddress = BrokerAddress()
    http: Http = Http()
    calling: CallingRules = CallingRules()
    rating: RatingRules = RatingRules()
    cases: CaseRules = CaseRules()
    notices: StandingNotices = StandingNotices()
    duty: tuple[Duty, ...] = ()
    retention: Retention = Retention()
    slips: SlipRules = SlipRules()
    lease: Leases = Leases()
    away: AwayCalls = AwayCalls()
    upkeep: Upkeep = Upkeep()
    zone: Annotated[tuple[Zone, ...], Meta(min_length=1)]
    service: Annotated[tuple[Service, ...], Meta(min_length=1)]
    window: Annotated[tuple[Window, ...], Meta(min_length=1)]
    board: tuple[Board, ...] = ()
    kiosk: tuple[Kiosk, ...] = ()
    room: tuple[Room, ...] = ()
    staff: tuple[Staff, ...] = ()
    dispatcher: tuple[Id, ...] = ("dispatch",)
    """User names at the broker that may send dispatch requests."""
    node: tuple[PlannedNode, ...] = ()
    trust: Trust | None = None
    messages: Messages = Messages()
    webhook: tuple[Webhook, ...] = ()
    home_assistant: HomeAssistant | None = None

    @property
    def homes(self) -> dict[str, str]:
        """Building control at the hall's broker: name to discovery prefix."""
        home = self.home_assistant
        return {} if home is None or home.broker is not None else {home.user: home.prefix}

    @property
    def _ports(self) -> list[int]:
        """Of this machine, where each program needs its own; 0 takes a free one."""
        trust = self.trust
        ports = [self.http.port] + ([trust.broker_port, trust.enrolment_port, trust.loopback.port] if trust else [])
        return [port for port in ports if port]

    def __post_init__(self) -> None:
        if not STORE.fullmatch(self.store):
            raise ValueError(
                f"`store`: `{self.store.partition('://')[0]}` is no database a hall can be kept in; "
                "write sqlite:////path/hall.db or postgresql+psycopg://user@host/database"
            )
        zones, services, windows = ({part.id for part in parts} for parts in (self.zone, self.service, self.window))
        for name, parts in (
            ("zone", self.zone), ("service", self.service), ("window", self.window), ("board", self.board),
            ("kiosk", self.kiosk), ("room", self.room), ("node", self.node), ("staff", self.staff), ("webhook", self.webhook),
        ):  # fmt: skip
            refuse_twice(name, [part.id for part in parts])
        people = ["controller", "registrar", *self.dispatcher, *([self.home_assistant.user] if self.home_assistant else [])]
        refuse_twice("name at the broker", [*people, *(node.id for node in self.node)])
        refuse_twice("port", self._ports)
        refuse_twice("slip template", [numbers.template for numbers in self.slips.numbers])
        refuse_twice("service prefix", [service.prefix for service in self.service])
        for service in self.service:
            _known(f"service `{service.id}`", "zone", {service.zone}, zones)
        for window in self.window:
            _known(f"window `{window.id}`", "zone", {window.zone}, zones)
            _known(f"window `{window.id}`", "service", set(window.services), services)
            _known(f"window `{window.id}`: `first`", "service", set(window.first), set(window.services))
            _known(f"window `{window.id}`: `transfer_key`", "service", {window.transfer_key} - {None}, services)
        for person in self.staff:
            _known(f"staff `{person.id}`: `substitutes`", "staff", set(person.substitutes), {other.id for other in self.staff})
        for board in self.board:
            _known(f"board `{board.id}`", "zone", set(board.zones), zones)
            _known(f"board `{board.id}`", "window", {board.window} - {None}, windows)
        refuse_twice("upkeep task", [task.id for task in self.upkeep.task])
        refuse_twice("upkeep supply", [supply.id for supply in self.upkeep.supply])
        for kiosk in self.kiosk:
            _known(f"kiosk `{kiosk.id}`", "service", set(kiosk.services), services)


def _known(where: str, what: str, used: set[Any], known: set[str]) -> None:
    if missing := sorted(used - known):
        raise ValueError(f"{where}: there is no {what} `{missing[0]}`; known are {', '.join(sorted(known))}")


def parse_hall(text: str, *, name: str) -> HallConfig:
    """Read the text of a hall.toml. Raises `BadSettings`."""
    return parse(text, HallConfig, name=name)


def load(path: Path) -> HallConfig:
    """Read hall.toml. Raises `BadSettings`."""
    return read(path, HallConfig)
