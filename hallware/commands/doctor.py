"""`hallware doctor`: what is wrong with this machine, and what to touch."""

import argparse
import asyncio
import secrets
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from contract.plain import plain
from contract.settings import BadSettings, read_text
from hallware.commands.client import FILE, language
from hallware.main import UsageProblem
from provisioning.finding import Finding, How, ill, unknown, well

if TYPE_CHECKING:
    from controller.config import HallConfig
    from controller.config_machine import Trust

MARKS = {How.WELL: "✓", How.LOOK: "!", How.ILL: "✗", How.UNKNOWN: "·"}
PLACES = (Path("/etc/hallware/node.toml"), Path("/etc/hallware/hall.toml"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="node.toml|hall.toml|client.toml",
        help=f"default: {PLACES[0]}, else {PLACES[1]}, else ~/{FILE}",
    )
    parser.add_argument(
        "--self-test",
        action="store_true",
        help="let every device of this node, or on the hall's machine of the hall, test itself: it prints, lights up, beeps",
    )
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Look at everything; 0 when all is well, 1 when something is ill."""
    path = args.file or next((place for place in (*PLACES, Path.home() / FILE) if place.exists()), None)
    if path is None:
        raise UsageProblem(f"there is neither {PLACES[0]} nor {PLACES[1]} nor ~/{FILE}; name the file of this machine")
    found = list(_examined(path, args.root, datetime.now(UTC), tested=args.self_test))
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for finding in found:
            _tell(finding)
    return 1 if any(finding.how is How.ILL for finding in found) else 0


def _tell(finding: Finding) -> None:
    # What a node or device says goes to root's terminal: as letters, not as orders to it.
    print(f"{MARKS[finding.how]} {finding.name:22} {plain(finding.what.within(language()))}")
    if finding.touch is not None:
        print(f"  {'':22} → {plain(finding.touch.within(language()))}")


def _examined(path: Path, root: Path, now: datetime, *, tested: bool) -> Iterator[Finding]:
    try:
        said = tomllib.loads(read_text(path))
        if isinstance(said.get("hall"), dict):
            yield from _hall(path, root, now, tested=tested)
        elif "hall" in said:
            yield from _laptop(path, now)
        else:
            yield from _node(path, root, now, tested=tested)
    except (BadSettings, OSError, tomllib.TOMLDecodeError) as problem:
        yield ill(
            "settings",
            (f"配置文件有误：{problem}", str(problem)),
            (f"修正 {path}", f"mend {path}; `hallware check` says when it is right"),
        )


def _node(path: Path, root: Path, now: datetime, *, tested: bool) -> Iterator[Finding]:
    from contract.side_door import SIDE_DOOR
    from firmware.config import load
    from provisioning.doctor_door import tests_here
    from provisioning.doctor_machine import examine
    from provisioning.doctor_program import examine_program
    from provisioning.doctor_touch import examine_touch
    from provisioning.doctor_trust import examine_trust
    from provisioning.doctor_wires import examine_wires

    config = load(path)
    yield well("settings", f"{path} 有效", f"{path} is valid")
    yield from examine(root, config.node.data, now)
    yield from examine_wires(config, root)
    yield from examine_touch(config, root)
    yield from examine_trust(config.broker, now)
    yield from examine_program(root, time.monotonic())
    if tested:
        yield from tests_here(config.node.id, [device.id for device in config.device], root / "run/hallware" / SIDE_DOOR)


def _laptop(path: Path, now: datetime) -> Iterator[Finding]:
    from contract.settings import read
    from hallware.commands.client import ClientSettings
    from provisioning.doctor_laptop import examine_laptop
    from provisioning.doctor_trust import examine_trust

    settings = read(path, ClientSettings)
    yield well("settings", f"{path} 有效", f"{path} is valid")
    yield from examine_trust(settings.broker, now)
    yield from examine_laptop(settings.broker, settings.hall)


def _hall(path: Path, root: Path, now: datetime, *, tested: bool) -> Iterator[Finding]:
    from controller.config import load
    from controller.store.store import read_url
    from provisioning.doctor_hall import ENTRY, database_finding, examine_authority
    from provisioning.doctor_laptop import examine_laptop
    from provisioning.doctor_machine import examine
    from provisioning.doctor_trust import examine_trust

    hall = load(path)
    yield well("settings", f"{path} 有效", f"{path} is valid")
    database = read_url(hall.store).database if hall.store.startswith("sqlite") else None
    yield from examine(root, Path(database).parent if database else Path("/"), now)
    yield database_finding(hall.store)
    broker = list(examine_trust(hall.broker, now))
    yield from broker
    if broker[-1].how is How.WELL:
        yield from examine_laptop(hall.broker, hall.hall.id, ENTRY)
        if tested:
            yield from _self_tests(hall)
    if hall.trust is not None:
        yield from _access(hall, hall.trust)
        yield from examine_authority(hall.trust, now)


def _access(hall: "HallConfig", trust: "Trust") -> Iterator[Finding]:
    """The broker is asked for what it must refuse: by the registrar, who may say and hear nothing, and by somebody nameless."""
    from link.address import BrokerAddress
    from provisioning.ca_folder import CaFolder
    from provisioning.doctor_access import access_finding, doors

    yield access_finding("access list", trust.loopback, f"doctor-{secrets.token_hex(4)}", hall.hall.id)
    yield from doors(trust.loopback)
    yield from doors(BrokerAddress(host=trust.host, port=trust.broker_port, ca=CaFolder(trust.ca).certificate))


def _self_tests(hall: "HallConfig") -> Iterator[Finding]:
    from controller.plan import Plan
    from link.link import LinkDown
    from provisioning.doctor_devices import self_tests

    if hall.broker.certificate is not None:
        # The door for certificates would give the doctor the controller's own client id.
        yield unknown("self-tests", "请在设备页面上自检", "use the devices page: this would push the controller off the line")
        return
    planned = {node: tuple(devices) for node, devices in Plan.of(hall).devices.items()}
    try:
        yield from asyncio.run(self_tests(hall.broker, hall.hall.id, planned, lambda: datetime.now(UTC)))
    except LinkDown as problem:
        yield unknown("self-tests", f"代理不可达：{problem}", f"nobody can be asked: {problem}")
