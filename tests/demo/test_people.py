"""People: what citizens and staff do, told by what they see and by nothing else."""

from collections import Counter

from hardware_sim.people import Crowd
from hardware_sim.people_eyes import CallerSeen, KioskSeen, Page, Printer, look
from hardware_sim.people_kiosk import LONGEST_LINE, number_on
from hardware_sim.people_pace import Manners, Pace
from tests.demo.small_hall import SmallHall, live

PUNCTUAL = Manners(stays_away=0.0, pauses=0.0, rates=1.0)


def keys(hall: SmallHall, device: str) -> list[str]:
    return [str(hand.how["key"]) for _, hand in hall.hands if hand.device == device and hand.does == "press"]


def test_minute_at_three_times_the_speed_sees_dozens_of_tickets() -> None:
    hall, crowd = SmallHall(), Crowd(seed=1, speed=3)
    live(crowd, hall, until=60)
    figures = crowd.figures()
    assert len(hall.pages) == figures.tickets > 36
    assert figures.served > 8
    assert len(hall.levels) == figures.rated > 4
    assert figures.room_visits > 4


def test_same_seed_gives_the_same_people() -> None:
    def day(seed: int) -> list[object]:
        hall = SmallHall()
        live(Crowd(seed=seed, speed=4), hall, until=30)
        return [*hall.hands]

    assert day(7) == day(7)
    assert day(7) != day(8)


def test_served_citizen_was_called_started_and_finished_in_that_order() -> None:
    hall = SmallHall()
    live(Crowd(seed=2, speed=4, manners=PUNCTUAL), hall, until=40)
    pressed = keys(hall, "caller-window-1")
    assert len(pressed) > 6
    assert pressed == (["next", "start", "finish"] * len(pressed))[: len(pressed)]


def test_nobody_starts_before_the_citizen_has_walked_to_the_window() -> None:
    hall, crowd = SmallHall(), Crowd(seed=3, manners=PUNCTUAL)
    live(crowd, hall, until=60)
    times = {key: now for now, hand in reversed(hall.hands) if hand.device == "caller-window-1" for key in [hand.how["key"]]}
    assert times["start"] - times["next"] >= 0.5 * Pace().walk


def test_absent_citizen_is_called_again_and_then_given_up() -> None:
    hall, crowd = SmallHall(), Crowd(seed=4, speed=4, manners=Manners(stays_away=1.0, pauses=0.0))
    live(crowd, hall, until=30)
    assert keys(hall, "caller-window-1")[:4] == ["next", "recall", "no-show", "next"]
    assert crowd.figures().no_shows >= 2
    assert crowd.figures().served == 0


def test_staff_call_nobody_while_nobody_waits() -> None:
    hall, crowd = SmallHall(printer=Printer(paper="out")), Crowd(seed=5, speed=4)
    live(crowd, hall, until=20)
    assert not keys(hall, "caller-window-1")


def test_nobody_presses_a_kiosk_without_paper_and_those_who_wait_leave() -> None:
    hall, crowd = SmallHall(printer=Printer(paper="out")), Crowd(seed=6, speed=4)
    live(crowd, hall, until=60)
    assert not keys(hall, "kiosk")
    assert crowd.figures().gave_up > 0
    assert crowd.figures().arrived - crowd.figures().gave_up <= LONGEST_LINE + 1


def test_kiosk_that_gives_nothing_is_tried_twice() -> None:
    hall, crowd = SmallHall(mute=True), Crowd(seed=7)
    live(crowd, hall, until=1.9 * Pace().kiosk_patience)
    assert len(keys(hall, "kiosk")) == 2
    assert len(set(keys(hall, "kiosk"))) == 1
    live(crowd, hall, since=1.9 * Pace().kiosk_patience, until=2.1 * Pace().kiosk_patience)
    assert crowd.figures().gave_up == 1


def test_lost_node_stops_only_its_own_people() -> None:
    hall, crowd = SmallHall(), Crowd(seed=8, speed=4, manners=PUNCTUAL)
    live(crowd, hall, until=10)
    hall.down = {"caller-window-1", "rater-window-1"}
    one, two = len(keys(hall, "caller-window-1")), len(keys(hall, "caller-window-2"))
    live(crowd, hall, since=10, until=30)
    assert len(keys(hall, "caller-window-1")) == one
    assert len(keys(hall, "caller-window-2")) > two
    hall.down = set()
    live(crowd, hall, since=30, until=50)
    assert len(keys(hall, "caller-window-1")) > one


def test_rating_key_waits_for_the_lamps() -> None:
    hall, crowd = SmallHall(), Crowd(seed=9, speed=4, manners=PUNCTUAL)
    live(crowd, hall, until=60)
    served = Counter(hand.device for _, hand in hall.hands if hand.how.get("key") == "finish")
    rated = Counter(hand.device for _, hand in hall.hands if hand.device.startswith("rater"))
    assert 0 < rated["rater-window-1"] <= served["caller-window-1"]


def test_visitor_closes_the_door_moves_and_leaves_it_open() -> None:
    hall, crowd = SmallHall(), Crowd(seed=10, speed=4)
    live(crowd, hall, until=15)
    first = next(hand.how["cubicle"] for _, hand in hall.hands if hand.does == "close_door")
    did = [hand.does for _, hand in hall.hands if hand.how.get("cubicle") == first]
    assert did[:2] == ["close_door", "move"]
    assert "open_door" in did


def test_door_that_a_restarted_node_forgot_is_closed_again() -> None:
    hall, crowd = SmallHall(), Crowd(seed=11)
    live(crowd, hall, until=5)
    assert hall.closed
    hall.closed.clear()
    live(crowd, hall, since=5, until=8)
    assert hall.closed


def test_number_is_read_off_the_ticket_whatever_stands_around_it() -> None:
    assert number_on(Page(id=1, text="办理大厅 24h\nWindow 3\n A0123 \nMQTT5x999")) == "A0123"
    assert number_on(Page(id=1, text="受理凭证 20260302")) is None


def test_view_that_makes_no_sense_is_not_seen() -> None:
    assert look({"kind": "board", "device": "b"}) is None
    assert look({"kind": "caller", "device": "c"}) is None
    assert look({"kind": "caller", "device": "c", "window": "w", "plugged": False, "more": 1}) == CallerSeen(
        device="c", window="w", plugged=False
    )
    kiosk = look(
        {"kind": "kiosk", "device": "k", "keys": [{"key": "tax", "service": "tax", "priority": "ordinary"}], "printer": {}}
    )
    assert isinstance(kiosk, KioskSeen)
    assert not kiosk.keys[0].prior
