"""Rating on the ticket's page: only what was served, only from our own page, and not without end."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from contract.dispatch import CallNext, Finish, Start
from controller.brake import Brake
from tests.web.clock import Clock
from tests.web.conftest import BASE, browser
from tests.web.hall import PaperHall, request
from tests.web.test_real import act, controller


async def served(hall: PaperHall) -> str:
    """The ticket of somebody whose service has ended."""
    ticket = hall.take("social-security").ticket
    for action in (CallNext(window="w1"), Start(window="w1"), Finish(window="w1")):
        await hall.ask(request(hall, action), "test")
    return ticket


async def test_whoever_was_served_rates_once_and_reads_why_not_twice(anybody: httpx.AsyncClient, hall: PaperHall) -> None:
    ticket = await served(hall)
    page = (await anybody.get(f"/t/{ticket}?lang=en")).text
    assert page.count('name="level"') == 5
    answer = await anybody.post(f"/t/{ticket}/rating?lang=en", data={"level": "4"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/t/{ticket}?lang=en")
    assert hall._ratings[0].level == 4
    after = (await anybody.get(answer.headers["location"])).text
    assert "Rated. Thank you" in after
    assert 'name="level"' not in after
    again = await anybody.post(f"/t/{ticket}/rating?lang=zh", data={"level": "5"})
    assert again.status_code == 409
    assert "本次服务已评价" in again.text
    assert f'href="/t/{ticket}?lang=en"' in again.text  # the switch of languages


async def test_nobody_rates_for_somebody_else_or_what_was_not_served(anybody: httpx.AsyncClient, hall: PaperHall) -> None:
    waiting = hall.take("property")
    assert 'name="level"' not in (await anybody.get(f"/t/{waiting.ticket}")).text
    assert (await anybody.post(f"/t/{waiting.ticket}/rating", data={"level": "1"})).status_code == 409
    assert (await anybody.post("/t/0123456789abcdef/rating", data={"level": "1"})).status_code == 404
    assert (await anybody.post("/t/x/rating", data={"level": "1"})).status_code == 404


@pytest.mark.parametrize("level", ["0", "6", "five", ""])
async def test_a_level_that_there_is_not_is_refused(anybody: httpx.AsyncClient, hall: PaperHall, level: str) -> None:
    assert (await anybody.post(f"/t/{await served(hall)}/rating", data={"level": level})).status_code == 400


async def test_another_site_cannot_rate_with_somebodys_browser(app: Litestar, hall: PaperHall) -> None:
    ticket = await served(hall)
    async with browser(app, Origin="http://elsewhere.test") as forged:
        assert (await forged.post(f"/t/{ticket}/rating", data={"level": "1"})).status_code == 403
    assert (await hall.ticket(ticket)).rated is False  # type: ignore[union-attr]


async def test_a_ticket_that_is_tried_too_often_has_to_wait_a_minute(
    anybody: httpx.AsyncClient, hall: PaperHall, clock: Clock
) -> None:
    ticket = await served(hall)
    codes = [(await anybody.post(f"/t/{ticket}/rating", data={"level": "4"})).status_code for _ in range(7)]
    assert codes == [303, *[409] * 5, 429]
    last = await anybody.post(f"/t/{ticket}/rating", headers={"Referer": f"{BASE}/t/{ticket}?lang=en"})
    assert f'class="do main" href="/t/{ticket}"' in last.text  # back to the ticket, not to the hall board


def test_the_brake_lets_so_many_pass_in_each_stretch_and_forgets_floods(clock: Clock) -> None:
    brake = Brake(2, timedelta(minutes=1))
    now = clock()
    assert [brake.lets_pass("a", now) for _ in range(3)] == [True, True, False]
    assert brake.lets_pass("b", now)
    assert brake.lets_pass("a", now + timedelta(minutes=1))


async def test_a_rating_by_phone_is_in_the_books_of_the_real_controller(tmp_path: Path) -> None:
    async with controller(tmp_path) as client:
        ticket = (await act(client, "issue-ticket", service="social-security"))["ticket"]
        for kind in ("call-next", "start", "finish"):
            await act(client, kind, window="w1")
        assert 'name="level"' in (await client.get(f"/t/{ticket}")).text
        assert (await client.post(f"/t/{ticket}/rating", data={"level": "2"})).status_code == 303
        assert [row["level"] for row in (await client.get("/api/v1/ratings")).json()] == [2]
        assert [case["level"] for case in (await client.get("/api/v1/hall")).json()["cases"]] == [2]
        assert "Rated. Thank you" in (await client.get(f"/t/{ticket}?lang=en")).text
