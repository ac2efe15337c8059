"""Plays systemd for one node: runs what is in force, starts it anew when it dies, and when it gets SIGHUP.

`python -m tests.update.service PROGRAM NODE.TOML [MORE …]`; RUNTIME_DIRECTORY is in the environment and emptied at each start.
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

AGAIN = 0.1


def main(program: str, words: list[str]) -> None:
    """Run until SIGTERM."""
    wanted, over = threading.Event(), threading.Event()
    signal.signal(signal.SIGHUP, lambda *_: wanted.set())
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    while not over.is_set():
        wanted.clear()
        for file in Path(os.environ["RUNTIME_DIRECTORY"]).iterdir():
            file.unlink(missing_ok=True)
        try:
            child = subprocess.Popen([program, "node", *words])
        except OSError:
            over.wait(AGAIN)
            continue
        while child.poll() is None and not wanted.is_set() and not over.is_set():
            wanted.wait(0.02)
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        over.wait(0 if wanted.is_set() else AGAIN)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
