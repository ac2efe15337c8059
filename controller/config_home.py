"""hall.toml: building control that may watch the hall."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.settings import Settings
from contract.values import Id, whole
from link.address import BrokerAddress


class HomeAssistant(Settings, frozen=True, kw_only=True):
    """The hall's nodes, rooms and queues appear in Home Assistant by themselves; without this table nothing does."""

    prefix: Annotated[str, Meta(pattern=whole("[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*"))] = "homeassistant"
    """Its discovery prefix."""
    broker: BrokerAddress | None = None
    """Its own broker; absent: it comes to the hall's."""
    user: Id = "home-assistant"
    """Its name at the hall's broker."""
    language: Literal["zh", "en"] = "zh"
    """In which entities are named."""
