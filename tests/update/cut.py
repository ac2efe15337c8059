"""Runs a command of ours and kills its process, as a power cut would, at the Nth time that it is about to change something.

`python -m tests.update.cut N ROOT WORDS …`: N counts what Python itself is about to do below ROOT: open for writing, rename,
remove, make a folder or a link, start a program. With N = 0 nothing is killed, and each of them is written on standard error.
The code of the command is as it is; it does not know that it is watched.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from hallware.main import main

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.truncate", "os.chmod", "subprocess.Popen")


def changes(event: str, args: tuple[Any, ...], root: str) -> str | None:
    """What is about to be changed; None when it is nothing below `root`."""
    if event == "open":
        path, _, flags = args
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        return f"open {Path(path).name}" if writes and str(path).startswith(root) else None
    if event == "subprocess.Popen":
        return f"run {' '.join(Path(str(word)).name for word in args[1])[:40]}"
    if event in CHANGES and any(str(arg).startswith(root) for arg in args[:2]):
        return f"{event} {Path(str(args[0])).name}"
    return None


def watch(number: int, root: str) -> None:
    """Count, and be killed."""
    count = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count
        what = changes(event, args, root)
        if what is None:
            return
        count += 1
        if number == 0:
            os.write(2, f"cut {count} {what}\n".encode())
        elif count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2])
    sys.exit(main(sys.argv[3:]))
