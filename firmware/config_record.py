"""The `[record]` table of node.toml: what of its wires a node records, and how much of it is kept."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from contract.settings import Settings
from contract.values import Id


class RecordConfig(Settings, frozen=True, kw_only=True):
    """Recording of wires, for finding faults."""

    devices: tuple[Id, ...] = ()
    """Whose wires; without any all but kiosks and scanners, whose wires may carry what belongs to a person."""
    folder: Path | None = None
    """Where; `recordings` in the node's data folder by default."""
    megabytes: Annotated[int, Meta(ge=1, le=10_000)] = 64
    """The oldest goes when there would be more."""
    files: Annotated[int, Meta(ge=1, le=100)] = 4
