"""How updates go on this machine; the file is there only where something is not as on a Raspberry Pi with a boot card."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from contract.settings import Seconds, Settings, read
from provisioning.update_guard import RESTART, Tree


class UpdateSettings(Settings, frozen=True, kw_only=True):
    """update.toml."""

    restart: Annotated[tuple[str, ...], Meta(min_length=1)] = RESTART
    """The command that starts the node's program anew."""
    within: Seconds = 120.0
    """Seconds in which the new program must be well."""
    steady: Seconds = 10.0
    """Seconds for which it must stay so."""
    wellness: Path = Path("run/hallware/wellness.json")
    """Where the program tells how it is; below the tree unless it begins with a slash."""
    keep: Annotated[int, Meta(ge=2, le=10)] = 2
    """Releases that are kept: the one in force, and at least the one before."""


def update_settings(tree: Tree) -> UpdateSettings:
    """What is in force. Raises `BadSettings`."""
    return read(tree.settings, UpdateSettings) if tree.settings.exists() else UpdateSettings()
