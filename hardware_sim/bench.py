"""The bench: a machine's simulated peripherals by the ids of their devices, each with hands and a view."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from hardware_sim.bench_takes import taken
from hardware_sim.errors import CannotDo
from hardware_sim.mending import Broken, after, mender

Movement = Callable[..., Awaitable[None] | Future[None] | None]
Stop = Callable[[], None]


class Peripheral(Protocol):
    """Something on the far end of a device's wires."""

    @property
    def kind(self) -> str:
        """The kind of the device, such as `board`."""
        ...

    @property
    def hands(self) -> "Mapping[str, Hand]":
        """What can be done to it."""
        ...

    def view(self) -> dict[str, Any]:
        """What a person sees of it, ready for JSON. Called from any thread; may take milliseconds."""
        ...

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Call `listener` after every change, from any thread; the answer stops it."""
        ...


@dataclass(frozen=True)
class Hand:
    """One movement: its name and parameters are those of the method that does it."""

    does: Movement
    takes: type[msgspec.Struct]
    says: str = ""
    """What it does, in one sentence."""

    @classmethod
    def of(cls, does: Movement) -> "Hand":
        """Read name, parameters and their limits off an annotated method."""
        fields: list[Any] = []
        for parameter in inspect.signature(does).parameters.values():
            optional = () if parameter.default is parameter.empty else (parameter.default,)
            fields.append((parameter.name, parameter.annotation, *optional))
        said = (does.__doc__ or "").strip().partition("\n")[0]
        return cls(does, msgspec.defstruct(does.__name__, fields, forbid_unknown_fields=True), said)

    @property
    def parameters(self) -> list[str]:
        """Names in order; a `?` behind one that may be left out."""
        required = msgspec.structs.fields(self.takes)
        return [field.name if field.required else f"{field.name}?" for field in required]

    def check(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with their defaults. Raises `CannotDo` when they are not what it takes."""
        try:
            arguments = msgspec.convert(dict(given), self.takes)
        except msgspec.ValidationError as error:
            raise CannotDo(f"{self.takes.__name__}: {error}") from error
        return msgspec.structs.asdict(arguments)

    async def move(self, given: Mapping[str, Any]) -> None:
        """Do it, and come back when it is done. Raises `CannotDo`."""
        doing = self.does(**self.check(given))
        if isinstance(doing, Future):
            await asyncio.wrap_future(doing)
        elif doing is not None:
            await doing


def hands(*movements: Movement) -> dict[str, Hand]:
    """Methods as hands, by their names."""
    return {movement.__name__: Hand.of(movement) for movement in movements}


class Bench:
    """Peripherals by device id."""

    def __init__(self, node: str, peripherals: Mapping[str, Peripheral]) -> None:
        self.node = node
        self.peripherals = dict(peripherals)
        self._broken: dict[str, tuple[Broken, ...]] = {}
        self._listeners: list[Callable[[str], None]] = []

    def hello(self) -> dict[str, Any]:
        """Who is there and what can be done."""
        devices = [
            {
                "device": device, "kind": there.kind, "hands": {name: hand.parameters for name, hand in there.hands.items()},
                "about": {name: _about(name, hand, there.hands) for name, hand in there.hands.items()},
            }
            for device, there in self.peripherals.items()
        ]  # fmt: skip
        return {"node": self.node, "devices": devices}

    def view(self, device: str) -> dict[str, Any]:
        """What a person sees of a device. Raises `CannotDo`."""
        there = self._there(device)
        broken = [{"hand": one.hand, "with": dict(one.how)} for one in self._broken.get(device, ())]
        return {"device": device, "kind": there.kind, **there.view(), "broken": broken}

    async def do(self, device: str, hand: str, /, **given: Any) -> None:
        """Move a hand, and come back when the movement is done. Raises `CannotDo`."""
        there = self._there(device)
        if hand not in there.hands:
            raise CannotDo(f"{device} has no hand `{hand}`; there are {_listed(there.hands)}")
        await there.hands[hand].move(given)
        self._remember(device, hand, given)

    def _remember(self, device: str, hand: str, given: Mapping[str, Any]) -> None:
        """What a hand has broken or mended is part of the view."""
        there, before = self.peripherals[device].hands, self._broken.get(device, ())
        self._broken[device] = after(before, hand, given, mender(hand, _names(there[hand]), there))
        if self._broken[device] != before:
            for listener in list(self._listeners):
                listener(device)

    def listen(self, listener: Callable[[str], None]) -> Stop:
        """Call `listener` with a device's id after every change, from any thread; the answer stops it."""
        stops = [there.listen(_with(listener, device)) for device, there in self.peripherals.items()]
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)
            for each in stops:
                each()

        return stop

    def _there(self, device: str) -> Peripheral:
        if device not in self.peripherals:
            raise CannotDo(f"there is no device `{device}`; there are {_listed(self.peripherals)}")
        return self.peripherals[device]


def _with(listener: Callable[[str], None], device: str) -> Callable[[], None]:
    return lambda: listener(device)


def _names(hand: Hand) -> list[str]:
    return [field.name for field in msgspec.structs.fields(hand.takes)]


def _about(name: str, hand: Hand, there: Iterable[str]) -> dict[str, Any]:
    """What a page needs to know to offer a hand: its sentence, what mends it, and what it takes."""
    return {"says": hand.says, "mended_by": mender(name, _names(hand), there), "takes": list(taken(hand.takes))}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
