"""What the controller tells the lamps beside help buttons, from the press to the answer of staff."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

from rich.console import Console

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.events import HelpAsked
from contract.helping import HelpSpot, HelpState
from controller.rooms import RoomState, answer_help, apply, ask_help, places, spots
from hallware.commands.watch import Seen
from link.hearing import Heard
from tests.controller.halls import NOON
from tests.controller.play import Client, running_hall


async def test_a_press_is_told_to_the_lamp_until_staff_answer(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with Client(broker) as client, running_hall(broker, tmp_path) as hall:
        await client.report("room-node", "room-1", HelpAsked(place="nursery", cubicle="one"))
        asked = await client.said(topics.HELP_STATE, lambda state: bool(state.spots), place="nursery")
        assert [(spot.cubicle, spot.answered) for spot in asked.spots] == [("one", None)]
        assert asked.spots[0].asked is not None
        (help_,) = hall.view().help
        await client.ask(dispatch.AnswerHelp(help=help_.id))
        answered = await client.said(topics.HELP_STATE, lambda s: any(x.answered for x in s.spots), place="nursery")
        assert answered.spots[0].asked is None


def test_each_spot_of_a_place_stands_alone_and_knows_its_last_answer() -> None:
    state = RoomState()
    for number, said in enumerate((HelpAsked(place="desk"), HelpAsked(place="nursery", cubicle="c1"))):
        for fact in ask_help(state, said, f"help-{number}", NOON):
            state = apply(state, fact)
    later = NOON + timedelta(seconds=40)
    given = answer_help(state, "help-0", later)
    assert isinstance(given, tuple)
    for fact in (*given, *given):
        state = apply(state, fact)
    assert spots(state, "desk") == (HelpSpot(answered=later),)
    assert spots(state, "nursery") == (HelpSpot(cubicle="c1", asked=NOON),)
    assert places(state) == {"desk", "nursery"}


def test_answers_at_any_number_of_places_do_not_grow_without_bound() -> None:
    state = RoomState()
    for number in range(500):
        for fact in ask_help(state, HelpAsked(place=f"place-{number}"), f"help-{number}", NOON):
            state = apply(state, fact)
        given = answer_help(state, f"help-{number}", NOON)
        assert isinstance(given, tuple)
        state = apply(state, given[0])
    assert len(state.answered) == 200
    assert "place-499" in places(state)


def test_whoever_watches_the_hall_sees_calls_for_help_first_until_they_are_answered() -> None:
    seen = Seen("en")

    def hear(*spots: HelpSpot) -> str:
        state = HelpState(place="nursery", at=NOON, spots=spots)
        seen.take(Heard(state, {"place": "nursery"}, retained=True))
        console = Console(width=120, record=True, file=StringIO())
        console.print(seen.frame(NOON, up=True))
        return console.export_text()

    assert "HELP: nursery c1, since" in hear(HelpSpot(cubicle="c1", asked=NOON))
    assert "HELP" not in hear(HelpSpot(cubicle="c1", answered=NOON))
