"""Calling: the one event that sends a person to a window, and what boards and windows show of it."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.values import MOST, Code, Count, Id, Moment, Number, Text, Token, Value


class Call(Value, frozen=True, kw_only=True):
    """One call of one ticket. Every device shows or speaks this same event once, and never after `not_after`."""

    id: Token
    at: Moment
    not_after: Moment
    ticket: Token
    number: Number
    window: Id
    window_name: Text
    zone: Id
    times: Annotated[int, Meta(ge=1, le=MOST, description="1 for the first call, 2 for the first recall, …")]


class CallAnswer(Value, frozen=True, kw_only=True):
    """What a device did with a call.

    `late`: it arrived after `not_after`; `overtaken`: a newer call of the window was already shown.
    """

    call: Token
    node: Id
    device: Id
    at: Moment
    outcome: Literal["shown", "spoken", "late", "overtaken", "failed"]


class CallLine(Value, frozen=True, kw_only=True):
    """A recent call as a board lists it."""

    call: Token
    at: Moment
    number: Number
    window: Id
    window_name: Text
    times: Annotated[int, Meta(ge=1, le=MOST)] = 1


class NoticeLine(Value, frozen=True, kw_only=True):
    """A notice as a board shows it; one with `urgent` pushes everything else off the board."""

    notice: Token
    text: Text
    urgent: bool = False
    until: Moment | None = None


class BoardPicture(Value, frozen=True, kw_only=True):
    """All that a board needs to know when it wakes up: recent calls (newest first) and notices."""

    board: Id
    version: Annotated[int, Meta(ge=1, le=MOST)]
    """Grows by one with every change, also over restarts of the controller."""
    at: Moment
    window: Id | None = None
    """The one window that the board is about."""
    zones: tuple[Id, ...] = ()
    """The zones that it is about; with neither, it is about the whole hall. A board shows a call at once by these."""
    shows_calls: bool = True
    """Not so for a board of notices alone: nobody waits for it to show a call."""
    calls: tuple[CallLine, ...] = ()
    notices: tuple[NoticeLine, ...] = ()
    idle: Text
    """Shown when there is nothing else; opening hours, say."""


class KeyRefused(Value, frozen=True, kw_only=True):
    """Why a key of a window's caller brought about nothing; its caller says so to whoever pressed it."""

    window: Id
    at: Moment
    code: Code
    what: Text


class PictureShown(Value, frozen=True, kw_only=True):
    """Which of its pictures a board shows; a board that shows none, since it is dark or has lost its controller, says nothing."""

    device: Id
    """The board."""
    version: Annotated[int, Meta(ge=1, le=MOST)]
    since: Moment
    """When its pixels stood, by the hall's time."""


class WindowState(Value, frozen=True, kw_only=True):
    """What a window does now; its caller and its strip show it."""

    window: Id
    name: Text
    at: Moment
    state: Literal["closed", "open", "paused"]
    stage: Literal["idle", "called", "serving"]
    number: Number | None = None
    ticket: Token | None = None
    call: Token | None = None
    times: Count = 0
    waiting: Count = 0
    """People this window could call now."""
    staff: Id | None = None
    """The number of whoever serves there."""
    plate: Text | None = None
    """What stands on that person's name plate: name and duty (工作人员公示牌)."""
