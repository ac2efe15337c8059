"""Mother-and-baby rooms: stays, long stays, calls for help, checks; times and durations, nothing about persons."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from contract.events import HelpAsked, RoomChecked, StayEnded, StayLong, StayStarted
from contract.helping import HelpSpot
from contract.values import Text
from controller.queue.facts import Happened
from controller.queue.refusals import Refusal
from controller.queue.values import Frozen, replaced

REMEMBERED = 200

Spot = tuple[str, str | None]
"""A place, and the cubicle of it where a button is in one."""


class StayBegan(Happened, frozen=True, kw_only=True, tag="stay-began"):
    """Somebody went into a cubicle."""

    stay: str
    room: str
    cubicle: str


class StayOver(Happened, frozen=True, kw_only=True, tag="stay-over"):
    """A stay has ended; without `lasted` nobody knows when, since its end was never heard of."""

    stay: str
    room: str
    cubicle: str
    lasted: float | None = None


class StayGrewLong(Happened, frozen=True, kw_only=True, tag="stay-grew-long"):
    """A stay passed the room's limit."""

    stay: str
    room: str
    cubicle: str


class RoomWasChecked(Happened, frozen=True, kw_only=True, tag="room-was-checked"):
    """Staff confirmed inspection and cleaning: with the key in the room, or by name on the page."""

    room: str
    by: str | None = None
    wrong: tuple[str, ...] = ()
    """The lines of the check list that were not in order."""
    note: str = ""


class HelpWanted(Happened, frozen=True, kw_only=True, tag="help-wanted"):
    """A help button was pressed."""

    help: str
    place: str
    cubicle: str | None = None


class HelpGiven(Happened, frozen=True, kw_only=True, tag="help-given"):
    """Somebody went to see."""

    help: str


RoomFact = StayBegan | StayOver | StayGrewLong | RoomWasChecked | HelpWanted | HelpGiven


class Stay(Frozen, frozen=True, kw_only=True):
    """A stay that lasts."""

    stay: str
    room: str
    cubicle: str
    started: datetime
    long: bool = False


class Help(Frozen, frozen=True, kw_only=True):
    """A call for help that nobody has answered."""

    help: str
    place: str
    at: datetime
    cubicle: str | None = None


class RoomState(Frozen, frozen=True, kw_only=True):
    """All rooms now."""

    stays: Mapping[tuple[str, str], Stay] = {}
    """Room and cubicle to the stay that lasts there."""
    over: tuple[str, ...] = ()
    """The last stays that have ended: a node whose power failed just then tells of them again."""
    checked: Mapping[str, datetime] = {}
    helps: Mapping[str, Help] = {}
    answered: Mapping[Spot, datetime] = {}
    """Place and cubicle to the moment in which staff last said that they go there, of today."""


NO_SUCH_HELP = Refusal("unknown-help", Text(zh="没有这个求助或已处理", en="there is no such call for help, or it is answered"))


def begin(state: RoomState, said: StayStarted, at: datetime) -> tuple[RoomFact, ...]:
    """A stay begins; one whose end was never heard of is over."""
    present = state.stays.get((said.room, said.cubicle))
    if said.stay in state.over or (present is not None and present.stay == said.stay):
        return ()
    lost = (StayOver(at=at, stay=present.stay, room=said.room, cubicle=said.cubicle),) if present is not None else ()
    return (*lost, StayBegan(at=at, stay=said.stay, room=said.room, cubicle=said.cubicle))


def end(state: RoomState, said: StayEnded, at: datetime) -> tuple[RoomFact, ...]:
    """A stay ends; one whose beginning was never heard of is put into the log whole."""
    if said.stay in state.over:
        return ()
    known = any(stay.stay == said.stay for stay in state.stays.values())
    over = StayOver(at=at, stay=said.stay, room=said.room, cubicle=said.cubicle, lasted=said.lasted)
    if known:
        return (over,)
    try:
        began = at - timedelta(seconds=said.lasted)
    except OverflowError:
        began = at
    return (*begin(state, StayStarted(stay=said.stay, room=said.room, cubicle=said.cubicle), began), over)


def grow_long(state: RoomState, said: StayLong, at: datetime) -> tuple[RoomFact, ...]:
    """A stay that lasts passed the limit."""
    present = state.stays.get((said.room, said.cubicle))
    if present is None or present.stay != said.stay or present.long:
        return ()
    return (StayGrewLong(at=at, stay=said.stay, room=said.room, cubicle=said.cubicle),)


def check(said: RoomChecked, at: datetime) -> tuple[RoomFact, ...]:
    """Staff were there."""
    return (RoomWasChecked(at=at, room=said.room),)


def ask_help(state: RoomState, said: HelpAsked, help_: str, at: datetime) -> tuple[RoomFact, ...]:
    """Somebody calls for help; pressing again while nobody has come is the same call."""
    if any((other.place, other.cubicle) == (said.place, said.cubicle) for other in state.helps.values()):
        return ()
    return (HelpWanted(at=at, help=help_, place=said.place, cubicle=said.cubicle),)


def answer_help(state: RoomState, help_: str, now: datetime) -> tuple[RoomFact, ...] | Refusal:
    """Somebody goes to see."""
    return (HelpGiven(at=now, help=help_),) if help_ in state.helps else NO_SUCH_HELP


def apply(state: RoomState, fact: RoomFact) -> RoomState:
    """The state after `fact`."""
    match fact:
        case StayBegan():
            stay = Stay(stay=fact.stay, room=fact.room, cubicle=fact.cubicle, started=fact.at)
            return replace(state, stays=replaced(state.stays, (fact.room, fact.cubicle), stay))
        case StayOver():
            stays = {place: stay for place, stay in state.stays.items() if stay.stay != fact.stay}
            return replace(state, stays=stays, over=(*state.over, fact.stay)[-REMEMBERED:])
        case StayGrewLong():
            stays = {place: replace(s, long=True) if s.stay == fact.stay else s for place, s in state.stays.items()}
            return replace(state, stays=stays)
        case RoomWasChecked():
            return replace(state, checked=replaced(state.checked, fact.room, fact.at))
        case HelpWanted():
            help_ = Help(help=fact.help, place=fact.place, at=fact.at, cubicle=fact.cubicle)
            return replace(state, helps=replaced(state.helps, fact.help, help_))
        case HelpGiven():
            return _given(state, fact)


def _given(state: RoomState, fact: HelpGiven) -> RoomState:
    help_ = state.helps.get(fact.help)
    if help_ is None:
        return state
    spot = (help_.place, help_.cubicle)
    earlier = [item for item in state.answered.items() if item[0] != spot][1 - REMEMBERED :]
    return replace(
        state,
        helps={name: other for name, other in state.helps.items() if name != fact.help},
        answered=dict([*earlier, (spot, fact.at)]),
    )


def places(state: RoomState) -> set[str]:
    """Where help was called for today."""
    return {help_.place for help_ in state.helps.values()} | {place for place, _ in state.answered}


def spots(state: RoomState, place: str) -> tuple[HelpSpot, ...]:
    """The calls for help of a place, as the lamps beside its buttons hear of them."""
    asked = {help_.cubicle: help_.at for help_ in state.helps.values() if help_.place == place}
    answered = {cubicle: at for (where, cubicle), at in state.answered.items() if where == place}
    return tuple(
        HelpSpot(cubicle=cubicle, asked=asked.get(cubicle), answered=answered.get(cubicle))
        for cubicle in sorted(asked.keys() | answered.keys(), key=str)
    )
