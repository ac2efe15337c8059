"""The rater port: what every rater's keys can do for its agent, whatever they hang on."""

from collections.abc import AsyncIterator, Collection
from typing import Protocol

from devices.caller import Move


class RaterKeys(Protocol):
    """The keys and lamps of one rater, open. Keys are named as node.toml names them; what they mean is the agent's business."""

    @property
    def lights(self) -> bool:
        """Whether it has lamps or a voice of its own to show itself by."""
        ...

    @property
    def tells_release(self) -> bool:
        """Whether it tells of keys that are let go; else a held key repeats itself, at most a second apart."""
        ...

    @property
    def down(self) -> frozenset[str]:
        """The keys that were down when it was opened, as far as it can tell."""
        ...

    def moves(self) -> AsyncIterator[Move]:
        """What its keys do, and whether it can be reached. Raises `DeviceMissing` when its cable is pulled."""
        ...

    def show(self, lit: Collection[str], invitation: str | None) -> None:
        """Light exactly these lamps; the newest wins. A rater with lamps of its own opens for the `invitation`, once for each."""
        ...

    def flash(self) -> None:
        """Show itself, where it has lamps or a sound of its own; those whose lamps are lit by `show` have nothing to do."""
        ...

    def reread(self) -> None:
        """Look again for what was not told; to be called now and then in a silence."""
        ...

    def take_counts(self) -> dict[str, int]:
        """What went wrong since this was last asked, by word."""
        ...
