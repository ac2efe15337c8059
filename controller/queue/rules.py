"""The rules in force: hall.toml as the queue reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from controller.config import CallingRules, HallConfig, Hours, Kiosk, Leases, Service, Window
from controller.queue.values import reserved


@dataclass(frozen=True)
class Rules:
    """Everything that a decision of the queue depends on beside the state and the time."""

    services: Mapping[str, Service]
    windows: Mapping[str, Window]
    kiosks: Mapping[str, Kiosk]
    calling: CallingRules
    leases: Leases
    hours: Hours
    timezone: ZoneInfo

    @classmethod
    def of(cls, config: HallConfig) -> "Rules":
        """The rules of a hall."""
        return cls(
            services={service.id: service for service in config.service},
            windows={window.id: window for window in config.window},
            kiosks={kiosk.id: kiosk for kiosk in config.kiosk},
            calling=config.calling,
            leases=config.lease,
            hours=config.hall.hours,
            timezone=ZoneInfo(config.hall.timezone),
        )

    def day(self, now: datetime) -> date:
        """The hall's calendar day."""
        return now.astimezone(self.timezone).date()

    def is_open(self, now: datetime) -> bool:
        """Whether the hall is open; closing before opening means hours over midnight."""
        if self.hours.always:
            return True
        here = now.astimezone(self.timezone).time()
        opens, closes = time.fromisoformat(self.hours.opens), time.fromisoformat(self.hours.closes)
        return opens <= here < closes if opens <= closes else here >= opens or here < closes

    def offered(self, kiosk: str) -> tuple[Service, ...]:
        """The services of a kiosk; all of them when it names none."""
        wanted = self.kiosks[kiosk].services if kiosk in self.kiosks else ()
        return tuple(service for service in self.services.values() if not wanted or service.id in wanted)

    def lines_of(self, window: str) -> tuple[str, ...]:
        """The lines from which a window calls: those of its services, and its own."""
        return (*self.windows[window].services, reserved(window))

    def serving(self, service: str) -> tuple[Window, ...]:
        """The windows that serve `service`, open or not."""
        return tuple(window for window in self.windows.values() if service in window.services)
