"""A program as small as one can be that an updater takes for Hallware: it tells how it is, in the way that its wheel was made.

Its text becomes the one module of a wheel; `BEHAVES` and `VERSION` are filled in. Updates it leaves to this environment's
program.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import json, os, secrets, sys, time

VERSION, BEHAVES = "{version}", "{behaves}"


def main():
    match sys.argv[1:]:
        case ["--version"]:
            print("hallware", VERSION)
            return int(BEHAVES == "does-not-start")
        case ["update", *_]:
            os.execve({python}, [{python}, "-m", "hallware.main", *sys.argv[1:]], os.environ | {{"PYTHONPATH": {root}}})
        case ["check", path]:
            print("refused" if BEHAVES == "refuses" else "well", file=sys.stderr)
            return int(BEHAVES == "refuses")
    return node()


def node():
    session, begun = secrets.token_hex(8), time.monotonic()
    while True:
        if BEHAVES == "hangs":
            time.sleep(60)
        lives = time.monotonic() - begun
        tell(session, lives)
        if BEHAVES == "dies" and lives > 0.3:
            os.abort()
        time.sleep(0.05)


def tell(session, lives):
    devices = ["board-1", "kiosk-1"]
    silent = devices[1:] if BEHAVES == "silent-device" else devices if BEHAVES == "silent" else []
    said = dict(
        session=session, version=VERSION, at=time.monotonic(), echo=BEHAVES != "no-echo" and lives > 0.1,
        controller=BEHAVES != "no-controller", silent=silent, answered=[one for one in devices if one not in silent],
    )
    file = os.path.join(os.environ["RUNTIME_DIRECTORY"], "wellness.json")
    with open(file + ".new", "w") as out:
        json.dump(said, out)
    os.replace(file + ".new", file)
"""


def text(version: str, behaves: str) -> str:
    """The module."""
    filled = {"version": version, "behaves": behaves, "python": repr(sys.executable), "root": repr(str(ROOT))}
    program = PROGRAM.replace("{{", "{").replace("}}", "}")
    for key, value in filled.items():
        program = program.replace(f"{{{key}}}", value)
    return program
