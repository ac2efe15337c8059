"""The form of a scenario file: in which hall it plays, and its steps, what is done and what must come of it."""

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from contract.health import Condition
from contract.settings import Seconds, Settings
from contract.values import Id, Text

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$", description="a lower-case word such as `an`")]
Count = Annotated[int, Meta(ge=0, le=100_000)]
Words = Annotated[str, Meta(min_length=1)]


class Step(Settings, frozen=True, kw_only=True, tag_field="do"):
    """Base of all steps."""

    note: str = ""
    """What the report says of this step beside what it does."""


class Arrive(Step, frozen=True, kw_only=True, tag="arrive"):
    """A person presses a kiosk's key and takes the ticket; from then on it can be called.

    Later steps write its number as `{name}` and its QR code as `{name_qr}`.
    """

    kiosk: Id
    key: Words
    name: Name | None = None
    within: Seconds = 20.0


class Press(Step, frozen=True, kw_only=True, tag="press"):
    """A finger presses a key."""

    device: Id
    key: Words
    times: Annotated[int, Meta(ge=1, le=1000)] = 1
    every: Annotated[float, Meta(ge=0, le=60)] = 0.3
    """Seconds between two presses."""


class Move(Step, frozen=True, kw_only=True, tag="move"):
    """Any hand of any device: how faults are made and mended. `hallware sim hands` lists them."""

    device: Id
    hand: Words
    how: dict[str, Any] = field(name="with", default_factory=dict)


class Ask(Step, frozen=True, kw_only=True, tag="ask"):
    """Dispatch asks the controller for something, such as `call-next`. With `refused` it must be refused with that code."""

    ask: Words
    how: dict[str, Any] = field(name="with", default_factory=dict)
    refused: str | None = None
    name: Name | None = None
    """Later steps write the ticket's number, or the notice's id, as `{name}`."""


class Process(Step, frozen=True, kw_only=True, tag="process"):
    """Something happens to a process of the hall: `broker`, `controller` or a node's id."""

    who: Id
    act: Literal["kill", "stop", "start", "restart", "freeze", "thaw"]


class Wait(Step, frozen=True, kw_only=True, tag="wait"):
    """Real time passes. Only for what depends on time itself; an expectation waits by itself."""

    seconds: Annotated[float, Meta(gt=0, le=600)]


class Expectation(Step, frozen=True, kw_only=True):
    """Base of all expectations: it must come true `within` so many seconds and then stay true for `lasting`."""

    within: Seconds = 10.0
    lasting: Annotated[float, Meta(ge=0, le=600)] = 0.0
    never: bool = False
    """The opposite: it must not be so, for `lasting` seconds at least."""


class ExpectState(Expectation, frozen=True, kw_only=True, tag="expect-state"):
    """What a device says of itself: the words that staff read."""

    device: Id
    code: str | None = None
    condition: Condition | None = None
    says: str | None = None
    """Stands in `what`, in Chinese or in English."""
    touch: str | None = None
    """Stands in `touch`, in Chinese or in English."""


class ExpectTicket(Expectation, frozen=True, kw_only=True, tag="expect-ticket"):
    """A page came out of a printer since the scenario began."""

    device: Id
    says: tuple[Words, ...] = ()
    """All of these stand on it."""
    lacks: tuple[Words, ...] = ()
    """None of these does."""
    qr: str | None = None
    """Stands in a QR code on it."""
    ending: Literal["open", "cut", "torn"] | None = None
    count: Annotated[int, Meta(ge=1)] = 1
    """So many such pages at least."""


class ExpectBoard(Expectation, frozen=True, kw_only=True, tag="expect-board"):
    """What a board's lamps spell, read off its pixels; a text that scrolls is read piece by piece."""

    board: Id
    shows: str | None = None
    dark: bool | None = None
    """No lamp is lit at all."""
    faulty: bool | None = None
    """The far end knows of dead chips or columns."""


class ExpectWindow(Expectation, frozen=True, kw_only=True, tag="expect-window"):
    """What the controller says of a window."""

    window: Id
    state: Literal["closed", "open", "paused"] | None = None
    stage: Literal["idle", "called", "serving"] | None = None
    number: str | None = None
    times: Count | None = None
    waiting: Count | None = None


class ExpectCall(Expectation, frozen=True, kw_only=True, tag="expect-call"):
    """A call of a number was answered by devices that saw or spoke it."""

    number: str
    outcome: Literal["shown", "spoken", "late", "overtaken", "failed"] = "shown"
    by: Annotated[int, Meta(ge=1)] = 1
    """So many devices at least."""


class ExpectStored(Expectation, frozen=True, kw_only=True, tag="expect-stored"):
    """Rows that the controller's database got since the scenario began."""

    table: Words
    where: dict[str, Any] = {}
    count: Count | None = None
    """Exactly so many; without it at least one."""


class ExpectWaiting(Expectation, frozen=True, kw_only=True, tag="expect-waiting"):
    """How many people wait for a service, as kiosks offer it."""

    service: Id
    count: Count


class ExpectNothingWaiting(Expectation, frozen=True, kw_only=True, tag="expect-nothing-waiting"):
    """No node has anything left to send, nobody waits, no window is busy."""


class ExpectNode(Expectation, frozen=True, kw_only=True, tag="expect-node"):
    """What is known of a node, or of the controller."""

    node: Id
    state: Literal["online", "lost", "offline"]


class ExpectView(Expectation, frozen=True, kw_only=True, tag="expect-view"):
    """What a device looks like from outside; a place in its view is written `printer.paper` or `keys.5.lamp`."""

    device: Id
    shows: dict[str, Any] = {}
    """Values at places; of a list, that it holds the value."""
    says: dict[str, str] = {}
    """Texts that stand somewhere in the text at a place."""


AnyStep = (
    Arrive | Press | Move | Ask | Process | Wait | ExpectState | ExpectTicket | ExpectBoard | ExpectWindow | ExpectCall
    | ExpectStored | ExpectWaiting | ExpectNothingWaiting | ExpectNode | ExpectView
)  # fmt: skip


class Title(Settings, frozen=True, kw_only=True):
    """Words in both languages."""

    zh: Words
    en: Words

    @property
    def text(self) -> Text:
        """The same as a message carries it."""
        return Text(zh=self.zh, en=self.en)


class Scenario(Settings, frozen=True, kw_only=True):
    """The whole of a scenario file."""

    title: Title
    about: Title
    """One sentence: what happens and what must hold."""
    hall: Words
    """A hall that comes with the library, or the path of a hall.toml beside this file."""
    speed: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    """Times of the hall's rules (rating window, call interval, longest stay, …) are divided by this."""
    own: bool = False
    """Plays in a hall of its own that no other scenario has used."""
    tags: tuple[Words, ...] = ()
    step: Annotated[tuple[AnyStep, ...], Meta(min_length=1)]
