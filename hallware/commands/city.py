"""`hallware city`: what a city's broker and its halls' bridges need, from the table of topics."""

import argparse
from pathlib import Path

from broker_config.city import Bridge, bridge_conf, city_access_list, emqx_acl
from controller.config import load
from hallware.commands import typed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    does = parser.add_subparsers(dest="does", metavar="bridge | access | emqx", required=True)
    bridge = does.add_parser(
        "bridge", help="lines for the mosquitto.conf of a hall: what viewers may hear goes to the city, one way"
    )
    bridge.add_argument("hall", type=Path, metavar="hall.toml")
    bridge.add_argument("--to", type=typed.broker(8883), required=True, metavar="HOST[:PORT]", help="the city's broker")
    for name, help_ in (
        ("access", "the access list of the city's Mosquitto"),
        ("emqx", "the same as acl.conf of an EMQX cluster"),
    ):
        does.add_parser(name, help=help_).add_argument(
            "watchers", nargs="*", type=typed.user, metavar="WATCHER", help="who hears all halls"
        )


def run(args: argparse.Namespace) -> int:
    """Print it."""
    if args.does == "bridge":
        host, port = args.to
        print(bridge_conf(Bridge(hall=load(args.hall).hall.id, host=host, port=port)), end="")
    else:
        print((city_access_list if args.does == "access" else emqx_acl)(args.watchers), end="")
    return 0
