"""Where a node's memory goes: what each library adds, loaded one after the other into a process that does nothing else."""

import subprocess
import sys
from itertools import pairwise
from resource import getpagesize

from benchmarks.figures import Figure
from benchmarks.running import ROOT, as_on_a_node

LOADER = """
import sys
def resident():
    with open("/proc/self/statm") as file:
        print(file.read().split()[1])
resident()
for modules in sys.argv[1:]:
    for module in modules.split():
        __import__(module)
    resident()
"""
"""Prints its resident pages, then again after each group of modules."""

PARTS = {
    "ssl: OpenSSL and its tables": ("ssl",),
    "asyncio": ("asyncio",),
    "msgspec": ("msgspec",),
    "aiomqtt and paho, with urllib and http": ("aiomqtt",),
    "SQLite": ("sqlite3",),
    "Pillow and FreeType": ("PIL.ImageDraw", "PIL.ImageFont"),
    "luma": ("luma.led_matrix.device", "luma.core.interface.serial"),
    "gpiozero, with importlib.metadata and email": ("gpiozero.pins.mock",),
    "python-evdev, with ctypes": ("evdev",),
    "pyserial, python-escpos's constants": ("serial", "escpos.constants"),
    "our contract": ("contract.topics",),
    "our node runtime": ("firmware.node", "firmware.config"),
    "our agents and drivers": tuple(f"firmware.agents.{kind}" for kind in ("board", "kiosk", "rater", "room", "caller")),
}


def parts(whole: float) -> list[Figure]:
    """The parts of a node that takes `whole` MiB. What two libraries share counts for the first of them."""
    command = [sys.executable, "-c", LOADER, *map(" ".join, PARTS.values())]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=as_on_a_node())
    sizes = [int(pages) * getpagesize() / 2**20 for pages in run.stdout.split()]
    added = dict(zip(PARTS, (after - before for before, after in pairwise(sizes)), strict=True))
    all_parts = {"Python itself": sizes[0]} | added | {"at work: threads, databases, glyphs": whole - sizes[-1]}
    return [Figure(f"- {name}", size, "MiB") for name, size in all_parts.items()]
