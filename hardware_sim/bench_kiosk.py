"""The ticket kiosk on the bench: service keys and a printer with its paper."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from hardware_sim.bench import Stop, hands
from hardware_sim.bench_lines import Keys
from hardware_sim.escpos_page import Page
from hardware_sim.escpos_port import Port
from hardware_sim.escpos_status import Trouble
from hardware_sim.gpio import Lines

_PAGES = 5
Speed = Annotated[float, Meta(ge=1, le=1_000_000)]
Millimetres = Annotated[float, Meta(ge=0, le=10_000)]


@dataclass(frozen=True)
class KioskKey:
    """A service key."""

    service: str
    priority: str
    line: int

    @property
    def name(self) -> str:
        """The service's id, with `/priority` behind it for a priority key."""
        return self.service if self.priority == "ordinary" else f"{self.service}/{self.priority}"


class SimulatedKiosk:
    """Keys on GPIO lines and an ESC/POS printer behind its port."""

    kind = "kiosk"

    def __init__(self, lines: Lines, keys: tuple[KioskKey, ...], port: Port) -> None:
        self.lines, self.port, self.printer, self.keys = lines, port, port.printer, keys
        self._keys = Keys(lines, {key.name: key.line for key in keys})
        self._pages: dict[str, tuple[Page, dict[str, Any]]] = {}
        self.hands = hands(
            self._keys.press,
            self._keys.hold,
            self._keys.release,
            self._keys.hammer,
            self.tear,
            self.printer.near_end,
            self.run_out,
            self.printer.load_paper,
            self.printer.open_cover,
            self.printer.close_cover,
            self.printer.power_off,
            self.printer.power_on,
            self.jam,
            self.jam_cutter,
            self.overheat,
            self.clear_jam,
            self.slow_down,
            self.speed_up,
            self.fail,
            self.printer.take_offline,
            self.printer.put_online,
            self.silence,
            self.answer,
            self.noise,
            self.garble,
            self.truncate,
            self.port.block,
            self.port.unblock,
            self.port.unplug,
            self.port.plug,
        )

    def view(self) -> dict[str, Any]:
        """Keys, printer, and the last pages with what hangs from the slot."""
        condition = self.printer.condition
        return {
            "keys": [
                {"key": key.name, "service": key.service, "priority": key.priority, "pressed": self.lines.closed(key.line)}
                for key in self.keys
            ],
            "printer": {
                "paper": condition.paper,
                "cover": "open" if condition.cover_open else "closed",
                "powered": self.printer.powered,
                "plugged": self.port.plugged,
                "busy": self.printer.busy,
                "offline": condition.paused,
                "blocked": self.port.blocked,
                "metres": round(self.printer.roll.position / 8000, 2),
                "faults": sorted(trouble.name.lower() for trouble in condition.troubles),
            },
            "pages": self._view_pages(),
        }

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when a line or the printer changes."""
        stops = (self.lines.listen(listener), self.printer.listen(listener))

        def stop() -> None:
            for each in stops:
                each()

        return stop

    def tear(self) -> None:
        """Tear off what sticks out of the slot."""
        self.printer.tear()

    def run_out(self, after: Millimetres = 0) -> None:
        """The paper ends, now or after so many millimetres."""
        self.printer.run_out(after)

    def jam(self) -> None:
        """Paper jams."""
        self.printer.break_down(Trouble.JAM)

    def jam_cutter(self) -> None:
        """The cutter jams."""
        self.printer.break_down(Trouble.CUTTER)

    def overheat(self) -> None:
        """The head gets too hot; it cools by `clear_jam`, too."""
        self.printer.break_down(Trouble.HOT)

    def fail(self) -> None:
        """An error that only switching the printer off and on clears."""
        self.printer.break_down(Trouble.UNRECOVERABLE)

    def clear_jam(self) -> None:
        """Clear every trouble."""
        self.printer.mend()

    def slow_down(self, bytes_per_second: Speed = 200) -> None:
        """Print slowly."""
        self.printer.slow_down(bytes_per_second)

    def speed_up(self) -> None:
        """Print as fast as data comes."""
        self.printer.slow_down(None)

    def silence(self) -> None:
        """Answer nothing any more."""
        self.printer.hush(True)

    def answer(self) -> None:
        """Answer again, whole and right."""
        self.printer.hush(False)
        self.printer.spoil("nothing")

    def garble(self) -> None:
        """Answers arrive with wrong bits."""
        self.printer.spoil("bits")

    def truncate(self) -> None:
        """Answers lose their second half; a single byte does not arrive."""
        self.printer.spoil("ends")

    def noise(self, count: Annotated[int, Meta(ge=1, le=4096)] = 64) -> None:
        """Send random bytes."""
        self.printer.noise(count)

    def _view_pages(self) -> list[dict[str, Any]]:
        """A page is drawn once and kept as long as it is among the last."""
        kept = {}
        for page in self.printer.pages()[-_PAGES:]:
            before = self._pages.get(page.id)
            kept[page.id] = before if before is not None and before[0] == page else (page, _page(page))
        self._pages = kept
        return [shown for _, shown in kept.values()]


def _page(page: Page) -> dict[str, Any]:
    png = b64encode(page.png).decode()
    return {"id": page.id, "png": png, "text": page.text, "qr": list(page.qr), "ending": page.ending}
