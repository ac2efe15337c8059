"""`hallware nodes`: who is planned, who waits, who has a certificate; approve, refuse, revoke, swap."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from contract.enrolment import Identity
from contract.plain import plain
from controller.accounts import utc_now
from controller.cards import cards
from controller.config import HallConfig, load
from controller.enrolment import EnrolmentBook, Refused
from controller.enrolment_fleet import Member, fleet
from controller.web.scenes import node_health
from hallware.commands.hall_book import hall_book
from hallware.commands.nodes_heard import HOW, heard, program
from hallware.main import UsageProblem
from provisioning.ca_folder import CaFolder
from provisioning.lamp import in_dots
from provisioning.registrar import planned, trust_of
from provisioning.revocation import ends_soon, read_list

WORDS = {
    "wanted": "planned, no card yet · 待制卡",
    "invited": "card made, not heard of yet · 已制卡",
    "waiting": "WAITS FOR APPROVAL · 待审批",
    "approved": "let in, its certificate not fetched yet · 已批准，待领取证书",
    "enrolled": "has its certificate · 已入网",
    "ending": "certificate ends soon · 证书将到期",
    "ended": "certificate has ended · 证书已过期",
    "revoked": "revoked · 已撤销",
}
ALARM = (
    "! {name}: another machine tried to use its card. If that was not you, revoke it and make a new card · "
    "另一台设备试图使用它的卡。如果不是您做的，请撤销后重新制卡"
)
COLUMNS = (("node 节点", True), ("state 状态", False), ("", False), ("now 现状", False), ("program 程序", False), ("", True))
"""Heads, and what is never shortened: whoever approves must read the name and the lamp's pattern, also on a narrow screen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("hall", type=Path, metavar="hall.toml")
    does = parser.add_subparsers(dest="does", metavar="list | approve | refuse | revoke | swap | cards", required=True)
    does.add_parser("list", help="everybody, and how they stand")
    printed = does.add_parser("cards", help="a page with a card for each device and node, to be printed and stuck to it")
    printed.add_argument("--into", type=Path, default=Path("cards.html"), metavar="cards.html")
    printed.add_argument("--address", metavar="URL", help="of the hall's pages, for the codes (default: http.public_url)")
    for name, help_ in (
        ("approve", "let a machine in whose serial number and blinking you have seen"),
        ("refuse", "do not let it in"),
    ):
        does.add_parser(name, help=help_).add_argument("which", metavar="NODE|REQUEST")
    for name, help_ in (
        ("revoke", "shut a machine out at once: stolen, broken, given away"),
        ("swap", "revoke a machine and let a new one take its place; prints the token for the new card"),
    ):
        sub = does.add_parser(name, help=help_)
        sub.add_argument("which", metavar="NODE")
        sub.add_argument("--why", default="", help="for the log")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when there is nothing to do it to."""
    hall = load(args.hall)
    if args.does == "cards":
        return _cards(hall, args)
    with hall_book(hall) as book:
        try:
            return _DOES[args.does](book, hall, args)
        except Refused as refused:
            print(f"hallware nodes: {refused.what.zh} {refused.what.en}", file=sys.stderr)
            return 1


def _list(book: EnrolmentBook, hall: HallConfig, _: argparse.Namespace) -> int:
    now = utc_now()
    table = Table(box=None, pad_edge=False)
    for head, whole in COLUMNS:
        table.add_column(head, no_wrap=whole)
    said = heard(hall)
    members = fleet(hall, book, now)
    health = {member.name: node_health((said or {}).get(member.name)) for member in members}
    for member in members:
        style = "bold" if member.state == "waiting" else "red" if member.alarm else None
        name, state, about, lamp = _row(member, now)
        view, is_ = (said or {}).get(name), health[name]
        table.add_row(
            name, state, about, HOW[is_.how].format(n=is_.ill), program(view.status if view else None), lamp, style=style
        )
    Console().print(table)
    for member in members:
        if member.alarm:
            print(ALARM.format(name=member.name), file=sys.stderr)
    _counts(members, [is_.how for is_ in health.values()])
    if said is None:
        print("versions are not known: the broker was not reached, or its password is for root · 未能读取版本", file=sys.stderr)
    return _list_of_revoked(hall, now)


def _counts(members: Sequence[Member], how: Sequence[str]) -> None:
    """As on the page of nodes."""
    wanted = sum(member.state in ("wanted", "invited") for member in members)
    waiting = sum(member.state == "waiting" for member in members)
    there, ill, away = (how.count(word) for word in ("there", "ill", "away"))
    print(f"{wanted} wanted, {waiting} waiting for approval, {there} healthy, {ill} ill, {away} not there")
    print(f"未上线 {wanted}，待审批 {waiting}，正常 {there}，需处理 {ill}，不在线 {away}")


def _list_of_revoked(hall: HallConfig, now: datetime) -> int:
    """Say how long the broker will take its list; an expired one shuts everybody out. 1 when it is high time."""
    listed = read_list(CaFolder(trust_of(hall).ca))
    if listed is None or ends_soon(listed, now):
        until = "there is none" if listed is None else f"it ends {listed.next_update_utc:%Y-%m-%d}"
        print(
            f"! list of the revoked: {until}; start the registrar, or the broker lets nobody in",
            file=sys.stderr,
        )
        return 1
    return 0


def _row(member: Member, now: datetime) -> tuple[str, str, str, str]:
    request, certificate = member.request, member.certificate
    if member.state == "waiting" and request is not None:
        return member.name, WORDS["waiting"], f"serial {request.serial or '?'} from {request.address}", in_dots(request.pattern)
    until = f"until {certificate.ends:%Y-%m-%d} ({(certificate.ends - now).days} d)" if certificate else ""
    return member.name, WORDS[member.state], until, ""


def _decide(book: EnrolmentBook, _: HallConfig, args: argparse.Namespace) -> int:
    row = book.decide(args.which, approve=args.does == "approve", by=_me())
    done = "let in" if args.does == "approve" else "refused"
    print(f"{row.name}: {done} (serial {row.serial or 'unknown'}, lamp {in_dots(row.pattern)})")
    return 0


def _revoke(book: EnrolmentBook, _: HallConfig, args: argparse.Namespace) -> int:
    count = book.revoke(args.which, _me(), args.why or "revoked by hand")
    if not count:
        print(
            f"{plain(args.which)}: has no certificate; a card or request of that name is good no longer",
            file=sys.stderr,
        )
        return 1
    print(
        f"{args.which}: {count} certificate{'' if count == 1 else 's'} revoked; the registrar ends its connection within seconds"
    )
    return 0


def _swap(book: EnrolmentBook, hall: HallConfig, args: argparse.Namespace) -> int:
    if not planned(hall, args.which, Identity.NODE):
        raise UsageProblem(f"there is no node `{args.which}` in {args.hall}")
    token = book.swap(args.which, Identity.NODE, _me())
    print(f"{args.which}: the old machine is shut out. Token for the new card, good for 24 hours:\n{token}")
    return 0


def _cards(hall: HallConfig, args: argparse.Namespace) -> int:
    from controller.web.cards_sheet import sheet

    made = cards(hall, args.address or hall.http.public_url)
    try:
        args.into.write_text(sheet(hall.hall.name.text, made), encoding="utf-8")
    except OSError as problem:
        raise UsageProblem(f"{args.into}: {problem.strerror}") from problem
    print(f"{args.into}: {len(made)} cards; open it in a browser and print it on A4. 用浏览器打开并以 A4 打印。")
    if made and not made[0].link:
        print("  without codes: write `http.public_url` into hall.toml, or give --address. 未写地址，无二维码。")
    return 0


_DOES: dict[str, Callable[[EnrolmentBook, HallConfig, argparse.Namespace], int]] = {
    "list": _list,
    "approve": _decide,
    "refuse": _decide,
    "revoke": _revoke,
    "swap": _swap,
}


def _me() -> str:
    return f"cli:{os.environ.get('SUDO_USER') or getpass.getuser()}"
