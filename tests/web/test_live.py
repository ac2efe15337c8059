"""Live: every viewer sees every last picture, many share one encoding, and who goes leaves nothing behind."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from contract.dispatch import CallNext
from controller.accounts import Accounts
from controller.view import HallView
from controller.web.app import create_app
from controller.web.defence import SESSION
from controller.web.hall_picture import for_staff
from controller.web.live import Live, Picture, event
from controller.web.serve import CannotServe, listen, serving
from link.apart import beside
from tests.web.clock import Clock
from tests.web.hall import PaperHall, request

DEADLINE = 30


class Viewer:
    """Reads a stream of server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self, *names: str) -> tuple[str, str]:
        """The next event of one of `names`: its name and its data."""
        async with asyncio.timeout(DEADLINE):
            while True:
                name, data = await self._event()
                if name in names:
                    return name, data

    async def _event(self) -> tuple[str, str]:
        name, data = "", []
        async for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif not line and name:
                return name, "\n".join(data)
        return "end", ""


@asynccontextmanager
async def looking(address: str, path: str, **cookies: str) -> AsyncIterator[Viewer]:
    async with (
        httpx.AsyncClient(base_url=address, cookies=cookies, timeout=DEADLINE) as browser,
        browser.stream("GET", path) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Viewer(response)


async def until(holds: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + DEADLINE
    while not holds():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


async def hall_of(viewer: Viewer) -> dict[str, Any]:
    _, data = await viewer.next("hall")
    found: dict[str, Any] = json.loads(data)
    return found


def session(accounts: Accounts, user: str = "admin") -> dict[str, str]:
    return {SESSION: accounts.enter(accounts.entry_link(user), "test")}


async def test_public_stream_shows_the_hall_then_every_change(address: str, hall: PaperHall) -> None:
    async with looking(address, "/api/v1/live") as viewer:
        first = await hall_of(viewer)
        assert "nodes" not in first
        ticket = hall.take("property")
        changed = await hall_of(viewer)
        assert {service["service"]: service.get("waiting", 0) for service in changed["services"]}["property"] == 1
        assert ticket.ticket not in json.dumps(changed)


async def test_staff_stream_shows_everything(address: str, hall: PaperHall, accounts: Accounts) -> None:
    async with looking(address, "/api/v1/live", **session(accounts)) as viewer:
        assert (await hall_of(viewer))["nodes"]


async def test_silence_is_filled_with_signs_of_life(address: str) -> None:
    async with looking(address, "/api/v1/live") as viewer:
        beats = [json.loads((await viewer.next("beat"))[1]) for _ in range(3)]
        assert all(beat["at"] and beat["pages"] for beat in beats)


async def test_viewer_who_goes_is_forgotten_at_once(address: str, live: Live[HallView]) -> None:
    async with looking(address, "/api/v1/live") as viewer:
        await hall_of(viewer)
        assert live.viewers == 1
    await until(lambda: live.viewers == 0)


def test_what_is_made_of_a_picture_is_made_once_for_all(hall: PaperHall) -> None:
    picture, made = Picture(hall.view()), iter([b"first", b"second"])
    assert [picture.shared("key", lambda: next(made)) for _ in range(3)] == [b"first"] * 3
    assert picture.shared("other", lambda: next(made)) == b"second"
    assert for_staff(picture) is for_staff(picture)


async def test_two_hundred_viewers_see_the_same_last_picture(address: str, hall: PaperHall, live: Live[HallView]) -> None:
    limits = httpx.Limits(max_connections=None)

    async def look(browser: httpx.AsyncClient) -> str:
        async with browser.stream("GET", "/live/board?lang=en") as response:
            viewer = Viewer(response)
            while "C001" not in (page := (await viewer.next("page"))[1]):
                pass
            return page

    async with httpx.AsyncClient(base_url=address, timeout=DEADLINE, limits=limits) as browser:
        looks = [asyncio.create_task(look(browser)) for _ in range(200)]
        await until(lambda: live.viewers == 200)
        hall.take("property")
        await hall.ask(request(hall, CallNext(window="w3")), "test")
        shown = await asyncio.gather(*looks)
    assert len(set(shown)) == 1
    await until(lambda: live.viewers == 0)


async def test_page_is_sent_only_when_its_part_of_the_hall_changes(address: str, hall: PaperHall, accounts: Accounts) -> None:
    async with looking(address, "/live/window/w1?lang=en", **session(accounts)) as viewer:
        await viewer.next("page")
        hall.check("baby-room")
        hall.take("social-security")
        _, page = await viewer.next("page")
        assert "A001" in page
        hall.check("baby-room")
        assert [(await viewer.next("page", "beat"))[0] for _ in range(2)] == ["beat", "beat"]


async def test_a_page_that_is_left_open_over_midnight_says_whose_figures_it_shows(
    address: str, hall: PaperHall, accounts: Accounts, clock: Clock
) -> None:
    async with looking(address, "/live/ratings?lang=en", **session(accounts)) as viewer:
        today = clock().astimezone(ZoneInfo(hall.config.hall.timezone)).date()
        assert f'name="day" value="{today}"' in (await viewer.next("page"))[1]
        for _ in range(3):
            clock.pass_by(hours=8)
            assert [(await viewer.next("beat", "gone"))[0] for _ in range(2)] == ["beat", "beat"]
        hall.rate("w1", 5, "A001")
        assert f'name="day" value="{today + timedelta(days=1)}"' in (await viewer.next("page"))[1]


async def test_stream_of_somebody_who_signs_out_ends(address: str, accounts: Accounts) -> None:
    cookies = session(accounts)
    async with looking(address, "/live/overview", **cookies) as viewer:
        await viewer.next("page")
        accounts.sign_out(cookies[SESSION])
        assert (await viewer.next("gone", "end"))[0] == "gone"


async def test_a_hall_that_is_never_quiet_still_gives_signs_of_life_and_notices_who_signed_out(
    address: str, hall: PaperHall, accounts: Accounts
) -> None:
    async def never_quiet() -> None:
        while True:
            hall.check("baby-room")
            await asyncio.sleep(0.005)

    cookies = session(accounts)
    async with looking(address, "/live/cases", **cookies) as viewer, beside(never_quiet()):
        assert [(await viewer.next("page", "beat"))[0] for _ in range(5)].count("beat") == 4
        accounts.sign_out(cookies[SESSION])
        assert (await viewer.next("gone", "end"))[0] == "gone"


async def test_streams_end_when_the_hall_ends(address: str, hall: PaperHall) -> None:
    async with looking(address, "/api/v1/live") as viewer:
        await hall_of(viewer)
        hall.end()
        assert (await viewer.next("end"))[0] == "end"


async def test_server_stops_at_once_with_viewers_still_looking(hall: PaperHall, accounts: Accounts, clock: Clock) -> None:
    app = create_app(hall, accounts, clock=clock)
    async with contextlib.AsyncExitStack() as viewers, asyncio.timeout(15):
        async with serving(app, listen("127.0.0.1", 0)) as address:
            viewer = await viewers.enter_async_context(looking(address, "/api/v1/live"))
            await hall_of(viewer)
        assert (await viewer.next("end"))[0] == "end"


def test_taken_address_is_named(address: str) -> None:
    port = int(address.rpartition(":")[2])
    with pytest.raises(CannotServe, match=f"port {port}: another program uses it"):
        listen("127.0.0.1", port)


async def test_live_page_with_an_unknown_ticket_is_refused(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/live/t/0123456789abcdef")).status_code == 404


def test_event_with_several_lines_stays_one_event() -> None:
    assert event("page", b"<p>\n</p>\n\n") == b"event: page\ndata: <p>\ndata: </p>\ndata: \n\n"
    assert event("hall", b"{}", 7) == b"id: 7\nevent: hall\ndata: {}\n\n"
