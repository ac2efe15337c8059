"""What is printed for people, as data: a ticket, a slip and a test page become blocks of text, QR codes and cuts."""

from dataclasses import dataclass
from datetime import datetime

from contract.values import Text, WaitRange
from devices.receipt_bytes import Block, Cut, Line, Qr, Rule, Space
from devices.receipt_text import cells

_PRIORITY = Text(zh="优先", en="PRIORITY")
_REPRINT = Text(zh="补打", en="REPRINT")
_UNKNOWN_WAIT = Text(zh="等候时间未知，请留意叫号", en="Waiting time unknown, please watch for your number")
_NOBODY_AHEAD = Text(zh="您是下一位", en="You are next")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """All that stands on a ticket."""

    hall: Text
    service: Text
    number: str
    zone: Text
    """Where to wait."""
    at: datetime
    """Aware, in the hall's time zone."""
    ahead: int | None = None
    """People ahead; None when nobody could be asked."""
    wait: WaitRange | None = None
    rules: Text | None = None
    """What happens to a missed call."""
    qr: str | None = None
    priority: bool = False
    reprint: bool = False
    large_print: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A slip (凭证, 告知单): a title and lines as they are."""

    hall: Text
    title: Text
    slip: str
    """The slip's own id, printed as its serial number."""
    at: datetime
    lines: tuple[str, ...] = ()
    qr: str | None = None
    reprint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePage:
    """A test page: shows that the printer, its Chinese font, its sizes, its QR code and its cutter work."""

    hall: Text
    device: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A short word to whoever stands there, such as why there is no ticket."""

    hall: Text
    title: Text
    text: Text
    at: datetime


Receipt = Ticket | Slip | SamplePage | Note


def blocks(receipt: Receipt, columns: int) -> tuple[Block, ...]:
    """The receipt laid out for a line of so many cells."""
    match receipt:
        case Ticket():
            return _ticket(receipt, columns)
        case Slip():
            return _slip(receipt)
        case SamplePage():
            return _sample(receipt)
        case Note():
            return _note(receipt)


def _ticket(ticket: Ticket, columns: int) -> tuple[Block, ...]:
    """A ticket: the hall and the service above, the number in the middle as large as it fits, then the way and the wait."""
    scale = _number_scale(ticket.number, columns)
    return (
        *_head(ticket.hall, columns),
        *_mark(_REPRINT, wanted=ticket.reprint),
        _title(ticket.service.zh),
        Space(4),
        _centred(ticket.service.en),
        Space(16),
        *_mark(_PRIORITY, wanted=ticket.priority),
        Line(ticket.number, scale, scale, "center", bold=True),
        Space(16),
        *(line for text in _wait(ticket) for line in _spoken(text, large=ticket.large_print)),
        *_spoken(_where(ticket.zone), large=True),
        *_code(ticket.qr),
        *_rules(ticket.rules, large=ticket.large_print),
        _centred(f"{ticket.at:%Y-%m-%d %H:%M:%S}"),
        Cut(),
    )


def _slip(slip: Slip) -> tuple[Block, ...]:
    """A slip: hall, title, the lines as they are, its number."""
    return (
        _centred(slip.hall.zh),
        _centred(slip.hall.en),
        Space(8),
        *_mark(_REPRINT, wanted=slip.reprint),
        _title(slip.title.zh),
        _centred(slip.title.en),
        Rule(),
        *(Line(line) for line in slip.lines),
        Rule(),
        *_code(slip.qr),
        _centred(f"No. {slip.slip}"),
        _centred(f"{slip.at:%Y-%m-%d %H:%M:%S}"),
        Cut(),
    )


def _sample(page: SamplePage) -> tuple[Block, ...]:
    """A test page."""
    return (
        _title("打印测试"),
        _centred("Test page"),
        Rule(),
        Line("中文 English 0123456789"),
        Line("倍宽倍高 Double", 2, 2),
        Line("加粗 Bold", bold=True),
        Line("反白 Inverted", inverted=True),
        Line("A012", 4, 4, "center"),
        Rule(),
        *_code(page.device),
        _centred(f"{page.hall.zh}  {page.device}"),
        _centred(f"{page.at:%Y-%m-%d %H:%M:%S}"),
        Cut(),
    )


def _note(note: Note) -> tuple[Block, ...]:
    return (
        _centred(note.hall.zh),
        Rule(),
        _title(note.title.zh),
        _centred(note.title.en),
        Space(12),
        Line(note.text.zh, align="center", bold=True),
        _centred(note.text.en),
        Space(12),
        _centred(f"{note.at:%Y-%m-%d %H:%M:%S}"),
        Cut(),
    )


def _number_scale(number: str, columns: int) -> int:
    """The largest size at which the number takes at most four fifths of the line."""
    return max(1, min(8, columns * 4 // 5 // len(number)))


def _head(hall: Text, columns: int) -> tuple[Block, ...]:
    size = 2 if cells(hall.zh) * 2 < columns else 1
    return (Line(hall.zh, size, size, "center"), Space(4), _centred(hall.en), Rule(), Space(8))


def _title(text: str) -> Line:
    return Line(text, 2, 2, "center", bold=True)


def _centred(text: str) -> Line:
    return Line(text, align="center")


def _mark(mark: Text, *, wanted: bool) -> tuple[Block, ...]:
    if not wanted:
        return ()
    return (Line(f"{mark.zh} {mark.en}", 2, 2, "center", bold=True, inverted=True), Space(12))


def _spoken(text: Text, *, large: bool) -> tuple[Block, ...]:
    size = 2 if large else 1
    return (Line(text.zh, size, size, "center", bold=True), Space(2 * size), _centred(text.en), Space(10))


def _wait(ticket: Ticket) -> tuple[Text, ...]:
    if ticket.ahead is None:
        return (_UNKNOWN_WAIT,)
    if ticket.ahead == 0:
        return (_NOBODY_AHEAD,)
    people = "person" if ticket.ahead == 1 else "people"
    ahead = Text(zh=f"您前面还有 {ticket.ahead} 人", en=f"{ticket.ahead} {people} ahead of you")
    return (ahead,) if ticket.wait is None else (ahead, _minutes(ticket.wait))


def _minutes(wait: WaitRange) -> Text:
    span = f"{wait.low}" if wait.low == wait.high else f"{wait.low}-{wait.high}"
    return Text(zh=f"预计等候 {span} 分钟", en=f"Estimated wait {span} min")


def _where(zone: Text) -> Text:
    return Text(zh=f"请到{zone.zh}等候", en=f"Please wait in {zone.en}")


def _code(data: str | None) -> tuple[Block, ...]:
    return () if data is None else (Space(8), Qr(data), Space(8))


def _rules(rules: Text | None, *, large: bool) -> tuple[Block, ...]:
    if rules is None:
        return ()
    size = 2 if large else 1
    return (Rule(), Line(rules.zh, size, size), Line(rules.en), Rule())
