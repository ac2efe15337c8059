"""`hallware provision`: what a Raspberry Pi needs on its card to become a node by itself, and what another machine needs."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import tomli_w
from msgspec.structs import replace

from contract.enrolment import Identity
from contract.settings import BadSettings, convert, read, read_text
from controller.config import HallConfig, load
from controller.enrolment import new_token
from hallware.commands.hall_book import hall_book
from hallware.main import UsageProblem
from provisioning.ca import fingerprint
from provisioning.ca_folder import CaFolder
from provisioning.card import Card, CardSettings, wifi_key
from provisioning.card_files import BadCard, CardFiles
from provisioning.claim_file import ClaimFile
from provisioning.files import SECRET, write
from provisioning.registrar import planned, trust_of
from provisioning.sealed import CannotOpen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    does = parser.add_subparsers(dest="does", metavar="card | claim", required=True)
    _add_claim(does.add_parser("claim", help="write claim.toml for a machine that is no node: controller, dispatcher, viewer"))
    card = does.add_parser("card", help="write a node's boot card")
    card.add_argument("node", metavar="NODE", help="its id in hall.toml")
    card.add_argument("--hall", type=Path, default=Path("/etc/hallware/hall.toml"), metavar="hall.toml")
    card.add_argument("--into", type=Path, required=True, metavar="DIR", help="the mounted boot partition, or a folder")
    card.add_argument("--settings", type=Path, metavar="card.toml", help="network, Wi-Fi, locale, keys: the same for all cards")
    card.add_argument("--wheels", type=Path, metavar="DIR", help="the wheels to install from, for a hall without internet")
    card.add_argument("--os", choices=["trixie", "bookworm"], help="what is on the card (default: as it looks)")
    card.add_argument("--swap", action="store_true", help="the node has a certificate: revoke it, this card takes its place")
    card.add_argument("--qr", action="store_true", help="show the token as a QR code too")


def _add_claim(claim: argparse.ArgumentParser) -> None:
    claim.add_argument("node", metavar="NAME", help="`controller`, a name in `dispatcher` of hall.toml, or a viewer's new name")
    claim.add_argument("--role", choices=[role.value for role in Identity if role is not Identity.NODE], required=True)
    claim.add_argument("--hall", type=Path, default=Path("/etc/hallware/hall.toml"), metavar="hall.toml")
    claim.add_argument("--into", type=Path, default=Path("claim.toml"), metavar="claim.toml")
    claim.add_argument("--swap", action="store_true", help="the name has a certificate: revoke it, this machine takes its place")


def run(args: argparse.Namespace) -> int:
    """Write it, check it, and say what to do with it."""
    hall = load(args.hall)
    return _write_claim(args, hall) if args.does == "claim" else _write_card(args, hall)


def _write_claim(args: argparse.Namespace, hall: HallConfig) -> int:
    role = Identity(args.role)
    if not planned(hall, args.node, role):
        raise UsageProblem(
            f"{args.hall} does not plan a {role.value} `{args.node}`: a controller is called controller, "
            "a dispatcher stands in `dispatcher`, a viewer has a name that nobody else has"
        )
    try:
        with _invited(args, hall, role) as claim:
            write(args.into, tomli_w.dumps(msgspec.to_builtins(claim)), SECRET)
    except OSError as problem:
        raise UsageProblem(f"{args.into}: {problem.strerror}") from problem
    print(f"{args.into}: good once, for 24 hours. On the other machine · 在另一台电脑上:")
    print(f"  hallware enrol --claim {args.into.name} --identity DIR --settings DIR/none.toml --keep-clock")
    print("  then approve it here · 然后在本机批准:")
    print(f"  hallware nodes {args.hall} approve {args.node}")
    return 0


def _write_card(args: argparse.Namespace, hall: HallConfig) -> int:
    if not planned(hall, args.node, Identity.NODE):
        known = ", ".join(node.id for node in hall.node)
        raise UsageProblem(f"there is no node `{args.node}` in {args.hall}; known are {known}")
    if not args.into.is_dir():
        raise UsageProblem(f"{args.into}: there is no such folder; put the card in and wait until its boot partition is there")
    if (args.into / "etc/os-release").exists():
        raise UsageProblem(f"{args.into}: is the system's own partition; take the card's other one, which is called bootfs")
    if args.wheels is not None and not any(args.wheels.glob("*.whl")):
        raise UsageProblem(f"{args.wheels}: there are no wheels; docs/provisioning.md says how to make them")
    card, files = _card(args, hall), CardFiles(args.into)
    try:
        with _invited(args, hall, Identity.NODE) as claim:
            written = files.write(card, claim, f"{datetime.now(UTC):%Y%m%d%H%M%S}", args.wheels, args.os)
            files.settle(written)
            files.check(card, claim, args.wheels)
    except BadCard as problem:
        print(f"hallware provision: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        raise UsageProblem(
            f"{problem.filename or args.into}: {problem.strerror}; the cards made before are good as before"
        ) from problem
    _tell(args, files, written, claim)
    return 0


def _card(args: argparse.Namespace, hall: HallConfig) -> Card:
    settings = read(args.settings, CardSettings) if args.settings else CardSettings()
    settings = replace(settings, timezone=settings.timezone or hall.hall.timezone)
    key = ""
    if settings.wifi is not None:
        try:
            key = wifi_key(settings.wifi, read_text(settings.wifi.password_file).rstrip("\r\n"))
        except (BadSettings, ValueError) as error:
            raise BadSettings(f"{args.settings.name}: `wifi.password_file`: {error}") from error
    return Card(node=args.node, settings=settings, time_server=settings.time_server or trust_of(hall).host, wifi_key=key)


@contextmanager
def _invited(args: argparse.Namespace, hall: HallConfig, role: Identity) -> Iterator[ClaimFile]:
    """What the machine is told. Its token is good, and the machine before is shut out, once that is written down whole."""
    by, token = f"cli:{os.environ.get('SUDO_USER') or getpass.getuser()}", new_token()
    claim = ClaimFile(
        hall=hall.hall.id, role=role, name=args.node, token=token, registrar=trust_of(hall).host,
        port=trust_of(hall).enrolment_port, ca=_fingerprint(hall),
    )  # fmt: skip
    convert(msgspec.to_builtins(claim), ClaimFile, name="claim.toml")
    with hall_book(hall) as book:
        good = [row for row in book.certificates() if row.name == args.node and row.revoked is None]
        if good and not args.swap:
            raise UsageProblem(
                f"`{args.node}` has a certificate; if another machine is to take its place, say --swap, which shuts it out"
            )
        yield claim
        (book.swap if args.swap else book.invite)(args.node, role, by, token)


def _fingerprint(hall: HallConfig) -> str:
    try:
        return fingerprint(CaFolder(trust_of(hall).ca).read_certificate())
    except CannotOpen as problem:
        raise UsageProblem(f"{problem}; `hallware init` makes the hall's CA") from problem


def _tell(args: argparse.Namespace, files: CardFiles, written: list[Path], claim: ClaimFile) -> None:
    print(f"{args.node}: {len(written)} files written to {args.into} and read back · 已写入并校验 {len(written)} 个文件")
    if missing := files.missing_wheels(args.os):
        print(
            f"  not enough for an installation without internet; give --wheels (see docs/provisioning.md). {missing}",
            file=sys.stderr,
        )
    if not (args.into / "cmdline.txt").exists():
        print(
            f"! {args.into} is no boot partition (there is no cmdline.txt). Was another drive meant? "
            "Bookworm starts these files only when they are written by this command onto the card itself.\n"
            "  此处不是启动分区（没有 cmdline.txt）。盘选对了吗？Bookworm 只有用本命令直接写入卡的启动分区才会执行。",
            file=sys.stderr,
        )
    print(
        "  The token is good once, for 24 hours. Put the card into the Pi, plug it in, and approve the machine whose lamp blinks:"
    )
    print(f"  hallware nodes {args.hall} list")
    print("  令牌 24 小时内有效，仅可使用一次。插卡通电后，核对序列号与闪烁方式，再审批。")
    if args.qr:
        import qrcode  # only the controller's machine has it

        code = qrcode.QRCode(border=1)
        code.add_data(f"hallware:{claim.hall}/{claim.name}?token={claim.token}&at={claim.registrar}:{claim.port}&ca={claim.ca}")
        code.print_ascii(invert=True)
