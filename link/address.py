"""Where the hall's broker is, and how one shows who one is."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from contract.settings import Settings


class BrokerAddress(Settings, frozen=True, kw_only=True):
    """The `[broker]` table of node.toml and hall.toml."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    username: str | None = None
    password_file: Path | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
