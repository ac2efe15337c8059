"""Power: whether the supply voltage of the Raspberry Pi is too low, as its kernel or its firmware tells."""

import logging
from contextlib import suppress
from pathlib import Path

from contract.values import Text

log = logging.getLogger(__name__)

HOLD = 60.0
"""Seconds for which a dip is told: it is over in a moment, and somebody should see it."""
LOW_NOW = 0x1
"""The firmware's bit for a voltage that is too low at this moment."""
TROUBLE = Text(
    zh="供电电压过低：请更换电源适配器（5 V 3 A，Pi 5 用 5 A）或电源线",
    en="The supply voltage is too low: use another power supply (5 V 3 A, 5 A for a Pi 5) or a shorter cable",
)


class Power:
    """Looks below `/sys`. On a machine that does not tell, all is well."""

    def __init__(self, root: Path = Path("/sys")) -> None:
        """Find who tells: the driver `rpi_volt`, or else the firmware's own word, which `vcgencmd get_throttled` shows too."""
        self.dips = 0
        """How often it became too low since the start."""
        self._alarm = _alarm(root)
        self._throttled = root / "devices/platform/soc/soc:firmware/get_throttled"
        self._low = False
        self._last: float | None = None

    @property
    def trouble(self) -> Text | None:
        """What staff should know, while they should."""
        return None if self._last is None else TROUBLE

    def look(self, now: float) -> None:
        """Look; `now` in monotonic seconds."""
        low = self._is_low()
        if low and not self._low:
            self.dips += 1
            log.warning("the supply voltage is too low, time %d since the start", self.dips)
        elif self._low and not low:
            log.info("the supply voltage is well again")
        self._low = low
        if low:
            self._last = now
        elif self._last is not None and now - self._last >= HOLD:
            self._last = None

    def _is_low(self) -> bool:
        if self._alarm is not None:
            return _read(self._alarm) == "1"
        with suppress(ValueError):
            return bool(int(_read(self._throttled), 16) & LOW_NOW)
        return False


def _alarm(root: Path) -> Path | None:
    for name in sorted(root.glob("class/hwmon/hwmon*/name")):
        if _read(name) == "rpi_volt":
            return name.with_name("in0_lcrit_alarm")
    return None


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="ascii", errors="replace").strip()
    return ""
