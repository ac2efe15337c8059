"""`hallware update`: new programs for nodes: pack and sign a bundle, look at one, install it here or on many nodes."""

import argparse
import importlib

from hallware.main import Row

EPILOG = """\
On the hall's machine · 大厅电脑:
  hallware update pack --wheels wheels/ --for bookworm --for trixie
  hallware update push hallware-0.2.0.hallware --first entrance --stage 1,25%,all
On a node, or from a USB stick · 节点:
  hallware update apply hallware-0.2.0.hallware
  hallware update status
A node goes back to the version before by itself when the new one is not well. docs/updating.md
"""


ROWS = (
    Row("pack", "hallware.commands.update_pack", "put wheels into one bundle and sign it for this hall"),
    Row("verify", "hallware.commands.update_node", "say whose bundle this is, what is in it, and whether it is whole"),
    Row("apply", "hallware.commands.update_node", "install a bundle on this machine, try it, keep it or go back"),
    Row(
        "push",
        "hallware.commands.update_push",
        "bring a bundle to the hall's nodes by ssh: one first, then the rest; stop at a failure",
    ),
    Row("stick", "hallware.commands.update_stick", "look for an update on a USB stick and apply it; udev starts this"),
    Row("key", "hallware.commands.update_pack", "make a new key for updates: nodes that know it take nothing of the old one"),
    Row("status", "hallware.commands.update_node", "show this machine's releases and what became of its last update"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    does = parser.add_subparsers(dest="does", metavar=" | ".join(row.name for row in ROWS), required=True)
    for row in ROWS:
        sub = does.add_parser(row.name, help=row.does, description=f"{row.does[0].upper()}{row.does[1:]}.")
        importlib.import_module(row.module).add_arguments(row.name, sub)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    module = next(row.module for row in ROWS if row.name == args.does)
    return int(importlib.import_module(module).run(args))
