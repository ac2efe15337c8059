"""`hallware strip`: tries a text board on its wire without a hall, and gives a queue board its address."""

import argparse
import asyncio

from contract.settings import convert
from devices.errors import DeviceError
from devices.real_wires import RealWires
from devices.text_board import Look, TextBoard
from devices.text_dialects import DIALECTS
from devices.text_frames import queue_address
from firmware.config import StripConfig
from hallware.main import UsageProblem

ADDRESSES = DIALECTS["queue"].addresses


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="show a text, on every row")
    show.add_argument("dialect", choices=DIALECTS, metavar="DIALECT", help=", ".join(DIALECTS))
    show.add_argument("wire", metavar="WIRE", help="/dev/serial/by-id/…, or udp://host:8453")
    show.add_argument("text", metavar="TEXT")
    show.add_argument("--address", type=int, help="address or zone of the first row (default: the dialect's first)")
    show.add_argument("--columns", type=int, help="cells a row (default 16, 3 on a board of digits)")
    show.add_argument("--rows", type=int, default=1, help="rows, at the addresses that follow (default 1)")
    show.add_argument("--stacked", action="store_true", help="the board was stacked from strips")
    show.add_argument("--baud", type=int, help="speed (default: the dialect's usual one)")
    address = actions.add_parser("address", help="give the one queue board on this wire its address")
    address.add_argument("wire", metavar="WIRE")
    address.add_argument("new", type=int, metavar="NEW", help=f"{ADDRESSES[0]} to {ADDRESSES[-1]}")
    address.add_argument("--old", type=int, default=0xFF, help="its address now (default: whichever it is)")
    address.add_argument("--baud", type=int, help="57600 (default) or 19200")


def run(args: argparse.Namespace) -> int:
    """Send the frames. Raises `UsageProblem` when the wire does not take them."""
    config = _config(args)
    board = _board(config)
    if args.action == "show":
        look = Look(args.text)
        frames = [board.frame(row, look) for row in range(config.rows)]
    else:
        frames = [queue_address(config.first, args.old)]
    try:
        asyncio.run(_send(board, frames))
    except DeviceError as error:
        raise UsageProblem(str(error)) from error
    for frame in frames:
        print(frame.hex(" "))
    return 0


def _config(args: argparse.Namespace) -> StripConfig:
    """What was asked for, held to what a node would be held to. Raises `BadSettings`."""
    given = {"kind": "strip", "id": "strip", "dialect": "queue", "wire": args.wire, "layout": "calls"}
    if args.action == "show":
        named = ("dialect", "address", "columns", "rows", "stacked", "baud")
        given |= {name: value for name in named if (value := getattr(args, name)) is not None}
    elif args.old in (*ADDRESSES, 0xFF):
        given |= {"address": args.new} | ({"baud": args.baud} if args.baud else {})
    else:
        raise UsageProblem(f"--old: a queue board's address is from {ADDRESSES[0]} to {ADDRESSES[-1]}, not {args.old}")
    return convert(given, StripConfig, name=args.action)


def _board(config: StripConfig) -> TextBoard:
    return TextBoard(
        config.dialect, config.wire, config.first, columns=config.cells, missing=_replaced, stacked=config.stacked,
        baud=config.baud,
    )  # fmt: skip


def _replaced(character: str) -> None:
    print(f"the board has no {character!r}; it is replaced")


async def _send(board: TextBoard, frames: list[bytes]) -> None:
    async with board.line(RealWires()) as line:
        for frame in frames:
            await line.send(frame)
