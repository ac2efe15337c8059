"""The rules in force: hall.toml as the queue reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from controller.calendar import HallCalendar
from controller.config import HallConfig
from controller.config_parts import Kiosk, Service, Staff, Window
from controller.config_rules import AwayCalls, CallingRules, Leases
from controller.queue.values import reserved

HALL = ""
"""The hall itself among the services' calendars."""


@dataclass(frozen=True)
class Rules:
    """Everything that a decision of the queue depends on beside the state and the time."""

    services: Mapping[str, Service]
    staff: Mapping[str, Staff]
    windows: Mapping[str, Window]
    kiosks: Mapping[str, Kiosk]
    calling: CallingRules
    leases: Leases
    away: AwayCalls
    calendars: Mapping[str, HallCalendar]
    """Service to its opening hours; the hall's own under `HALL`."""
    timezone: ZoneInfo

    @classmethod
    def of(cls, config: HallConfig) -> "Rules":
        """The rules of a hall."""
        return cls(
            services={service.id: service for service in config.service},
            staff={person.id: person for person in config.staff},
            windows={window.id: window for window in config.window},
            kiosks={kiosk.id: kiosk for kiosk in config.kiosk},
            calling=config.calling,
            leases=config.lease,
            away=config.away,
            calendars=_calendars(config),
            timezone=ZoneInfo(config.hall.timezone),
        )

    def day(self, now: datetime) -> date:
        """The hall's calendar day."""
        return now.astimezone(self.timezone).date()

    def is_open(self, now: datetime, service: str = HALL) -> bool:
        """Whether the hall, or a service, is open."""
        return self.calendar(service).is_open(now)

    def calendar(self, service: str = HALL) -> HallCalendar:
        """When the hall, or a service, is open."""
        return self.calendars.get(service) or self.calendars[HALL]

    def hour(self, now: datetime) -> int:
        """The running hour, counted through: also over a day on which the clocks change no two are the same."""
        return int(now.timestamp() // 3600)

    def offered(self, kiosk: str) -> tuple[Service, ...]:
        """The services of a kiosk; all of them when it names none."""
        wanted = self.kiosks[kiosk].services if kiosk in self.kiosks else ()
        return tuple(service for service in self.services.values() if not wanted or service.id in wanted)

    def lines_of(self, window: str) -> tuple[str, ...]:
        """The lines from which a window calls: those of its services, and its own."""
        return (*self.windows[window].services, reserved(window))

    def rank(self, window: str, service: str) -> int:
        """How soon a window serves a service; those that are alike have the same rank."""
        first = self.windows[window].first
        return first.index(service) if service in first else len(first)

    def serving(self, service: str) -> tuple[Window, ...]:
        """The windows that serve `service`, open or not."""
        return tuple(window for window in self.windows.values() if service in window.services)


def _calendars(config: HallConfig) -> dict[str, HallCalendar]:
    hall, timezone = config.hall, ZoneInfo(config.hall.timezone)
    own = {service.id: service.hours for service in config.service if service.hours is not None}
    return {name: HallCalendar(hours, hall.calendar, timezone) for name, hours in ({HALL: hall.hours} | own).items()}
