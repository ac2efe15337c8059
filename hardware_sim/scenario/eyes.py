"""The eyes of a scenario: whether an expectation is true now, and what is there instead."""

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contract.calling import Call, CallAnswer
from contract.health import DeviceState
from hardware_sim.errors import CannotDo
from hardware_sim.scenario import steps
from hardware_sim.scenario.rest import busy
from hardware_sim.scenario.spelling import spells, wider
from hardware_sim.scenario.world import World

NAMING = ("key", "cubicle", "id", "address", "name", "column")
"""By what the parts of a list in a view are called."""
PageKey = tuple[str, int, str]
"""A device, which life of it, and the page's own id."""
TICKET = re.compile(r"(?<![A-Z0-9])[A-Z]{1,2}\d{3,4}(?!\d)")


@dataclass(frozen=True)
class Seen:
    """What came of one look."""

    so: bool
    found: str
    devices: tuple[str, ...] = ()
    """Whose pictures belong to it."""


class Eyes:
    """They look at one world from the moment in which they are opened."""

    def __init__(self, world: World) -> None:
        self.world, self.hall = world, world.hall
        self.since = datetime.now(UTC)
        self.calls: list[Call] = []
        self.answers: list[CallAnswer] = []
        self._lives: Counter[str] = Counter()
        self._old = {self._key(view["device"], page) for view in self.hall.views.values() for page in view.get("pages", ())}
        self._pages: dict[PageKey, Mapping[str, Any]] = {}
        self._pieces: dict[tuple[str, str], set[str]] = {}
        self.hall.callers.append(self.calls.append)
        self.hall.answerers.append(self.answers.append)
        self.hall.listeners.append(self._changed)

    def close(self) -> None:
        """Look no more."""
        self.hall.callers.remove(self.calls.append)
        self.hall.answerers.remove(self.answers.append)
        self.hall.listeners.remove(self._changed)

    def pages(self, device: str) -> list[Mapping[str, Any]]:
        """All pages that came out of a device since the eyes were opened, oldest first."""
        return [page for (printer, _, _), page in self._pages.items() if printer == device]

    def ticket_after(self, device: str, pages: int) -> tuple[str, str] | None:
        """Number and QR code of the first whole ticket behind so many pages."""
        for page in self.pages(device)[pages:]:
            number = TICKET.search(page["text"])
            if number and page.get("ending") != "open":
                return number[0], " ".join(page.get("qr", ()))
        return None

    @property
    def controller_is_there(self) -> bool:
        """Whether there is a controller, as far as it has been heard."""
        return self.hall.controller is not None and self.hall.controller.state == "online"

    async def is_printed(self, number: str) -> bool:
        """Whether the controller knows a ticket since the eyes were opened as printed."""
        return await self.world.stored("tickets", {"number": number, "printed": "any"}, self.since) > 0

    def _key(self, device: str, page: Mapping[str, Any]) -> PageKey:
        """A printer that is started anew counts its pages anew."""
        return device, self._lives[device], str(page["id"])

    async def look(self, at: steps.Expectation) -> Seen:
        """Whether it is so now. Raises `CannotDo` for what can never be so here."""
        if isinstance(at, steps.ExpectStored):
            return await self._stored(at)
        return _LOOKS[type(at)](self, at)

    def _changed(self, kind: str, name: str) -> None:
        if kind == "node" and name not in self.hall.connected:
            self._lives.update(far.id for far in self.hall.devices.values() if far.node == name)
        if kind == "view":
            for page in self.hall.views[name].get("pages", ()):
                if (key := self._key(name, page)) not in self._old:
                    self._pages[key] = page
            for (board, text), seen in self._pieces.items():
                if board == name:
                    seen |= {pair for pair in _pairs(text) if pair not in seen and spells(self.hall.views[name], pair)}

    async def _stored(self, at: steps.ExpectStored) -> Seen:
        count = await self.world.stored(at.table, at.where, self.since)
        return Seen(count >= 1 if at.count is None else count == at.count, f"{count} rows")

    def _state(self, at: steps.ExpectState) -> Seen:
        state = self.hall.states.get(at.device)
        if state is None:
            self._view(at.device)  # one that is there and silent, or none at all
            return Seen(False, f"{at.device} has said nothing of itself", (at.device,))
        so = (
            at.code in (None, state.code)
            and at.condition in (None, state.condition)
            and _within(at.says, state.what)
            and _within(at.touch, state.touch)
        )
        return Seen(so, said(state), (at.device,))

    def _ticket(self, at: steps.ExpectTicket) -> Seen:
        self._view(at.device)
        pages = self.pages(at.device)
        fitting = [page for page in pages if _fits(page, at)]
        found = f"{len(pages)} pages" + "".join(f" | {_one_line(page)}" for page in pages[-3:])
        return Seen(len(fitting) >= at.count, found, (at.device,))

    def _board(self, at: steps.ExpectBoard) -> Seen:
        view = self._view(at.board)
        lit = _lit(view)
        so = at.dark in (None, not lit) and at.faulty in (None, bool(view.get("faults")))
        so = so and (at.shows is None or self._spelled(at.board, at.shows))
        return Seen(so, _board_words(view, lit), (at.board,))

    def _spelled(self, board: str, text: str) -> bool:
        view = self.hall.views[board]
        if "pixels" not in view:
            return text in _flat(view.get("text", view))
        if spells(view, text):
            return True
        if not wider(view, text):
            return False
        seen = self._pieces.setdefault((board, text), set())
        return seen >= set(_pairs(text))

    def _window(self, at: steps.ExpectWindow) -> Seen:
        window = self.hall.windows.get(at.window)
        if window is None:
            raise CannotDo(f"there is no window `{at.window}`; there are {', '.join(self.hall.windows)}")
        wanted = {"state": at.state, "stage": at.stage, "number": at.number, "times": at.times, "waiting": at.waiting}
        so = all(value is None or getattr(window, key) == value for key, value in wanted.items())
        called = f" {window.number}, call {window.times}" if window.number else ""
        found = f"{window.state}, {window.stage}{called}, {window.waiting} waiting"
        return Seen(so, found)

    def _call(self, at: steps.ExpectCall) -> Seen:
        calls = {call.id for call in self.calls if call.number == at.number}
        answers = [answer for answer in self.answers if answer.call in calls]
        devices = tuple(dict.fromkeys(answer.device for answer in answers if answer.outcome == at.outcome))
        found = ", ".join(f"{answer.device}: {answer.outcome}" for answer in answers) or "no answer"
        return Seen(len(devices) >= at.by, f"{len(calls)} calls of {at.number}; {found}", devices)

    def _waiting(self, at: steps.ExpectWaiting) -> Seen:
        offers = [one for offer in self.hall.offers.values() for one in offer.services if one.service == at.service]
        if not offers:
            raise CannotDo(f"no kiosk offers `{at.service}`")
        return Seen(all(one.waiting == at.count for one in offers), f"{offers[0].waiting} waiting")

    def _nothing_waiting(self, at: steps.ExpectNothingWaiting) -> Seen:
        left = list(busy(self.hall))
        return Seen(not left, "; ".join(left) or "nothing waits")

    def _node(self, at: steps.ExpectNode) -> Seen:
        status = self.hall.controller if at.node == "controller" else self.hall.statuses.get(at.node)
        if status is None and at.node not in self.hall.places:
            raise CannotDo(f"there is no node `{at.node}`; there are {', '.join(self.hall.places)}")
        return Seen(status is not None and status.state == at.state, status.state if status else "not heard yet")

    def _look(self, at: steps.ExpectView) -> Seen:
        view = self._view(at.device)
        found = {place: _at(view, place) for place in (*at.shows, *at.says)}
        so = all(_holds(found[place], value) for place, value in at.shows.items())
        so = so and all(text in _flat(found[place]) for place, text in at.says.items())
        return Seen(so, ", ".join(f"{place} = {value!r}" for place, value in found.items()), (at.device,))

    def _view(self, device: str) -> Mapping[str, Any]:
        if device not in self.hall.views:
            raise CannotDo(f"there is no device `{device}`; there are {', '.join(sorted(self.hall.views))}")
        return self.hall.views[device]


_LOOKS: dict[type[steps.Expectation], Callable[[Eyes, Any], Seen]] = {
    steps.ExpectState: Eyes._state,
    steps.ExpectTicket: Eyes._ticket,
    steps.ExpectBoard: Eyes._board,
    steps.ExpectWindow: Eyes._window,
    steps.ExpectCall: Eyes._call,
    steps.ExpectWaiting: Eyes._waiting,
    steps.ExpectNothingWaiting: Eyes._nothing_waiting,
    steps.ExpectNode: Eyes._node,
    steps.ExpectView: Eyes._look,
}


def said(state: DeviceState) -> str:
    """A state on one line."""
    touch = f" → {state.touch.zh} / {state.touch.en}" if state.touch else ""
    return f"{state.condition} {state.code}: {state.what.zh} / {state.what.en}{touch}"


def _within(text: str | None, words: Any) -> bool:
    return text is None or (words is not None and (text in words.zh or text in words.en))


def _fits(page: Mapping[str, Any], at: steps.ExpectTicket) -> bool:
    text = page["text"]
    return (
        all(words in text for words in at.says)
        and not any(words in text for words in at.lacks)
        and (at.qr is None or any(at.qr in code for code in page.get("qr", ())))
        and at.ending in (None, page.get("ending"))
    )


def _one_line(page: Mapping[str, Any]) -> str:
    return " ".join(str(page["text"]).split())[:120]


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


def _lit(view: Mapping[str, Any]) -> bool:
    if "pixels" in view:
        return bool(view.get("powered", True)) and any(b64decode(view["pixels"]))
    return bool(_flat(view.get("text", "")).strip())


def _board_words(view: Mapping[str, Any], lit: bool) -> str:
    text = f" {_flat(view['text'])!r}" if "text" in view else ""
    faults = f", faults {view['faults']}" if view.get("faults") else ""
    return ("lit" if lit else "dark") + text + faults


def _at(view: Any, place: str) -> Any:
    """What stands at a place of a view. Raises `CannotDo`."""
    here = view
    for step in place.split("."):
        there = _into(here, step)
        if there is _NOTHING:
            raise CannotDo(f"the view has no `{place}`: at `{step}` there are {', '.join(_names(here)) or 'no parts'}")
        here = there
    return here


_NOTHING = object()


def _into(here: Any, step: str) -> Any:
    match here:
        case Mapping():
            return here.get(step, _NOTHING)
        case list() | tuple():
            called = (part for part in here if isinstance(part, Mapping) and step in _called(part))
            by_number = here[int(step)] if step.isdecimal() and int(step) < len(here) else _NOTHING
            return next(called, by_number)
    return _NOTHING


def _names(here: Any) -> list[str]:
    match here:
        case Mapping():
            return [str(key) for key in here]
        case list() | tuple():
            return [name for part in here if isinstance(part, Mapping) for name in _called(part)]
    return []


def _called(part: Mapping[str, Any]) -> list[str]:
    return [str(part[name]) for name in NAMING if name in part]


def _holds(found: Any, value: Any) -> bool:
    if isinstance(found, list | tuple) and not isinstance(value, list | tuple):
        return value in found
    return bool(found == value)


def _flat(value: Any) -> str:
    match value:
        case str():
            return value
        case Mapping():
            return "\n".join(_flat(inner) for inner in value.values())
        case list() | tuple():
            return "\n".join(_flat(inner) for inner in value)
    return str(value)
