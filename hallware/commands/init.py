"""`hallware init`: set up a hall's machine: CA, broker, hall.toml and services. Run again, it keeps what is there."""

import argparse
import errno
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console
from rich.prompt import Prompt
from rich.table import Table

from broker_config.process import BrokerProblem, mosquitto_binary
from contract.settings import BadSettings, convert, read, read_text
from controller.config import load
from hallware.commands.client import spoken
from hallware.main import UsageProblem
from provisioning.ca_folder import CaFolder
from provisioning.sealed import SHORTEST, CannotOpen, refuse_short
from provisioning.setup import Answers, Setup, answered, hand_over
from provisioning.units import SYSUSERS, Machine

WORDS = {
    "id": ("大厅编号（小写字母、数字、连字符，以后不可更改）", "id of the hall (lower-case letters, digits, hyphens; for ever)"),
    "zh": ("大厅中文名称", "name of the hall in Chinese"),
    "en": ("大厅英文名称", "name of the hall in English"),
    "host": ("节点访问本机的地址或名称", "address or name by which the nodes reach this machine"),
    "opens": ("CA 私钥的开启方式", "what opens the key of the CA"),
    "phrase": (f"口令（至少 {SHORTEST} 个字符，请妥善保管）", f"passphrase (at least {SHORTEST} letters; keep it well)"),
    "again": ("再次输入口令", "the same passphrase again"),
    "differ": ("两次输入不一致，请重新输入", "these two are not the same; type it anew"),
    "made": ("新建", "made"), "kept": ("保留", "kept"), "updated": ("更新", "updated"), "renewed": ("换新", "renewed"),
}  # fmt: skip
PORTS = ("broker_port", "enrolment_port", "loopback_port")
_HELPS = {
    errno.EACCES: "give --etc, or use sudo", errno.EPERM: "give --etc, or use sudo", errno.ENOSPC: "make room there",
    errno.EROFS: "name another place with --etc, --data or --systemd",
}  # fmt: skip
"""What to do first; the run itself goes on where it ended."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--answers", type=Path, metavar="answers.toml", help="take the answers from a file and ask nothing")
    parser.add_argument("--yes", action="store_true", help="take the default wherever there is one, and ask nothing")
    parser.add_argument(
        "--etc", type=Path, default=Machine().etc, metavar="DIR", help="settings and keys (default: /etc/hallware)"
    )
    parser.add_argument("--data", type=Path, default=Machine().data, metavar="DIR", help="database (default: /var/lib/hallware)")
    parser.add_argument(
        "--systemd", type=Path, default=Path("/etc/systemd/system"), metavar="DIR", help="where the services' units go"
    )


def run(args: argparse.Namespace) -> int:
    """Set up, and say what was made and what was kept."""
    console = Console()
    machine = Machine(etc=args.etc.absolute(), data=args.data.absolute(), program=_program(), mosquitto=_mosquitto())
    try:
        answers = _answers(args, machine, console)
        setup = Setup(machine, args.systemd.absolute(), answers, datetime.now(UTC), _passphrase(args, answers, machine, console))
        setup.run()
    except EOFError as error:
        raise UsageProblem("there is nobody to ask; say --yes for the defaults, or --answers answers.toml") from error
    except CannotOpen as problem:
        raise UsageProblem(str(problem)) from problem
    except OSError as problem:
        where, what = problem.filename or args.etc, problem.strerror
        raise UsageProblem(f"{where}: {what}; {_HELPS.get(problem.errno or 0, 'mend that')}, then run this again") from problem
    left = _handed_over(machine)
    _tell(setup, console)
    # Each on one line, however narrow the terminal: they are copied from here.
    console.print(spoken(("\n接下来：", "\nWhat is left to do:")), *left, sep="\n  ", soft_wrap=True)
    return 0


def _answers(args: argparse.Namespace, machine: Machine, console: Console) -> Answers:
    given = read(args.answers, Answers) if args.answers else None
    path = machine.etc / "hall.toml"
    if path.exists():
        return _earlier(path, given)
    return given or _asked(CaFolder(machine.etc / "trust"), console, yes=args.yes)


def _earlier(path: Path, given: Answers | None) -> Answers:
    """What hall.toml says, which is kept; of the answers file what has no place in it."""
    earlier = answered(load(path))
    if earlier is None:
        raise UsageProblem(f"{path}: has no table [trust]; add one, or move the file away and run this again")
    if given is None:
        return earlier
    other = [key for key in ("id", "name", "host", "timezone", *PORTS) if getattr(given, key) != getattr(earlier, key)]
    if other:
        print(f"! {path} is kept, and says another {', '.join(other)} than the answers; change it there", file=sys.stderr)
    return replace(
        earlier, also=given.also, form=given.form, ca_opens=given.ca_opens, passphrase_file=given.passphrase_file
    )  # fmt: skip


def _asked(ca: CaFolder, console: Console, *, yes: bool) -> Answers:
    def ask(key: str, default: str) -> str:
        choices = ["key-file", "passphrase"] if key == "opens" else None
        while not yes:
            said = Prompt.ask(_w(key), choices=choices, default=default, console=console)
            if (problem := _wrong(key, said)) is None:
                return said
            console.print(problem, style="red", markup=False)
        return default

    given = {
        # What an earlier run had made before it was cut short stays this hall's.
        "id": ask("id", ca.hall if ca.exists else "hall"),
        "name": {"zh": ask("zh", "政务服务中心"), "en": ask("en", "Service Centre")},
        "host": ask("host", _address()), "ca_opens": ca.opened_by if ca.exists else ask("opens", "key-file"),
    }  # fmt: skip
    return convert(given, Answers, name="answers")


def _wrong(key: str, said: str) -> str | None:
    """What is wrong with an answer, so that it is asked again and not everything else too."""
    if key in ("id", "host"):
        try:
            convert({"id": "hall", "name": {"zh": "", "en": ""}, "host": "localhost"} | {key: said}, Answers, name="answer")
        except BadSettings as problem:
            return str(problem)
    return None


def _passphrase(args: argparse.Namespace, answers: Answers, machine: Machine, console: Console) -> str | None:
    """The CA's passphrase where one is in force or wanted."""
    there = CaFolder(machine.etc / "trust")
    wanted = answers.ca_opens == "passphrase" if not there.exists else there.opened_by == "passphrase"
    if not wanted:
        return None
    if answers.passphrase_file is not None:
        return read_text(answers.passphrase_file).strip()
    if args.yes or not sys.stdin.isatty():
        raise UsageProblem("the CA is opened by a passphrase, and there is nobody to ask; name a `passphrase_file` in --answers")
    return _typed("phrase", console) if there.exists else _chosen(console)


def _chosen(console: Console) -> str:
    """A new passphrase, typed twice: one that was mistyped would lock the CA for ever."""
    while True:
        phrase = _typed("phrase", console)
        try:
            refuse_short(phrase)
        except CannotOpen as problem:
            console.print(str(problem), style="red", markup=False)
            continue
        if phrase == _typed("again", console):
            return phrase
        console.print(_w("differ"), style="red")


def _typed(key: str, console: Console) -> str:
    return Prompt.ask(_w(key), password=True, console=console)


def _tell(setup: Setup, console: Console) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for path, did in setup.did:
        table.add_row(_w(did), str(path), style="green" if did == "made" else "yellow" if did != "kept" else "dim")
    console.print(table)


def _handed_over(machine: Machine) -> list[str]:
    """Give the files to their accounts; what is left to do, and only root can."""
    root = os.geteuid() == 0
    if root and machine.etc == Machine().etc:
        sysusers = Path("/etc/sysusers.d/hallware.conf")
        sysusers.parent.mkdir(exist_ok=True)
        sysusers.write_text(SYSUSERS, encoding="utf-8")
        subprocess.run(["systemd-sysusers", str(sysusers)], check=False)
    left = list(hand_over(machine)) if root else []
    hall = machine.etc / "hall.toml"
    typed = CaFolder(machine.etc / "trust").opened_by == "passphrase"
    services = ["mosquitto", "hallware-broker-reload.path", *([] if typed else ["hallware-registrar"]), "hallware-controller"]
    left += ["systemctl daemon-reload", f"systemctl enable --now {' '.join(services)}", f"hallware check {hall}"]
    if typed:
        left.append(f"sudo -u hallware {machine.program} registrar {hall}  # asks for the passphrase; its terminal stays open")
    return left


def _w(key: str) -> str:
    return spoken(WORDS[key])


def _program() -> Path:
    beside = Path(sys.executable).with_name("hallware")
    return beside if beside.exists() else Machine().program


def _mosquitto() -> Path:
    try:
        return Path(mosquitto_binary())
    except BrokerProblem:
        return Machine().mosquitto


def _address() -> str:
    """This machine's address in its network, as far as it can tell."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; only asks which way it would go
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
