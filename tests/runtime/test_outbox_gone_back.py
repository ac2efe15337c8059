"""A controller whose database is an older one gets again what the node still has, and learns where that begins."""

from pathlib import Path

from contract.events import Ack
from firmware.outbox import TIDY
from firmware.outbox_window import AGAIN, Window
from tests.runtime.test_outbox import Controller, HandClock, count, fact, outbox
from tests.runtime.waiting import until


async def test_what_the_disk_still_has_is_handed_in_again(tmp_path: Path) -> None:
    controller = Controller()
    async with outbox(tmp_path, controller, tidy=TIDY) as box:
        box.presence(True)
        for number in range(1, 7):
            await box.record("desk-1", fact(number))
            await until(lambda: not box.waiting)
        assert count(tmp_path) == 1, "each new event has taken the acknowledged ones along"
        del controller.stored[box.epoch][2:]
        controller.events.clear()
        box.acked(Ack(epoch=box.epoch, stored=2, resend=True))
        await until(lambda: controller.events)
    assert [(event.number, event.oldest) for event in controller.events] == [(6, True)]


async def test_only_the_first_of_what_waits_is_the_oldest(tmp_path: Path) -> None:
    controller = Controller()
    async with outbox(tmp_path, controller) as box:
        for number in range(1, 5):
            await box.record("desk-1", fact(number))
        box.presence(True)
        await until(lambda: not box.waiting)
    assert [event.oldest for event in controller.events] == [True, False, False, False]


async def test_with_nothing_left_the_next_event_says_so(tmp_path: Path) -> None:
    controller, clock = Controller(), HandClock()
    async with outbox(tmp_path, controller, clock=clock, tidy=0.01) as box:
        box.presence(True)
        await box.record("desk-1", fact(1))
        await until(lambda: count(tmp_path) == 0)
        controller.stored.clear()
        box.acked(Ack(epoch=box.epoch, stored=0, resend=True))
        await box.record("desk-1", fact(2))
        await until(lambda: len(controller.events) > 1)
    assert (controller.events[-1].number, controller.events[-1].oldest) == (2, True)


def test_going_back_once_is_enough_for_all_that_ask_at_the_same_time() -> None:
    window = Window(10)
    window.sent(14, 0.0)
    window.back(6, 1.0)
    assert (window.stored, window.next) == (6, 7)
    window.sent(14, 1.0)
    window.back(6, 1.0 + AGAIN / 2)
    assert window.next == 15
    window.back(6, 1.0 + AGAIN)
    assert window.next == 7


def test_going_back_never_goes_forward() -> None:
    window = Window(10)
    window.back(12, 1.0)
    assert (window.stored, window.next) == (10, 11)
