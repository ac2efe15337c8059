"""`hallware enrol`: get this machine its certificate with the token of its card, and later a new one in time."""

import argparse
import logging
import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from contract.settings import BadSettings
from hallware.main import UsageProblem
from provisioning.claim_file import PLACES, find_claim, load_claim
from provisioning.enrol import Enrolling, TurnedAway
from provisioning.identity import ON_NODE, IdentityFolder, NoKey
from provisioning.lamp import ACT, Lamp
from provisioning.machine import this_machine
from provisioning.registrar_client import NotReached, RegistrarClient

SETTINGS = Path("/etc/hallware/node.toml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--claim", type=Path, metavar="claim.toml", help=f"the card's file (default: {PLACES[0]})")
    parser.add_argument("--identity", type=Path, default=ON_NODE, metavar="DIR", help=f"key and certificate (default: {ON_NODE})")
    parser.add_argument(
        "--settings", type=Path, default=Path("/etc/hallware/node.toml"), metavar="PATH", help="where node.toml goes"
    )
    parser.add_argument("--lamp", type=Path, default=ACT, metavar="DIR", help=f"the lamp that blinks (default: {ACT})")
    parser.add_argument("--renew", action="store_true", help="renew the certificate when it is time")
    parser.add_argument("--now", action="store_true", help="with --renew: renew though it is not yet time")
    parser.add_argument("--keep-clock", action="store_true", help="do not set this machine's clock by the registrar's")
    parser.add_argument("--keep-claim", action="store_true", help="do not delete the card's file when it has served")


def run(args: argparse.Namespace) -> int:
    """Enrol or renew; 0 when there is a certificate, 1 when this machine is turned away, 3 to try again later."""
    logging.basicConfig(level="INFO", format="%(levelname)s %(name)s: %(message)s")
    enrolling = Enrolling(
        identity=IdentityFolder(args.identity), settings=args.settings, machine=this_machine(), lamp=Lamp(args.lamp, time.sleep),
        sleep=time.sleep, clock=_now, anchor=args.settings.parent / "updates/ca.crt",
        set_clock=None if args.keep_clock or os.geteuid() else _set_clock,
    )  # fmt: skip
    try:
        return _renew(args, enrolling) if args.renew else _enrol(args, enrolling)
    except (TurnedAway, NoKey) as problem:
        print(f"hallware enrol: {problem}", file=sys.stderr)
        return 1
    except NotReached as problem:
        print(f"hallware enrol: {problem}", file=sys.stderr)
        return 3
    except OSError as problem:
        raise UsageProblem(f"{problem.filename or args.identity}: {problem.strerror}") from problem


def _enrol(args: argparse.Namespace, enrolling: Enrolling) -> int:
    path = args.claim or find_claim()
    if path is None or not path.exists():
        if enrolling.identity.read() is not None:
            print("this machine has its certificate already · 本机已有证书")
            return 0
        raise BadSettings(f"there is no {args.claim or PLACES[0]}; make a card with `hallware provision card`")
    enrolling.enrol(load_claim(path))
    if not args.keep_claim:
        with suppress(OSError):
            path.unlink()
    return 0


def _renew(args: argparse.Namespace, enrolling: Enrolling) -> int:
    at = enrolling.identity.registrar
    client = RegistrarClient.of_known(at.host, at.port, enrolling.identity.ca)
    renewed = enrolling.renew(client, always=args.now)
    print("renewed · 已更新" if renewed else "it is not yet time · 尚未到更新时间")
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _set_clock(there: datetime) -> None:
    with suppress(OSError):
        time.clock_settime(time.CLOCK_REALTIME, there.timestamp())
