"""A lamp that blinks a pattern, so that a person sees which machine in the hall is the one on the page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from contract.enrolment import Pattern

ACT = Path("/sys/class/leds/ACT")
"""The green lamp of a Raspberry Pi."""
SHORT, GAP, PAUSE = 0.2, 0.2, 0.8
"""Seconds of light, between two of a group, and after a group."""


@dataclass(frozen=True)
class Lamp:
    """A lamp of the kernel, such as `/sys/class/leds/ACT`; one that is not there stays dark and is no error."""

    folder: Path
    sleep: Callable[[float], None]

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take the lamp from the kernel, and give it back."""
        trigger = self.folder / "trigger"
        before = _chosen(trigger)
        self._write("trigger", "none")
        try:
            yield
        finally:
            self._write("trigger", before)

    def show(self, pattern: Pattern) -> None:
        """Blink the pattern once; takes some seconds."""
        for group in pattern:
            for _ in range(group):
                self._light(on=True)
                self._light(on=False)
            self.sleep(PAUSE)

    def _light(self, *, on: bool) -> None:
        self._write("brightness", "1" if on else "0")
        self.sleep(SHORT if on else GAP)

    def _write(self, name: str, text: str) -> None:
        with suppress(OSError):
            (self.folder / name).write_text(text, encoding="ascii")


def lasts(pattern: Pattern) -> float:
    """Seconds that showing a pattern takes."""
    return sum(pattern) * (SHORT + GAP) + len(pattern) * PAUSE


def in_dots(pattern: Pattern) -> str:
    """The pattern for people: `●● ●●● ● ●`."""
    return " ".join("●" * group for group in pattern)


def _chosen(trigger: Path) -> str:
    """The trigger in force: the kernel puts it in brackets."""
    with suppress(OSError, UnicodeDecodeError):
        for word in trigger.read_text(encoding="ascii").split():
            if word.startswith("["):
                return word.strip("[]")
    return "mmc0"
