"""`hallware call`, `recall`, `park`, `notice` and the like: ask the controller over MQTT, as a dispatcher."""

import argparse
import asyncio
import json
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from contract import dispatch
from contract.calling import BoardPicture, Call, CallAnswer
from contract.commands import CommandAnswer
from contract.dispatch import DispatchReply, DispatchRequest
from contract.settings import convert
from contract.topics import BOARD_PICTURE, CALL, CALL_ANSWER, COMMAND_ANSWER, DISPATCH_REPLY, DISPATCH_REQUEST
from contract.values import FIRST_YEAR, LAST_YEAR, Number, Text
from hallware.commands import client
from hallware.commands.turns import displaced, turn
from hallware.main import UsageProblem
from link.hearing import Ear
from link.link import Link, LinkDown

ANSWER = 10.0
"""Seconds in which the controller must answer; later the request is not carried out."""
SHOWN = 3.0
"""Seconds to wait for the boards' answers to a call."""
PRINTED = 25.0
"""Seconds to wait for a printer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of one of the subcommands."""
    word = parser.prog.rsplit(" ", 1)[-1]
    _ARGUMENTS[word](parser)
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    client.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, and print the answer; 1 when it is refused or does not come."""
    order = _ORDERS[args.command](args)
    settings = client.settings(args)
    try:
        with turn(settings.broker, args.command):
            outcome = asyncio.run(ask(settings, order))
    except LinkDown as problem:
        print(f"hallware {args.command}: {problem}", file=sys.stderr)
        return 1
    if outcome is None:
        print(f"hallware {args.command}: the controller did not answer; is it running?", file=sys.stderr)
        return 1
    print(_json(outcome) if args.json else _words(outcome))
    return 0 if outcome.reply.outcome == "done" else 1


def _window(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("window", metavar="WINDOW", help="the window's id")


def _call(parser: argparse.ArgumentParser) -> None:
    _window(parser)
    parser.add_argument("number", metavar="NUMBER", nargs="?", help="a waiting ticket, such as A012; else whoever is next")


def _notice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", nargs="?", help="what boards show (in Chinese, or in both languages)")
    parser.add_argument("--en", metavar="TEXT", help="the same in English")
    parser.add_argument("--zone", action="append", default=[], metavar="ZONE", help="only there; may be given more than once")
    parser.add_argument("--urgent", action="store_true", help="push everything else off the boards")
    parser.add_argument("--important", action="store_true", help="before the others")
    parser.add_argument("--for", dest="minutes", type=float, metavar="MINUTES", help="take it down by itself after so long")
    parser.add_argument("--from", dest="since", metavar="TIME", help="not before: 2026-05-01T08:00, by this machine's clock")
    parser.add_argument("--until", metavar="TIME", help="take it down by itself then")
    parser.add_argument("--times", metavar="FROM-TO", help="only at these times of day, such as 11:45-12:00")
    parser.add_argument("--days", metavar="DAYS", help="with --times: such as mon,fri; else every day on which the hall works")
    parser.add_argument("--withdraw", metavar="ID", help="take a notice down")


def _back(parser: argparse.ArgumentParser) -> None:
    _window(parser)
    parser.add_argument("number", metavar="NUMBER", nargs="?", help="who stepped aside; else who has been aside longest")


def _transfer(parser: argparse.ArgumentParser) -> None:
    _window(parser)
    parser.add_argument("--service", metavar="SERVICE", help="to another service, such as `social`")
    parser.add_argument("--to", metavar="WINDOW", help="to this window alone")


_ARGUMENTS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "call": _call,
    "recall": _window,
    "no-show": _window,
    "park": _window,
    "call-back": _back,
    "transfer": _transfer,
    "notice": _notice,
}


def _calling(args: argparse.Namespace) -> dispatch.Action:
    if args.number is None:
        return dispatch.CallNext(window=args.window)
    return dispatch.CallChosen(window=args.window, number=_number(args.number))


def _calling_back(args: argparse.Namespace) -> dispatch.Action:
    return dispatch.CallParked(window=args.window, number=None if args.number is None else _number(args.number))


def _number(typed: str) -> str:
    """A ticket's number, also when it is typed in small letters."""
    try:
        return msgspec.convert(typed.upper(), Number)
    except msgspec.ValidationError as error:
        words = f"{typed} 不是号票号码，例如 A012", f"{typed} is not a ticket number such as A012"
        raise UsageProblem(client.spoken(words)) from error


def _noticing(args: argparse.Namespace) -> dispatch.Action:
    if args.withdraw is not None:
        return dispatch.WithdrawNotice(notice=args.withdraw)
    if args.text is None:
        raise UsageProblem("what is the notice? Give its text, or --withdraw ID")
    if args.minutes is not None and not 0 < args.minutes <= 60 * 24 * 366:
        raise UsageProblem("--for: give minutes, more than none and at most a year")
    until = _moment("--until", args.until) if args.minutes is None else _now() + timedelta(minutes=args.minutes)
    text = Text(zh=args.text, en=args.en or args.text)
    try:
        return dispatch.PostNotice(
            text=text, zones=tuple(args.zone), urgent=args.urgent, important=args.important, since=_moment("--from", args.since),
            until=until, times=_times(args.times, args.days),
        )  # fmt: skip
    except ValueError as error:
        raise UsageProblem(f"that cannot be asked: {error}") from error


def _moment(option: str, typed: str | None) -> datetime | None:
    """A moment as it is typed; without an offset it is by the clock of this machine."""
    if typed is None:
        return None
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError as error:
        raise UsageProblem(f"{option}: {typed} is no moment such as 2026-05-01T08:00") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:  # and beyond the calendar's own end no clock can be asked
        raise UsageProblem(f"{option}: {typed} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return moment.astimezone()


def _times(typed: str | None, days: str | None) -> dispatch.NoticeTimes | None:
    if typed is None:
        if days is not None:
            raise UsageProblem("--days: say with --times from when to when")
        return None
    starts, _, ends = typed.partition("-")
    plain = {"starts": starts, "ends": ends, "days": [] if days is None else days.split(",")}
    try:
        return msgspec.convert(plain, dispatch.NoticeTimes)
    except msgspec.ValidationError as error:
        raise UsageProblem("--times and --days: write such as --times 11:45-12:00 --days mon,fri") from error


_ORDERS: Mapping[str, Callable[[argparse.Namespace], dispatch.Action]] = {
    "call": _calling,
    "recall": lambda args: dispatch.Recall(window=args.window),
    "no-show": lambda args: dispatch.NoShow(window=args.window),
    "park": lambda args: dispatch.Park(window=args.window),
    "call-back": _calling_back,
    "transfer": lambda args: dispatch.Transfer(window=args.window, service=args.service, to=args.to),
    "notice": _noticing,
}


def _now() -> datetime:
    return datetime.now(UTC)


Shown = tuple[int, int]
"""How many boards have shown a call, of how many that should."""


@dataclass(frozen=True)
class Ordered:
    """What came of an order."""

    reply: DispatchReply
    shown: Shown | None = None
    """Of a call: on how many boards it is."""
    printed: CommandAnswer | None = None
    """Of a slip: what its kiosk says."""


async def ask(settings: client.ClientSettings, order: dispatch.Action) -> Ordered | None:
    """The controller's answer and what devices say to it; None when there is no answer. Raises `LinkDown`."""
    user = settings.broker.username or "dispatch"
    request = DispatchRequest(id=secrets.token_hex(8), at=_now(), not_after=_now() + timedelta(seconds=ANSWER), do=order)
    _refuse_impossible(request)
    async with Link(settings.broker, f"{user}-{secrets.token_hex(4)}", settings.hall) as link:
        boards, printers = _Boards(link), link.hear(COMMAND_ANSWER)
        replies = link.hear(DISPATCH_REPLY, user=user)
        await link.wait_up(client.PATIENCE)
        await link.say(DISPATCH_REQUEST, request, user=user)
        try:
            async with asyncio.timeout(ANSWER):
                reply = await _reply(replies, request.id)
        except TimeoutError:
            if link.displaced:
                raise LinkDown(displaced(settings.broker).within(client.language())) from None
            return None
        return Ordered(
            reply=reply,
            shown=await boards.shown(reply.call) if reply.call else None,
            printed=await _printed(printers, reply.printing) if reply.printing else None,
        )


def _refuse_impossible(request: DispatchRequest) -> None:
    """What no message may say is refused here and in words, instead of by silence there."""
    try:
        plain = msgspec.json.decode(msgspec.json.encode(request))
    except UnicodeEncodeError as error:
        raise UsageProblem("that cannot be asked: it is no UTF-8; is the terminal set to another encoding?") from error
    convert(plain, DispatchRequest, name="that cannot be asked")


async def _reply(replies: Ear[DispatchReply], request: str) -> DispatchReply:
    async for heard in replies:
        if heard.message.id == request:
            return heard.message
    raise LinkDown("the connection was closed")


async def _printed(printers: Ear[CommandAnswer], printing: str) -> CommandAnswer | None:
    """What the kiosk says of a print, if it says so in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PRINTED):
            async for heard in printers:
                if heard.message.id == printing:
                    return heard.message
    return None


class _Boards:
    """Counts the boards that should show a call and those that say that they have."""

    def __init__(self, link: Link) -> None:
        self._ears: list[Ear[Any]] = [link.hear(BOARD_PICTURE), link.hear(CALL), link.hear(CALL_ANSWER)]
        self._pictures: dict[str, BoardPicture] = {}
        self._calls: dict[str, Call] = {}
        self._answers: list[CallAnswer] = []
        self._news = asyncio.Event()

    async def shown(self, call: str) -> Shown:
        """How many of how many, as soon as all have answered, or after a moment."""
        listening = [asyncio.create_task(self._listen(ear)) for ear in self._ears]
        with suppress(TimeoutError):
            async with asyncio.timeout(SHOWN):
                while call not in self._calls or not self._concerned(call) <= self._showing(call):
                    self._news.clear()
                    await self._news.wait()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        concerned = self._concerned(call)
        return len(concerned & self._showing(call)), len(concerned)

    async def _listen(self, ear: Ear[Any]) -> None:
        async for heard in ear:
            match heard.message:
                case BoardPicture() as picture:
                    self._pictures[picture.board] = picture
                case Call() as call:
                    self._calls[call.id] = call
                case CallAnswer() as answer:
                    self._answers.append(answer)
            self._news.set()

    def _concerned(self, call: str) -> set[str]:
        said = self._calls.get(call)
        return set() if said is None else {name for name, picture in self._pictures.items() if _is_for(picture, said)}

    def _showing(self, call: str) -> set[str]:
        return {answer.device for answer in self._answers if answer.call == call and answer.outcome == "shown"}


def _is_for(picture: BoardPicture, call: Call) -> bool:
    """Whether a board shows calls, and is about the call's window, its zone, or the whole hall."""
    everywhere = picture.window is None and not picture.zones
    return picture.shows_calls and (everywhere or picture.window == call.window or call.zone in picture.zones)


def _words(ordered: Ordered) -> str:
    language = client.language()
    words = ordered.reply.what.within(language)
    if ordered.shown is None:
        return words
    many, of = ordered.shown
    return f"{words}\n" + (f"已在 {of} 块屏中的 {many} 块上显示" if language == "zh" else f"shown on {many} of {of} boards")


def _json(ordered: Ordered) -> str:
    answer: dict[str, Any] = msgspec.to_builtins(ordered.reply)
    if ordered.shown is not None:
        answer |= {"shown": ordered.shown[0], "boards": ordered.shown[1]}
    return json.dumps(answer, ensure_ascii=False)
