"""All rules of a hall in one value."""

from dataclasses import dataclass

from controller.config import HallConfig
from controller.plan import Plan
from controller.queue import Rules


@dataclass(frozen=True)
class HallRules:
    """hall.toml, as the queue reads it, and as a plan of nodes."""

    config: HallConfig
    queue: Rules
    plan: Plan

    @classmethod
    def of(cls, config: HallConfig) -> "HallRules":
        """The rules of a hall. Raises `BadSettings`."""
        return cls(config=config, queue=Rules.of(config), plan=Plan.of(config))
