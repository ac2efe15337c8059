"""`hallware plan`: a hall's plan becomes the files of its nodes and its broker."""

import argparse
import secrets
from pathlib import Path

from broker_config.access import CONTROLLER, access_list
from broker_config.mosquitto import Listener, Persistence, mosquitto_conf
from broker_config.passwords import write_password_file
from broker_config.unit import DROP_IN
from controller.config import HallConfig, load
from hallware.commands import typed
from hallware.main import UsageProblem
from link.address import BrokerAddress
from provisioning.plan import Folders, node_files, write_node_files

ETC = Path("/etc/hallware")
UNITS = Path("/etc/systemd/system/mosquitto.service.d")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which hall, whereto, and where its broker is."""
    parser.add_argument("hall", type=Path, metavar="hall.toml")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="the folder to write to")
    parser.add_argument("--broker", type=_address, required=True, metavar="HOST[:PORT]", help="the broker as nodes reach it")


def run(args: argparse.Namespace) -> int:
    """Write the files; passwords that exist already stay as they are."""
    hall = load(args.hall)
    try:
        files = node_files(hall, args.broker, Folders(), name=args.hall.name)
        paths = write_node_files(files, args.into / "nodes")
        passwords = _passwords(hall, args.into / "passwords")
        _write_broker(hall, args.broker, args.into / "broker", passwords)
    except OSError as error:
        raise UsageProblem(f"{error.filename or args.into}: {error.strerror}") from error
    for node, path in paths.items():
        print(
            f"{path}\n  → node {node}: {ETC / 'node.toml'}; its password {args.into / 'passwords' / node} → {Folders().password}"
        )
    print(
        f"{args.into / 'broker'}\n  → the broker: mosquitto.conf instead of /etc/mosquitto/mosquitto.conf, "
        f"hallware.conf to {UNITS}, the others to {ETC}"
    )
    return 0


def _address(text: str) -> BrokerAddress:
    host, port = typed.broker(1883)(text)
    return BrokerAddress(host=host, port=port)


def _passwords(hall: HallConfig, folder: Path) -> dict[str, str]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        user: _password(folder / user) for user in (CONTROLLER, *hall.dispatcher, *hall.homes, *(node.id for node in hall.node))
    }


def _password(path: Path) -> str:
    """The password in `path`, made there, readable by its owner alone, when there is none yet."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def _write_broker(hall: HallConfig, broker: BrokerAddress, folder: Path, passwords: dict[str, str]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "access").write_text(access_list(hall.hall.id, dispatchers=hall.dispatcher, homes=hall.homes), encoding="utf-8")
    write_password_file(folder / "passwords", passwords)
    listener = Listener(
        port=broker.port,
        host="0.0.0.0",  # noqa: S104  the nodes are on the hall's network; everybody needs a password
        password_file=ETC / "passwords",
        access_list=ETC / "access",
        persistence=Persistence.DEFAULT,
        folder=Path("/var/lib/mosquitto"),
    )
    (folder / "mosquitto.conf").write_text(mosquitto_conf(listener), encoding="utf-8")
    (folder / "hallware.conf").write_text(DROP_IN, encoding="utf-8")
