"""Staff see on the devices page and in the metrics how the messages to other systems stand, and what to do."""

from datetime import timedelta

import httpx
import msgspec

from controller.view import WebhookView
from tests.web.hall import PaperHall
from tests.web.test_metrics import samples


def stand(hall: PaperHall, *webhooks: WebhookView) -> None:
    """Let the hall's webhooks stand so."""
    hall._view = msgspec.structs.replace(hall.view(), webhooks=webhooks)


async def test_a_receiver_that_takes_nothing_stands_there_with_its_answer_and_the_remedy(
    staff: httpx.AsyncClient, anybody: httpx.AsyncClient, hall: PaperHall
) -> None:
    at = hall.clock() - timedelta(minutes=7)
    stand(
        hall,
        WebhookView(webhook="city-sms", host="sms.example", waiting=12, oldest=at, given_up=2, failing_since=at, said="500 <no>"),
        WebhookView(webhook="pager", host="10.1.2.3", delivered=41),
    )
    page = (await staff.get("/devices?lang=en")).text
    assert "500 &lt;no&gt;" in page
    assert "12 waiting, since" in page
    assert "hallware webhook retry hall.toml city-sms" in page
    assert "41 delivered in 24 hours" in page
    told = await samples(anybody)
    assert told["hallware_webhook_up", "city-sms"] == 0
    assert told["hallware_webhook_up", "pager"] == 1
    assert told["hallware_webhook_messages", "waiting", "city-sms"] == 12


async def test_a_hall_without_webhooks_does_not_speak_of_them(staff: httpx.AsyncClient) -> None:
    assert "Messages to other systems" not in (await staff.get("/devices?lang=en")).text
