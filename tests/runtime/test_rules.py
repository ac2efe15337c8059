"""Clock, presence, device and watchdog words, as arithmetic."""

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.events import DeviceTrouble
from contract.health import Condition, ControllerStatus
from contract.values import Text
from firmware.clock import HallClock
from firmware.device import Device
from firmware.notify import Notifier
from firmware.presence import Presence

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Machine:
    """A machine whose clock is `ahead` of the hall's."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.tick = 500.0
        self.ahead = ahead
        self.clock = HallClock(lambda: self.hall + timedelta(seconds=self.ahead), lambda: self.tick)

    @property
    def hall(self) -> datetime:
        return NOON + timedelta(seconds=self.tick - 500.0)


def test_a_clock_that_is_right_is_left_alone() -> None:
    machine = Machine(ahead=1.5)
    machine.clock.signal(machine.hall)
    assert machine.clock.now() == machine.hall + timedelta(seconds=1.5)
    assert machine.clock.off == 1.5


@pytest.mark.parametrize("ahead", [3600.0, -3600.0, -8e8])
def test_a_clock_that_is_wrong_gives_way_to_the_controllers(ahead: float) -> None:
    machine = Machine(ahead)
    assert machine.clock.now() == machine.hall + timedelta(seconds=ahead), "before the first signal there is nothing better"
    machine.clock.signal(machine.hall)
    machine.tick += 100
    assert abs((machine.clock.now() - machine.hall).total_seconds()) < 1e-3
    assert machine.clock.off == pytest.approx(ahead)


def test_a_jump_of_the_machines_clock_does_not_move_the_halls() -> None:
    machine = Machine()
    machine.clock.signal(machine.hall)
    machine.ahead = 3600.0
    assert abs((machine.clock.now() - machine.hall).total_seconds()) < 1e-3


def test_signals_that_were_held_up_do_not_set_the_clock_back() -> None:
    machine = Machine(ahead=60)
    machine.clock.signal(machine.hall)
    for _ in range(4):
        machine.tick += 5
        machine.clock.signal(machine.hall - timedelta(seconds=4))
    assert abs((machine.clock.now() - machine.hall).total_seconds()) < 1e-3


@pytest.mark.parametrize("back", [16.0, 30.0, 600.0, 3600.0])
def test_a_controller_that_was_set_back_is_followed_with_its_second_signal(back: float) -> None:
    machine = Machine()
    for by in (0, 0, 0, 0, 0, back):
        machine.clock.signal(machine.hall - timedelta(seconds=by))
        assert machine.clock.off == pytest.approx(0)
        machine.tick += 5
    machine.clock.signal(machine.hall - timedelta(seconds=back))
    assert machine.clock.off == pytest.approx(back)


def test_a_controller_that_was_set_back_by_no_more_than_a_signal_can_be_late_is_followed_in_the_end() -> None:
    machine = Machine()
    for by in (0, 0, 0, 0, 0, 10, 10, 10, 10, 10):
        machine.clock.signal(machine.hall - timedelta(seconds=by))
        machine.tick += 5
    assert machine.clock.off == pytest.approx(10)


@pytest.mark.parametrize("stood_still", [20, 60, 600])
def test_what_waited_while_this_node_stood_still_does_not_set_the_clock_back(stood_still: int) -> None:
    machine = Machine()
    for _ in range(5):
        machine.clock.signal(machine.hall)
        machine.tick += 5
    machine.tick += stood_still
    for held_up in range(stood_still, -1, -5):
        machine.clock.signal(machine.hall - timedelta(seconds=held_up))
    assert machine.clock.off == pytest.approx(0)


@pytest.mark.parametrize("ahead", [30 * 365 * 86400.0, 3600.0, -3600.0])
@pytest.mark.parametrize("when", range(7))
def test_one_far_off_signal_does_not_own_the_clock(ahead: float, when: int) -> None:
    machine = Machine()
    for number in range(12):
        machine.clock.signal(machine.hall + timedelta(seconds=ahead if number == when else 0.0))
        if when > 0 or number > 1:
            assert abs(machine.clock.off) < 1e-3, f"after signal {number}"
        machine.tick += 5


def test_a_controller_that_was_set_forward_is_followed_with_its_second_signal() -> None:
    machine = Machine()
    for ahead in (0, 0, 0, 600, 600):
        machine.clock.signal(machine.hall + timedelta(seconds=ahead))
        machine.tick += 5
    assert machine.clock.off == pytest.approx(-600)


@pytest.mark.parametrize(("year", "says"), [(1, 2000), (1970, 2000), (2199, 2199), (9999, 2199)])
def test_a_machine_that_is_ages_off_says_a_time_that_a_message_can_carry(year: int, says: int) -> None:
    clock = HallClock(lambda: datetime(year, 12, 31, tzinfo=UTC), lambda: 0.0)
    for _ in range(2):
        assert status(at=clock.now()).at.year == says
        clock.signal(datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC))
        says = 2199


def status(state: str = "online", session: str = "session-1", at: datetime = NOON) -> ControllerStatus:
    return ControllerStatus(session=session, state=state, at=at, version="1", every=5.0)  # type: ignore[arg-type]


def presence(*heard: ControllerStatus, retained: bool = False) -> Presence:
    made = Presence()
    made.link(up=True)
    for one in heard:
        made.heard(one, retained=retained, hall_now=NOON, now=0.0)
    return made


def test_the_controller_is_there_until_three_heartbeats_are_missed() -> None:
    there = presence(status())
    assert there.there(14.9)
    assert not there.there(15.0)
    assert there.due(1.0) == 15.0


def test_without_the_link_nobody_is_there() -> None:
    there = presence(status())
    there.link(up=False)
    assert not there.there(1.0)
    there.link(up=True)
    assert there.there(1.0), "a short cut of the line costs nothing"


@pytest.mark.parametrize("state", ["lost", "offline"])
def test_a_will_and_a_goodbye_count_at_once(state: str) -> None:
    assert not presence(status(), status(state)).there(0.1)


def test_the_will_of_an_old_session_is_ignored() -> None:
    assert presence(status(session="session-2"), status("lost", session="session-1")).there(0.1)


def test_an_old_heartbeat_that_the_broker_kept_does_not_count_and_a_young_one_does() -> None:
    old = status(at=NOON - timedelta(hours=1))
    assert not presence(old, retained=True).there(0.1)
    assert presence(status(at=NOON - timedelta(seconds=4)), retained=True).there(0.1)


def test_a_status_that_claims_to_beat_once_a_year_is_not_believed_for_a_year() -> None:
    rare = ControllerStatus(session="session-1", state="online", at=NOON, version="1", every=1e9)
    assert not presence(rare).there(181.0)


def test_a_fault_and_its_healing_are_kept_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    troubles: list[DeviceTrouble] = []
    changes: list[bool] = []
    device = Device("kiosk-1", "kiosk", Machine().clock, changed=changes.append, trouble=troubles.append)
    assert device.state.code == "starting"
    out, well = Text(zh="缺纸", en="Paper is out"), Text(zh="正常", en="Ready")
    for _ in range(3):
        device.say("fault", "paper-out", out)
    device.say("ready", "ok", well)
    device.say("ready", "ok", well)
    device.count("refused-press", 2)
    assert [trouble.code for trouble in troubles] == ["paper-out", "ok"]
    assert changes == [True, True, False]
    assert device.state.counts == {"refused-press": 2}
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize("healed", ["ready", "attention"])
def test_a_device_that_cannot_be_opened_is_told_once_however_often_it_is_tried(
    healed: Condition, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    troubles: list[DeviceTrouble] = []
    device = Device("kiosk-1", "kiosk", Machine().clock, changed=lambda _: None, trouble=troubles.append)
    starting, gone = Text(zh="正在启动", en="Starting"), Text(zh="打印机不见了", en="The printer is not there")
    for _ in range(3):
        device.say("busy", "starting", starting)
        device.say("fault", "no-printer", gone)
        since = device.state.since
    device.say("busy", "starting", starting)
    assert (device.condition, device.state.code, device.state.since) == ("fault", "no-printer", since)
    assert [trouble.code for trouble in troubles] == ["no-printer"]
    device.say(healed, "ok", Text(zh="正常", en="Ready"))
    assert [trouble.code for trouble in troubles] == ["no-printer", "ok"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    device.say("busy", "starting", starting)
    assert device.condition == "busy", "a device that is well may be busy"


def test_systemd_is_told_and_only_news(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(2)
        told = Notifier({"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "14000000", "WATCHDOG_PID": str(os.getpid())})
        told.ready()
        told.status("5 of 5 devices well")
        told.status("5 of 5 devices well")
        told.feed()
        told.stopping()
        said = [systemd.recv(100) for _ in range(4)]
    assert said == [b"READY=1", b"STATUS=5 of 5 devices well", b"WATCHDOG=1", b"STOPPING=1"]
    assert told.watchdog == 14.0


def test_without_systemd_nothing_is_said_and_a_watchdog_of_another_process_is_not_ours() -> None:
    silent = Notifier({})
    silent.ready()
    assert silent.watchdog is None
    assert Notifier({"WATCHDOG_USEC": "14000000", "WATCHDOG_PID": "1"}).watchdog is None
    Notifier({"NOTIFY_SOCKET": "/nowhere/at/all"}).feed()
