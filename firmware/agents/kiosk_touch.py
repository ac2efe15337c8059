"""A kiosk's touch screen: what is touched becomes a ticket, a check-in or a call for help; its page shows how things are."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import msgspec

from contract.events import HelpAsked
from contract.helping import HelpState
from contract.scanning import ScanReply, ScanRequest
from contract.topics import HELP_STATE, SCAN_REPLY, SCAN_REQUEST
from contract.values import Text
from firmware.agents.help_rules import HelpRules, spot_of
from firmware.agents.keeping import Keeping
from firmware.agents.kiosk_asking import Asking
from firmware.agents.kiosk_printing import PrintDesk
from firmware.agents.kiosk_rules import KioskRules
from firmware.agents.kiosk_tickets import TicketDesk
from firmware.agents.kiosk_touch_orders import CallHelp, CheckIn, Order, Outcome, Take, after_check_in, after_serving
from firmware.agents.kiosk_wish import Wish
from firmware.config import KioskConfig
from firmware.config_kiosk import TouchConfig
from firmware.station import Station
from firmware.touch import words
from firmware.touch.asked import Answer, Asked, Events, refused
from firmware.touch.pages import Pages
from firmware.touch.screen import Screen, Seen, draw
from firmware.touch.server import PageServer

log = logging.getLogger(__name__)

PLACE = "touch"
"""The screen among the places of a kiosk where tickets are wished for: one person stands there, so one ticket at a time."""
LOOK_EVERY = 1.0
"""Seconds between looks at what changes by time alone."""
BEAT = 10.0
"""Seconds after which a stream says that it still flows."""
REMEMBERED = 32
"""Orders that are known again when they come twice."""
PAPER_WITHIN = 15.0
"""Seconds for the slip of a check-in."""
SCAN_STANDS = 12.0
"""Seconds for which a scanner's answer stands on the page."""
COMING = 60.0
RETRY = 5.0
"""Seconds between attempts to get the page's port."""


class TouchDesk:
    """Everything behind one touch screen."""

    def __init__(self, config: KioskConfig, touch: TouchConfig, station: Station, rules: KioskRules, printing: PrintDesk) -> None:
        """Reads the page's files; nothing is served before `run`."""
        self._config, self._touch, self._station = config, touch, station
        self._rules, self._printing = rules, printing
        self._pages = Pages(touch, str(station.timezone))
        self._help, self._keeping = HelpRules(COMING), Keeping(station)
        self._asking: Asking[ScanReply] = Asking(station, 2 * config.patience)
        self._orders: OrderedDict[str, asyncio.Task[Outcome]] = OrderedDict()
        self._slips: dict[str, asyncio.Future[bool]] = {}
        self._news = asyncio.Event()
        self._seen_present = None if not rules.present else station.clock.now()
        self._scan: tuple[ScanReply, float] | None = None
        self.refused = False
        """Whether the page's port is another program's."""
        self._posts: Mapping[str, tuple[type[Order], Callable[[Any], Coroutine[Any, Any, Outcome]]]] = {
            "/take": (Take, self._take),
            "/check-in": (CheckIn, self._check_in),
            "/help": (CallHelp, self._call_help),
        }

    async def run(self, tickets: TicketDesk) -> None:
        """Serve until cancelled."""
        self._tickets = tickets
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self._serve())
            self._tasks.create_task(self._hear_replies())
            if self._touch.help is not None:
                self._tasks.create_task(self._hear_help(self._touch.help))
            if self._touch.scanner is not None:
                self._tasks.create_task(self._hear_scanner(self._touch.scanner))

    def slip(self, slip: str, *, printed: bool) -> None:
        """A slip that the controller ordered came out, or did not."""
        if (waiting := self._slips.get(slip)) is not None and not waiting.done():
            waiting.set_result(printed)

    def changed(self) -> None:
        """Something that stands on the screen may be another."""
        self._news.set()
        self._news = asyncio.Event()

    @property
    def port(self) -> int:
        """Where the page is."""
        return self._touch.port

    async def _serve(self) -> None:
        server = PageServer(self._touch.port, self._respond, self._station.count)
        while True:
            try:
                await server.run()
            except OSError as error:
                if not self.refused:
                    log.warning("%s: port %d of the touch screen's page: %s", self._config.id, self._touch.port, error)
                self.refused = True
            await asyncio.sleep(RETRY)

    async def _respond(self, asked: Asked) -> Answer | Events:
        self.refused = False
        if asked.path in self._posts:
            return await self._ordered(asked) if asked.method == "POST" else _only("POST")
        if asked.path != "/live" and asked.path not in self._pages.answers:
            return refused(HTTPStatus.NOT_FOUND)
        if asked.method != "GET":
            return _only("GET")
        return Events(self._live()) if asked.path == "/live" else self._pages.answers[asked.path]

    async def _ordered(self, asked: Asked) -> Answer:
        """Do what was touched, once for each order's id, also when the page asks again or goes away meanwhile."""
        kind, do = self._posts[asked.path]
        try:
            order = msgspec.json.decode(asked.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._station.count("bad-request")
            return refused(HTTPStatus.BAD_REQUEST)
        task = self._orders.get(order.id)
        if task is None:
            task = self._orders[order.id] = self._tasks.create_task(do(order))
            if len(self._orders) > REMEMBERED:
                self._orders.popitem(last=False)
        outcome = await asyncio.shield(task)
        return Answer(body=msgspec.json.encode(outcome), kind="application/json")

    async def _take(self, order: Take) -> Outcome:
        then = tuple(dict.fromkeys(order.then))
        wish = Wish(order.service, "priority" if order.priority else "ordinary", then)
        if len(then) >= self._touch.several or order.service in then or (order.priority and not self._touch.priority):
            return Outcome("refused", why=words.NOT_OFFERED)
        verdict = self._rules.press(wish, self._station.clock.now(), PLACE)
        if verdict.refused is not None:
            self._station.count(verdict.refused)
        if verdict.why == "served":
            return Outcome("busy", why=words.BUSY)
        if verdict.service is None or verdict.why == "closed":
            self._rules.done(PLACE)
            return Outcome("refused", why=self._why(order.service))
        if any(self._card_is_closed(name) for name in then):
            self._rules.done(PLACE)
            return Outcome("refused", why=words.NOT_OFFERED)
        served = await self._tickets.serve(wish, verdict.service, PLACE, explain=False)
        return after_serving(served, self._touch.desk)

    def _card_is_closed(self, service: str) -> bool:
        offered = self._rules.service(service)
        return offered is None or not offered.open

    def _why(self, service: str) -> Text:
        """What the screen says of the service, or of the whole kiosk."""
        screen = self._screen()
        card = next((card for card in screen.cards if card.service == service), None)
        return screen.out or (card.why if card and card.why else words.NOT_OFFERED)

    async def _check_in(self, order: CheckIn) -> Outcome:
        """Check an appointment in: the controller has the slip printed here, and says what stands on it."""
        if not self._touch.check_in:
            return Outcome("refused", why=words.NOT_OFFERED)
        if (out := self._screen().out) is not None:
            return Outcome("refused", why=out)
        now, request = self._station.clock.now(), order.id
        message = ScanRequest(
            id=request, scanner=self._config.id, kind="appointment", code=order.code, slip=self._config.id,
            at=now, not_after=now + timedelta(seconds=2 * self._config.patience),
        )  # fmt: skip
        paper: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._slips[request] = paper
        try:
            reply = await self._asking.ask(SCAN_REQUEST, request, message) if self._rules.present else None
            printed = reply is not None and reply.outcome == "checked-in" and await _in_time(paper)
        finally:
            del self._slips[request]
        return after_check_in(reply, printed=printed, desk=self._touch.desk)

    async def _call_help(self, _: CallHelp) -> Outcome:
        if self._touch.help is None:
            return Outcome("refused", why=words.NOT_OFFERED)
        if not await self._keeping.keep(HelpAsked(place=self._touch.help)):
            return Outcome("refused", why=words.no_help(self._touch.desk))
        self._help.ask(self._station.clock.monotonic(), self._station.clock.now())
        self.changed()
        return Outcome("help-asked")

    async def _hear_replies(self) -> None:
        async for reply in self._station.hear(SCAN_REPLY):
            self._asking.replied(reply)

    async def _hear_help(self, place: str) -> None:
        async for state in self._station.hear(HELP_STATE, place=place):
            said: HelpState = state
            self._help.hear(spot_of(said.spots, None), self._station.clock.monotonic())
            self.changed()

    async def _hear_scanner(self, scanner: str) -> None:
        async for reply in self._station.hear_neighbours(ScanReply, scanner):
            self._scan = (reply, self._station.clock.monotonic())
            self.changed()

    async def _live(self) -> AsyncIterator[bytes]:
        """The screen whenever it is another, and a beat so that both sides know of each other."""
        loop, shown, told = asyncio.get_running_loop(), b"", 0.0
        while True:
            news = self._news  # taken before anybody looks: what changes while the browser takes its time is seen at once
            now = b'{"version":"%s","now":%d,' % (self._pages.version.encode(), 1000 * self._station.clock.now().timestamp())
            drawn = msgspec.json.encode(self._screen())
            if drawn != shown or loop.time() - told >= BEAT:
                shown, told = drawn, loop.time()
                yield b"data: " + now + drawn[1:] + b"\n\n"
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await news.wait()

    def _screen(self) -> Screen:
        clock = self._station.clock
        now, tick = clock.now(), clock.monotonic()
        if self._rules.present:
            self._seen_present = now
        scan = self._scan[0] if self._scan is not None and tick - self._scan[1] < SCAN_STANDS else None
        seen = Seen(self._printing.saying, self._seen_present, self._help.stage(tick), scan)
        return draw(self._rules, self._touch, seen, now)


async def _in_time(paper: "asyncio.Future[bool]") -> bool:
    try:
        async with asyncio.timeout(PAPER_WITHIN):
            return await paper
    except TimeoutError:
        return False


def _only(method: str) -> Answer:
    return refused(HTTPStatus.METHOD_NOT_ALLOWED, Allow=method)
