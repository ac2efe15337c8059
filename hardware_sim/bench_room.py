"""The mother-and-baby room on the bench: doors and their contacts, people who move, sensors that stick."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from hardware_sim.bench import Stop, hands
from hardware_sim.bench_lines import Seconds
from hardware_sim.errors import CannotDo
from hardware_sim.gpio import Lines


@dataclass(frozen=True)
class Cubicle:
    """The lines of one cubicle."""

    id: str
    door: int
    motion: int
    lamp: int | None = None
    help: int | None = None
    help_lamp: int | None = None


class SimulatedRoom:
    """A mother-and-baby room: door contacts closed to ground, motion sensors active high."""

    kind = "room"

    def __init__(self, lines: Lines, room: str, cubicles: tuple[Cubicle, ...], check: int | None) -> None:
        self.lines, self.room = lines, room
        self._cubicles = {cubicle.id: cubicle for cubicle in cubicles}
        self._check = check
        self._closed: set[str] = set()
        self._stuck: set[str] = set()
        self._blind: set[str] = set()
        self.hands = hands(
            self.close_door, self.open_door, self.move, self.still, self.help, self.check,
            self.stick_door, self.blind_motion, self.stick_motion, self.mend_sensors,
        )  # fmt: skip

    def view(self) -> dict[str, Any]:
        """Doors, motion, lamps and help buttons."""
        cubicles = [self._cubicle(cubicle) for cubicle in self._cubicles.values()]
        return {"room": self.room, "cubicles": cubicles, "check": self._check is not None and self.lines.closed(self._check)}

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when any line changes."""
        return self.lines.listen(listener)

    def rest(self) -> list[Future[None]]:
        """No motion, as the sensors say it from the first moment on."""
        return [self.lines.drive(cubicle.motion, False) for cubicle in self._cubicles.values()]

    def close_door(self, cubicle: str) -> Future[None] | None:
        """Close the door."""
        self._closed.add(self._find(cubicle).id)
        return self._contact(cubicle)

    def open_door(self, cubicle: str) -> Future[None] | None:
        """Open the door."""
        self._closed.discard(self._find(cubicle).id)
        return self._contact(cubicle)

    def move(self, cubicle: str, seconds: Seconds | None = None) -> Future[None] | None:
        """Move about for a while, or until told to be still."""
        line = self._find(cubicle).motion
        return None if cubicle in self._blind else self.lines.drive(line, True, seconds)

    def still(self, cubicle: str) -> Future[None]:
        """Be still."""
        return self.lines.drive(self._find(cubicle).motion, False)

    def stick_door(self, cubicle: str) -> None:
        """The door contact stays as it is, whatever the door does."""
        self._stuck.add(self._find(cubicle).id)

    def blind_motion(self, cubicle: str) -> Future[None]:
        """The motion sensor's cable is off: it sees nobody."""
        self._blind.add(self._find(cubicle).id)
        return self.lines.drive(self._find(cubicle).motion, None)

    def stick_motion(self, cubicle: str) -> Future[None]:
        """The motion sensor looks at something warm: it never rests."""
        return self.lines.drive(self._find(cubicle).motion, True)

    def mend_sensors(self, cubicle: str) -> Future[None] | None:
        """Contact and motion sensor say again what is so."""
        self._stuck.discard(self._find(cubicle).id)
        self._blind.discard(cubicle)
        self.lines.drive(self._find(cubicle).motion, False)
        return self._contact(cubicle)

    def help(self, cubicle: str) -> Future[None]:
        """Press the help button."""
        line = self._find(cubicle).help
        if line is None:
            raise CannotDo(f"cubicle `{cubicle}` has no help button")
        return self.lines.press(line)

    def check(self) -> Future[None]:
        """Press the check-and-clean key."""
        if self._check is None:
            raise CannotDo(f"room `{self.room}` has no check key")
        return self.lines.press(self._check)

    def _contact(self, cubicle: str) -> Future[None] | None:
        if cubicle in self._stuck:
            return None
        line = self._find(cubicle).door
        return self.lines.hold(line) if cubicle in self._closed else self.lines.release(line)

    def _find(self, cubicle: str) -> Cubicle:
        if cubicle not in self._cubicles:
            raise CannotDo(f"there is no cubicle `{cubicle}`; there are {', '.join(self._cubicles)}")
        return self._cubicles[cubicle]

    def _cubicle(self, cubicle: Cubicle) -> dict[str, Any]:
        return {
            "cubicle": cubicle.id,
            "door": "closed" if cubicle.id in self._closed else "open",
            "motion": self.lines.level(cubicle.motion),
            "lamp": cubicle.lamp is not None and self.lines.lamp(cubicle.lamp),
            "help": cubicle.help is not None and self.lines.closed(cubicle.help),
            "help_lamp": cubicle.help_lamp is not None and self.lines.lamp(cubicle.help_lamp),
        }
