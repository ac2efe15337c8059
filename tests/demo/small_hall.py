"""A hall of one kiosk, two windows and one room that answers hands at once: enough for people to live in, and no more."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contract.calling import Call, WindowState
from contract.values import Text
from hardware_sim.people import Crowd
from hardware_sim.people_eyes import (
    CallerSeen,
    CubicleSeen,
    HallSeen,
    Hand,
    KioskKey,
    KioskSeen,
    Page,
    Printer,
    RaterKey,
    RaterSeen,
    RoomSeen,
    Seen,
)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
WINDOWS = ("window-1", "window-2")


@dataclass
class SmallHall:
    """The hall's state, and everything that hands did to it."""

    printer: Printer = field(default_factory=Printer)
    mute: bool = False
    """The kiosk's keys do nothing."""
    pages: list[Page] = field(default_factory=list)
    queue: deque[str] = field(default_factory=deque)
    at_window: dict[str, tuple[str, str | None, int]] = field(default_factory=lambda: dict.fromkeys(WINDOWS, ("idle", None, 0)))
    invited: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    hands: list[tuple[float, Hand]] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    levels: list[int] = field(default_factory=list)

    def seen(self) -> HallSeen:
        """What people see."""
        keys = (KioskKey(key="tax", service="tax"), KioskKey(key="tax/priority", service="tax", priority="priority"))
        cubicles = tuple(CubicleSeen(cubicle=c, door="closed" if c in self.closed else "open") for c in ("left", "right"))
        devices: list[Seen] = [
            KioskSeen(device="kiosk", keys=keys, printer=self.printer, pages=tuple(self.pages[-5:])),
            RoomSeen(device="room", cubicles=cubicles),
        ]
        for window in WINDOWS:
            lamps = window in self.invited
            devices += [
                CallerSeen(device=f"caller-{window}", window=window),
                RaterSeen(
                    device=f"rater-{window}",
                    window=window,
                    keys=tuple(RaterKey(key=str(n), level=n, lamp=lamps) for n in range(1, 6)),
                ),
            ]
        reachable = {device.device: device for device in devices if device.device not in self.down}
        return HallSeen(devices=reachable, windows={window: self.state(window) for window in WINDOWS})

    def state(self, window: str) -> WindowState:
        """What the window's topic says."""
        stage, number, times = self.at_window[window]
        name = Text(zh=window, en=window)
        return WindowState(
            window=window, name=name, at=NOON, state="open", stage=stage, number=number, times=times, waiting=len(self.queue)  # type: ignore[arg-type]
        )  # fmt: skip

    def obey(self, now: float, hand: Hand) -> None:
        """Do what a hand does."""
        self.hands.append((now, hand))
        if hand.device in self.down:
            return
        kind, _, window = hand.device.partition("-")
        match kind, hand.does:
            case "kiosk", "press" if not self.mute:
                self._print()
            case "caller", "press":
                self._key(window, str(hand.how["key"]))
            case "rater", "press":
                self.levels.append(int(hand.how["key"]))
                self.invited.discard(window)
            case "room", "close_door":
                self.closed.add(str(hand.how["cubicle"]))
            case "room", "open_door":
                self.closed.discard(str(hand.how["cubicle"]))

    def _print(self) -> None:
        number = f"A{len(self.pages) + 1:03}"
        self.pages.append(Page(id=len(self.pages), text=f"综合便民服务中心\n社会保障\n{number}\n前面 2 人"))
        self.queue.append(number)

    def _key(self, window: str, key: str) -> None:
        stage, number, times = self.at_window[window]
        match key, stage:
            case "next", "idle" if self.queue:
                self._call(window, self.queue.popleft(), 1)
            case "recall", "called" if number:
                self._call(window, number, times + 1)
            case "no-show", "called":
                self.at_window[window] = ("idle", None, 0)
            case "start", "called":
                self.at_window[window] = ("serving", number, times)
            case "finish", "serving":
                self.at_window[window] = ("idle", None, 0)
                self.invited.add(window)

    def _call(self, window: str, number: str, times: int) -> None:
        self.at_window[window] = ("called", number, times)
        name = Text(zh=window, en=window)
        late = NOON + timedelta(seconds=20)
        self.calls.append(
            Call(
                id=f"call-{len(self.calls):04}",
                at=NOON,
                not_after=late,
                ticket=f"ticket-{number}",
                number=number,
                window=window,
                window_name=name,
                zone="zone-a",
                times=times,
            )
        )  # fmt: skip


def live(crowd: Crowd, hall: SmallHall, *, since: float = 0.0, until: float, tick: float = 0.1) -> None:
    """Let people live in the hall from `since` until `until`."""
    now = since
    while now < until:
        for hand in crowd.step(now, hall.seen()):
            calls = len(hall.calls)
            hall.obey(now, hand)
            for call in hall.calls[calls:]:
                crowd.hear(call, now)
        now += tick
