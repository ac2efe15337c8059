"""Devices' troubles: counted when they begin, timed while they last, over midnight and up to now."""

from datetime import timedelta

from contract.health import DeviceState, NodeStatus
from contract.topics import DEVICE_STATE, NODE_STATUS
from contract.values import Text
from controller.figures import DeviceCounts, Troubles
from controller.troubles import Turn, troubles
from link.hearing import Heard
from tests.controller.halls import NOON
from tests.controller.test_days import Night

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HOUR_US = HOUR // timedelta(microseconds=1)
TODAY = NOON.date()
DAYS = [(TODAY, NOON - 12 * HOUR, NOON + 12 * HOUR), (TODAY + DAY, NOON + 12 * HOUR, NOON + 36 * HOUR)]


def turn(hours: int, condition: str) -> Turn:
    return Turn("entrance", "kiosk-1", NOON + hours * HOUR, condition)


def test_a_trouble_over_midnight_counts_once_and_lasts_on_both_days() -> None:
    turns = [turn(-20, "ready"), turn(10, "fault"), turn(14, "attention"), turn(15, "ready")]
    assert troubles(turns, DAYS, NOON + 3 * DAY) == (
        Troubles(DeviceCounts(1, 0, 2 * HOUR_US), TODAY, "entrance", "kiosk-1"),
        Troubles(DeviceCounts(0, HOUR_US, 2 * HOUR_US), TODAY + DAY, "entrance", "kiosk-1"),
    )


def test_what_began_before_lasts_from_the_beginning_and_up_to_now() -> None:
    found = troubles([turn(-20, "fault")], DAYS[:1], NOON)
    assert found == (Troubles(DeviceCounts(0, 0, 12 * HOUR_US), TODAY, "entrance", "kiosk-1"),)


def test_the_same_said_again_is_no_new_trouble_and_a_ready_device_no_row() -> None:
    assert troubles([turn(-1, "ready")], DAYS, NOON) == ()
    again = [turn(-2, "attention"), turn(-1, "attention"), turn(0, "ready")]
    assert [row.counts for row in troubles(again, DAYS, NOON)] == [DeviceCounts(1, 2 * HOUR_US, 0)]


async def test_a_report_tells_what_devices_and_nodes_said(database: str) -> None:
    night = Night(database)
    service = night.service
    await service.open()

    async def says(condition: str) -> None:
        words = Text(zh="纸", en="paper")
        state = DeviceState(device="kiosk-1", kind="kiosk", condition=condition, code="ok", what=words, since=night.now)  # type: ignore[arg-type]
        service.hear(DEVICE_STATE, Heard(state, {"hall": "centre", "node": "entrance", "device": "kiosk-1"}, retained=True))
        await night.work()

    async def there(state: str) -> None:
        status = NodeStatus(node="desk", session="session-1", state=state, at=night.now, version="1")  # type: ignore[arg-type]
        service.hear(NODE_STATUS, Heard(status, {"hall": "centre", "node": "desk"}, retained=False))
        await night.work()

    for condition, state in (("ready", "online"), ("attention", "online"), ("fault", "lost"), ("ready", "online")):
        await says(condition)
        await there(state)
        night.now += timedelta(minutes=10)
    found = (await service.report(TODAY, TODAY)).devices
    assert [(row.node, row.device, row.troubles, row.attention, row.down) for row in found] == [
        ("entrance", "kiosk-1", 1, 600.0, 600.0),
        ("desk", None, 1, 0.0, 600.0),
    ]
    await service.close()
