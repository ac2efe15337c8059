"""The far end: what hangs on the wires of the machine, run inside it, with a control socket by which its hands are moved.

`python -m hardware_sim.machine.far_end --board 128x16`
"""

import argparse
import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from hardware_sim.bench import Bench
from hardware_sim.bench_board import SimulatedBoard
from hardware_sim.bench_kiosk import SimulatedKiosk
from hardware_sim.control import ControlServer
from hardware_sim.gpio import Lines
from hardware_sim.machine.far_board import FarBoards
from hardware_sim.machine.far_keypads import UinputKeypad, UsbKeypad
from hardware_sim.machine.far_lines import FarLines
from hardware_sim.machine.far_printer import usb_printer
from hardware_sim.machine.far_stick import UsbStick
from hardware_sim.max7219 import Cascade

SOCKET = Path("/run/far-end.sock")


def main(words: Sequence[str] | None = None) -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(description="What hangs on the wires of a simulated machine.")
    parser.add_argument(
        "--board", type=_size, action="append", default=[], metavar="128x16", help="a board on the next chip select"
    )
    asyncio.run(_serve(parser.parse_args(words).board))


async def _serve(boards: Sequence[tuple[int, int]]) -> None:
    cascades = {select: Cascade(*size) for select, size in enumerate(boards)}
    printer = usb_printer()
    bench = Bench("machine", {
        "lines": FarLines(), "usb-keypad": UsbKeypad(), "uinput-keypad": UinputKeypad(),
        "printer": SimulatedKiosk(Lines(), (), printer), "stick": UsbStick(),
        **{f"board-{select}": SimulatedBoard(cascade) for select, cascade in cascades.items()},
    })  # fmt: skip
    FarBoards(cascades).open()
    printer.open()
    try:
        async with ControlServer(bench, SOCKET):
            await _told_to_end()
    finally:
        printer.close()


async def _told_to_end() -> None:
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    await end.wait()


def _size(text: str) -> tuple[int, int]:
    wide, _, high = text.partition("x")
    return int(wide), int(high)


if __name__ == "__main__":
    main()
