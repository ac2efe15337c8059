"""The picture report: a board says which picture stands on it, once for each, and again when its controller was away."""

from contract.calling import PictureShown
from contract.topics import PICTURE_SHOWN
from firmware.station import Station


class PictureReport:
    """One board's report. `stands` is cheap and may be called with every frame."""

    def __init__(self, station: Station) -> None:
        """Nothing stands yet."""
        self._station = station
        self._shown: PictureShown | None = None
        self._told: PictureShown | None = None

    def stands(self, version: int | None) -> None:
        """The picture of this version stands in pixels now; None: no picture does."""
        if version is None:
            self._shown = None
        elif self._shown is None or self._shown.version != version:
            self._shown = PictureShown(device=self._station.device, version=version, since=self._station.clock.now())

    def repeat(self) -> None:
        """Somebody listens again, and what was told may be lost: a broker that was away may have kept nothing."""
        self._told = None

    async def say(self) -> None:
        """Say what has not been told yet; what cannot be said now is said another time."""
        shown = self._shown
        if shown not in (None, self._told) and await self._station.say(PICTURE_SHOWN, shown, device=shown.device):
            self._told = shown
