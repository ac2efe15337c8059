"""What a key may do, the life of a press, and the numbers of a lease; a day is arithmetic here."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.values import Text
from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.printer_status import PrinterStatus
from devices.printer_transport import WireBlocked, WrongWire
from firmware.agents import kiosk_words as words
from firmware.agents.kiosk_journal import LeasedNumber
from firmware.agents.kiosk_printer_words import PrinterWords
from firmware.agents.kiosk_rules import FRESH, STEPS, KioskRules, Press, Stage, Verdict, WrongStep, is_fresh, spell, worth_keeping
from firmware.agents.kiosk_wish import Wish
from tests.kiosk.hall import HALL_TIME, lease, offer

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SOCIAL, URGENT, LAND = Wish("social"), Wish("social", "priority"), Wish("land")


def rules(first: int = 901, last: int = 903) -> KioskRules:
    """A kiosk that could give tickets."""
    made = KioskRules(HALL_TIME)
    made.offer = offer(block=lease(first, last, TODAY))
    made.can_print = made.present = True
    return made


def test_a_press_of_an_open_service_is_served() -> None:
    kiosk = rules()
    assert kiosk.press(SOCIAL, NOON).service == kiosk.service("social")


def test_the_same_key_is_ignored_until_its_press_is_over() -> None:
    kiosk = rules()
    kiosk.press(SOCIAL, NOON)
    assert kiosk.press(SOCIAL, NOON) == Verdict(refused="repeated-press", why="served")
    kiosk.done(SOCIAL)
    assert kiosk.press(SOCIAL, NOON).refused is None


def test_another_key_of_the_same_service_is_another_citizen() -> None:
    kiosk = rules()
    kiosk.press(SOCIAL, NOON)
    assert kiosk.press(URGENT, NOON).refused is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"can_print": False}, "printer"),
        ({"can_record": False}, "disk"),
        ({"offer": None}, "no-offer"),
        ({"offer": msgspec.structs.replace(offer(), services=())}, "no-offer"),
        ({"offer": offer(closed=Text(zh="关闭", en="closed"))}, "closed"),
    ],
)
def test_what_cannot_be_served_is_refused(change: dict[str, object], why: str) -> None:
    kiosk = rules()
    for name, value in change.items():
        setattr(kiosk, name, value)
    verdict = kiosk.press(SOCIAL, NOON)
    assert (verdict.refused, verdict.why) == ("refused-press", why)


def test_without_controller_only_services_with_numbers_left_are_served() -> None:
    kiosk = rules(901, 901)
    kiosk.present = False
    assert kiosk.press(LAND, NOON).why == "no-number"
    assert kiosk.press(SOCIAL, NOON).refused is None
    kiosk.burn(frozenset({LeasedNumber(TODAY, "A", 901)}))
    assert kiosk.press(URGENT, NOON).why == "no-number"
    assert not kiosk.can_issue_alone(NOON)


def test_a_lease_ends_at_midnight_in_the_hall() -> None:
    kiosk = rules()
    service = kiosk.service("social")
    assert service is not None
    before_midnight = datetime(2026, 11, 20, 15, 59, tzinfo=UTC)
    assert kiosk.next_number(service, before_midnight) == LeasedNumber(TODAY, "A", 901)
    assert kiosk.next_number(service, before_midnight + timedelta(minutes=1)) is None


def test_on_a_day_whose_journal_was_lost_no_leased_number_is_given() -> None:
    kiosk = rules()
    service = kiosk.service("social")
    assert service is not None
    kiosk.distrust(frozenset({TODAY}))
    assert kiosk.next_number(service, NOON) is None
    kiosk.offer = offer(block=lease(901, 903, TODAY + timedelta(days=1)))
    assert kiosk.can_issue_alone(NOON + timedelta(days=1))


@given(st.sets(st.integers(901, 920)))
def test_no_number_is_given_twice(used: set[int]) -> None:
    kiosk = rules(901, 920)
    kiosk.burn(frozenset(LeasedNumber(TODAY, "A", number) for number in used))
    service = kiosk.service("social")
    assert service is not None
    given_out = []
    while (number := kiosk.next_number(service, NOON)) is not None:
        kiosk.burn(frozenset({number}))
        given_out.append(number.number)
    assert sorted({*given_out, *used}) == list(range(901, 921))
    assert len(given_out) == 20 - len(used)


def test_a_number_has_at_least_three_digits() -> None:
    assert spell(LeasedNumber(TODAY, "A", 7)) == "A007"
    assert spell(LeasedNumber(TODAY, "", 1600)) == "1600"


@pytest.mark.parametrize(
    "way",
    [
        ("asked", "granted", "printing", "proven"),
        ("asked", "refused"),
        ("asked", "unanswered", "leased", "printing", "failed"),
        ("asked", "unanswered", "dropped"),
        ("asked", "granted", "printing", "unsure", "printing", "proven"),
    ],
)
def test_a_press_goes_its_way(way: tuple[Stage, ...]) -> None:
    press = Press()
    for stage in way[1:]:
        assert not press.over
        press.to(stage)
    assert press.over


def test_every_other_step_is_refused_and_changes_nothing() -> None:
    for start in get_args(Stage):
        for to in set(get_args(Stage)) - STEPS[start]:
            press = Press(start)
            with pytest.raises(WrongStep):
                press.to(to)
            assert press.stage == start


def test_a_ticket_stays_fresh_for_less_than_the_controller_keeps_its_place() -> None:
    assert is_fresh(FRESH)
    assert not is_fresh(FRESH + timedelta(milliseconds=1))
    assert timedelta(seconds=120) > FRESH


PRINTER = PrinterWords(Text(zh="2号打印机", en="printer 2"), Text(zh="打开灰色机盖", en="open the grey cover"))


def test_an_offer_with_other_counts_is_not_worth_writing_down() -> None:
    first = offer(block=lease())
    busier = tuple(msgspec.structs.replace(service, waiting=9) for service in first.services)
    assert worth_keeping(first) == worth_keeping(msgspec.structs.replace(first, version=2, at=NOON, services=busier))
    assert worth_keeping(first) != worth_keeping(offer(block=lease(951, 999)))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (PrinterStatus(paper="near-end"), "paper-low"),
        (PrinterStatus(paper="out", offline=True), "paper-out"),
        (PrinterStatus(paper="out", offline=True, cover_open=True), "cover-open"),
        (PrinterStatus(cutter_error=True, offline=True), "cutter-jam"),
        (PrinterStatus(recoverable_error=True, offline=True), "printer-jam"),
        (PrinterStatus(unrecoverable_error=True), "printer-broken"),
        (PrinterStatus(overheated=True), "printer-hot"),
        (PrinterStatus(offline=True), "printer-offline"),
    ],
)
def test_a_printer_that_wants_a_hand_says_what_to_touch_first(status: PrinterStatus, code: str) -> None:
    saying = PRINTER.printer(status)
    assert saying is not None
    assert saying.code == code
    assert saying.touch is not None
    assert saying.condition == ("attention" if status.can_print else "fault")


def test_a_printer_is_called_as_staff_call_it_and_opened_as_it_is_opened() -> None:
    saying = PRINTER.printer(PrinterStatus(paper="out"))
    assert saying is not None
    assert saying.what == Text(zh="2号打印机缺纸", en="paper is out on printer 2")
    assert saying.touch == Text(
        zh="打开灰色机盖，装入新纸卷，热敏面朝上，再合上机盖",
        en="open the grey cover, put in a new roll, print side up, close the cover",
    )


def test_a_well_printer_says_nothing() -> None:
    assert PRINTER.printer(PrinterStatus()) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DeviceMissing("x"), "printer-missing"),
        (DeviceRefused("x"), "printer-refused"),
        (DeviceTimeout("x"), "printer-silent"),
        (WireBlocked("x"), "printer-blocked"),
        (WrongWire("x"), "printer-wrong"),
        (DeviceBroken("x"), "printer-noise"),
        (DeviceError("x"), "printer-lost"),
    ],
)
def test_a_lost_printer_says_how_and_what_to_touch(error: DeviceError, code: str) -> None:
    saying = PRINTER.lost(error)
    assert (saying.condition, saying.code) == ("fault", code)
    assert saying.touch is not None


def test_the_states_of_the_day_are_all_spelled_for_programs() -> None:
    codes = [saying.code for saying in (words.READY, words.NO_OFFER, words.ON_LEASE, words.NO_NUMBERS, words.DISK_FULL)]
    assert all(code.replace("-", "").isalpha() for code in codes)
    assert all(one != other for one, other in pairwise(sorted(codes)))
