"""All rules of a hall in one value."""

from dataclasses import dataclass, field

from controller.config import HallConfig
from controller.plan import Plan
from controller.queue import Rules
from controller.slip_forms import Forms


@dataclass(frozen=True)
class HallRules:
    """hall.toml, as the queue reads it, and as a plan of nodes."""

    config: HallConfig
    queue: Rules
    plan: Plan
    forms: Forms = field(default_factory=dict)
    """The slips that staff may fill in; they lie outside of hall.toml."""

    @classmethod
    def of(cls, config: HallConfig, forms: Forms | None = None) -> "HallRules":
        """The rules of a hall. Raises `BadSettings`."""
        return cls(config=config, queue=Rules.of(config), plan=Plan.of(config), forms=forms or {})
