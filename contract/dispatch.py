"""Dispatch: what staff and their programs ask of the controller, over MQTT and HTTP alike."""

from typing import Annotated, Literal

from msgspec import Meta

from contract.commands import FieldName, FieldValue
from contract.overrides import Override
from contract.settings import TimeOfDay, Weekday
from contract.ticketing import Priority
from contract.upkeep import CheckRoom, CloseJob, DescribeDevice, FillSupply, Note, OpenJob, RecordUpkeep, TickOff
from contract.values import Code, Id, Moment, Number, Text, Token, Value, whole

CheckInCode = Annotated[str, Meta(pattern=whole("[0-9]{8}"), description="Eight digits")]
"""What somebody with an appointment types or shows."""


class CallNext(Value, frozen=True, kw_only=True, tag="call-next"):
    """Call whoever is next for this window."""

    window: Id


class CallChosen(Value, frozen=True, kw_only=True, tag="call-chosen"):
    """Call one waiting ticket by its number, out of turn."""

    window: Id
    number: Number


class Recall(Value, frozen=True, kw_only=True, tag="recall"):
    """Call the window's present ticket once more."""

    window: Id


class NoShow(Value, frozen=True, kw_only=True, tag="no-show"):
    """The called person did not come (过号)."""

    window: Id


class Start(Value, frozen=True, kw_only=True, tag="start"):
    """The called person has arrived; service begins."""

    window: Id


class Finish(Value, frozen=True, kw_only=True, tag="finish"):
    """The service has ended; the rater is invited."""

    window: Id


class OpenWindow(Value, frozen=True, kw_only=True, tag="open-window"):
    """Open a closed or paused window."""

    window: Id


class PauseWindow(Value, frozen=True, kw_only=True, tag="pause-window"):
    """No further calls until it opens again."""

    window: Id


class CloseWindow(Value, frozen=True, kw_only=True, tag="close-window"):
    """Close the window."""

    window: Id


class Invite(Value, frozen=True, kw_only=True, tag="invite"):
    """Invite the rating of the present service before it is finished."""

    window: Id


class IssueTicket(Value, frozen=True, kw_only=True, tag="issue-ticket"):
    """Give a ticket by hand at the entrance desk; it counts as printed."""

    service: Id
    priority: Priority = "ordinary"
    then: tuple[Id, ...] = ()
    """Further services on the same ticket, one after the other."""
    at: Id | None = None
    """The kiosk that shall print it; its holder waits whether that succeeds or not."""


class Park(Value, frozen=True, kw_only=True, tag="park"):
    """The present person steps aside, to fill in a form say, and may be called back here (挂起)."""

    window: Id


class CallParked(Value, frozen=True, kw_only=True, tag="call-parked"):
    """Call back whoever stepped aside at this window: a number, or the one who has been aside longest."""

    window: Id
    number: Number | None = None


class Transfer(Value, frozen=True, kw_only=True, tag="transfer"):
    """The present person goes on to another service, or to one window alone (转移)."""

    window: Id
    service: Id | None = None
    to: Id | None = None


class SignOn(Value, frozen=True, kw_only=True, tag="sign-on"):
    """A staff member serves at a window from now on; `instead_of`: as another's substitute (AB 岗)."""

    window: Id
    staff: Id
    instead_of: Id | None = None


class SignOff(Value, frozen=True, kw_only=True, tag="sign-off"):
    """Whoever serves at the window leaves it."""

    window: Id


class ReturnTicket(Value, frozen=True, kw_only=True, tag="return-ticket"):
    """The holder of a missed number is back; it waits again where the hall's policy for late returns puts it."""

    number: Number


class BookAppointment(Value, frozen=True, kw_only=True, tag="book-appointment"):
    """Take a place in a slot of a service (预约); the reply carries the code with which one checks in."""

    service: Id
    slot: Moment
    contact: Annotated[str, Meta(max_length=100)] = ""
    """Where the reminder goes, as whoever sends it knows the person: a key of theirs, never a name."""


class CancelAppointment(Value, frozen=True, kw_only=True, tag="cancel-appointment"):
    """Give the place back."""

    code: CheckInCode


class CheckIn(Value, frozen=True, kw_only=True, tag="check-in"):
    """The holder of an appointment is here and gets a ticket that goes ahead from the slot's beginning."""

    code: CheckInCode
    at: Id | None = None
    """The kiosk that shall print it."""


class PrintTicket(Value, frozen=True, kw_only=True, tag="print-ticket"):
    """Print a ticket of today once more, at a kiosk; it bears the mark of a reprint."""

    number: Number
    at: Id


SlipNumber = Annotated[str, Meta(pattern=whole("[A-Z0-9][A-Z0-9-]{6,38}[0-9]"), description="Such as 20261125-0007")]
Why = Annotated[str, Meta(min_length=1, max_length=200, description="In words, for the log")]


class IssueSlip(Value, frozen=True, kw_only=True, tag="issue-slip"):
    """Print a slip (凭证, 告知单) from a template, under the template's next number; the reply carries that number."""

    template: Id
    fields: Annotated[dict[FieldName, FieldValue], Meta(max_length=40)] = {}
    at: Id
    """The kiosk that shall print it."""


class ReprintSlip(Value, frozen=True, kw_only=True, tag="reprint-slip"):
    """Print a slip once more: the same number and fields, with the mark of a reprint unless it certainly never reached paper."""

    template: Id
    number: SlipNumber
    at: Id
    why: Why


class SetOverride(Value, frozen=True, kw_only=True, tag="set-override"):
    """Let a rule of hall.toml be another one for a while; one about the same that stands already ends."""

    what: Override
    until: Moment | None = None
    """Until the end of today when absent; a day's hours end with their day."""
    why: Why


class EndOverride(Value, frozen=True, kw_only=True, tag="end-override"):
    """Let it be as hall.toml says again."""

    override: Token


class AnswerHelp(Value, frozen=True, kw_only=True, tag="answer-help"):
    """Somebody has gone to see whoever asked for help."""

    help: Token


class SeeComplaint(Value, frozen=True, kw_only=True, tag="see-complaint"):
    """Somebody sees to a complaint that was made at a window."""

    complaint: Token


class AssignCase(Value, frozen=True, kw_only=True, tag="assign-case"):
    """Give a case (工单) to somebody."""

    case: Token
    assignee: Id


class StepCase(Value, frozen=True, kw_only=True, tag="step-case"):
    """The next step of a case is done: what was found, put right, replied, or said when the person was asked again."""

    case: Token
    step: Literal["verified", "rectified", "replied", "revisited"]
    note: Note = ""


class AppealCase(Value, frozen=True, kw_only=True, tag="appeal-case"):
    """Whoever is concerned says that the rating is mistaken."""

    case: Token
    note: Note = ""


class DecideAppeal(Value, frozen=True, kw_only=True, tag="decide-appeal"):
    """An appeal that is upheld cancels its case; the rating stays as it was given."""

    case: Token
    upheld: bool
    note: Note = ""


class NoticeTimes(Value, frozen=True, kw_only=True):
    """From when to when on which days, by the hall's clock, such as every working day from 11:45 to 12:00."""

    starts: TimeOfDay
    ends: TimeOfDay
    """Before `starts` it means the next morning."""
    days: tuple[Weekday, ...] = ()
    """Every day on which the hall works when empty; days that are named hold on holidays too."""


class PostNotice(Value, frozen=True, kw_only=True, tag="post-notice"):
    """Show a notice on the boards of `zones` (all zones when empty)."""

    text: Text
    zones: tuple[Id, ...] = ()
    urgent: bool = False
    """Pushes everything else off the boards, and is spoken."""
    important: bool = False
    """Stands before what is not, after what is urgent."""
    since: Moment | None = None
    """Not before then."""
    until: Moment | None = None
    times: NoticeTimes | None = None
    """Only at these times, between `since` and `until`."""


class WithdrawNotice(Value, frozen=True, kw_only=True, tag="withdraw-notice"):
    """Take a notice off the boards."""

    notice: Token


class CommandDevice(Value, frozen=True, kw_only=True, tag="command-device"):
    """Send a command to a device by its id."""

    device: Id
    order: Literal["self-test", "identify", "reload"]


Action = (
    CallNext
    | CallChosen
    | Recall
    | NoShow
    | Start
    | Finish
    | OpenWindow
    | PauseWindow
    | CloseWindow
    | Invite
    | IssueTicket
    | Park
    | CallParked
    | Transfer
    | SignOn
    | SignOff
    | BookAppointment
    | CancelAppointment
    | CheckIn
    | ReturnTicket
    | PrintTicket
    | IssueSlip
    | ReprintSlip
    | AnswerHelp
    | SeeComplaint
    | AssignCase
    | StepCase
    | AppealCase
    | DecideAppeal
    | PostNotice
    | WithdrawNotice
    | CommandDevice
    | RecordUpkeep
    | DescribeDevice
    | FillSupply
    | CheckRoom
    | OpenJob
    | CloseJob
    | TickOff
    | SetOverride
    | EndOverride
)


class DispatchRequest(Value, frozen=True, kw_only=True):
    """One thing that dispatch wants done; the same id twice is done once."""

    id: Token
    at: Moment
    not_after: Moment
    do: Action


class DispatchReply(Value, frozen=True, kw_only=True):
    """`refused` is a normal answer, such as "nobody waits"; its `code` is for programs, `what` for people."""

    id: Token
    at: Moment
    outcome: Literal["done", "refused"]
    code: Code = "ok"
    what: Text
    number: Number | None = None
    ticket: Token | None = None
    call: Token | None = None
    notice: Token | None = None
    check_in: CheckInCode | None = None
    """The code of an appointment that was booked."""
    slip: SlipNumber | None = None
    """The number of a slip."""
    printing: Token | None = None
    """What was sent to a printer; the hall's view says what became of it."""
