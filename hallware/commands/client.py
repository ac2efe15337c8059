"""Where staff's commands find the broker and the hall: arguments first, then the environment, then a small file."""

import argparse
import locale
import os
from collections.abc import Mapping
from pathlib import Path

from contract.settings import BadSettings, Settings, convert, read
from contract.values import Id
from hallware.commands.typed import host_port
from hallware.main import UsageProblem
from link.address import BrokerAddress

PATIENCE = 5.0
"""Seconds to reach the broker."""
FILE = Path(".config/hallware/client.toml")
"""Below the home folder."""

HELP = (
    "Broker and hall are taken from these options, else from HALLWARE_BROKER, HALLWARE_USER, HALLWARE_PASSWORD_FILE, "
    f"HALLWARE_CA and HALLWARE_HALL, else from ~/{FILE} (`hall = …` and a `[broker]` table)."
)


class ClientSettings(Settings, frozen=True, kw_only=True):
    """client.toml: which hall, and how to reach its broker."""

    hall: Id
    broker: BrokerAddress = BrokerAddress(username="dispatch")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that speaks over MQTT."""
    parser.epilog = HELP
    group = parser.add_argument_group("broker and hall")
    group.add_argument("--broker", metavar="HOST[:PORT]", help="the hall's broker")
    group.add_argument("--user", help="user name at the broker (default: dispatch)")
    group.add_argument("--password-file", type=Path, metavar="PATH", help="file with the password")
    group.add_argument("--ca", type=Path, metavar="PATH", help="the hall's CA, for a connection by TLS")
    group.add_argument("--hall", metavar="ID", help="the hall's id")
    group.add_argument("--settings", type=Path, metavar="PATH", help=f"instead of ~/{FILE}")


def settings(args: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> ClientSettings:
    """What is in force. Raises `UsageProblem` when no hall is named, `BadSettings` for a file that is no good."""
    given = {name: getattr(args, name) or environment.get(f"HALLWARE_{name.upper()}") for name in _NAMES}
    base = _file(args.settings)
    hall = given["hall"] or (base and base.hall)
    if not hall:
        raise UsageProblem(f'which hall? Say --hall, set HALLWARE_HALL, or write `hall = "…"` into ~/{FILE}')
    convert({"hall": hall}, ClientSettings, name="--hall")  # a hall that cannot be would be no topic
    broker = base.broker if base else BrokerAddress(username="dispatch")
    host, port = _address(given["broker"]) if given["broker"] else (broker.host, broker.port)
    return ClientSettings(
        hall=hall,
        broker=BrokerAddress(
            host=host, port=port, username=given["user"] or broker.username,
            password_file=Path(given["password_file"]) if given["password_file"] else broker.password_file,
            ca=Path(given["ca"]) if given["ca"] else broker.ca, certificate=broker.certificate, key=broker.key,
        ),
    )  # fmt: skip


_NAMES = ("broker", "user", "password_file", "ca", "hall")


def _address(text: str) -> tuple[str, int]:
    try:
        return host_port(text, BrokerAddress().port)
    except ValueError as error:
        raise BadSettings(f"--broker {text}: {error}") from error


def _file(given: Path | None) -> ClientSettings | None:
    path = given or Path.home() / FILE
    if given is None and not path.exists():
        return None
    return read(path, ClientSettings)


def language() -> str:
    """The language of whoever sits at the terminal: zh or en."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if (spoken or locale.getlocale()[0] or "").startswith("zh") else "en"


def spoken(words: tuple[str, str]) -> str:
    """Of words in Chinese and in English those for whoever sits at the terminal."""
    return words[0 if language() == "zh" else 1]
