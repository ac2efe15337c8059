"""What somebody at a kiosk wants, and what became of it."""

from typing import Literal

import msgspec

from contract.ticketing import Priority
from contract.values import Text
from firmware.agents.kiosk_job import TicketJob

Became = Literal["printed", "unsure", "not-printed", "refused", "no-number", "lost"]
"""`unsure`: nobody can know whether it is on paper; `no-number`: the kiosk has none left of its own; `lost`: the disk is full."""


class Wish(msgspec.Struct, frozen=True):
    """One ticket, for a service and perhaps for more of them in turn."""

    service: str
    priority: Priority = "ordinary"
    then: tuple[str, ...] = ()


class Served(msgspec.Struct, frozen=True):
    """The end of a wish; `job` is its ticket, if it came to one."""

    became: Became
    job: TicketJob | None = None
    why: Text | None = None
