"""The guard of a node's releases: an update that was tried and that nobody has confirmed goes back to the release before.

It imports nothing but Python's own modules and lies outside of every release (/usr/lib/hallware/update_guard.py on a node, run
by the system's Python), so that no release, however broken, can keep it from working. The updater uses the same functions.

/opt/hallware/releases/NAME/   a release: a virtual environment, whole when it holds release.json
/opt/hallware/current          a link to the release in force; replaced at once, never missing
/opt/hallware/update.json      what is being tried, what became of the last update, the oldest bundle that is still taken
/opt/hallware/trying           there while something is tried, so that systemd need not start anything to know that
/opt/hallware/.lock            held by whoever changes something; the kernel lets go of it when that process ends, however it ends
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RESTART = ("systemctl", "--no-block", "restart", "hallware-node.service")
"""Not waited for: at the machine's start the node itself waits for the guard."""

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!-]*")
"""Of a version, and of the folder of a release: nothing that leads out of the folder of all releases."""

PATIENCE = 60.0
"""Seconds that a restart may take; systemd goes on by itself."""

CUT = (
    "power-cut",
    "更新试运行期间断电或重启，已恢复原版本",
    "The machine lost its power while the update was tried; the version before is back",
)
LEFT = (
    "updater-died",
    "更新程序意外中止，已恢复原版本",
    "The updater ended before it had confirmed the update; the version before is back",
)
NO_WAY_BACK = (
    "no-way-back",
    "更新未确认，但原版本已损坏，继续使用新版本",
    "Nobody confirmed the update, and the version before is damaged; the new one stays",
)


class Busy(Exception):
    """Somebody else changes the releases now."""


@dataclass(frozen=True)
class Tree:
    """Where the releases lie; `root` is another one only where a node is simulated."""

    root: Path = Path("/")

    @property
    def opt(self) -> Path:
        """The folder of everything that is installed."""
        return self.root / "opt/hallware"

    @property
    def etc(self) -> Path:
        """The folder of what was set for this node."""
        return self.root / "etc/hallware"

    @property
    def releases(self) -> Path:
        """All releases."""
        return self.opt / "releases"

    @property
    def link(self) -> Path:
        """The release in force."""
        return self.opt / "current"

    @property
    def state(self) -> Path:
        """What is tried and what was."""
        return self.opt / "update.json"

    @property
    def mark(self) -> Path:
        """There while something is tried."""
        return self.opt / "trying"

    @property
    def settings(self) -> Path:
        """How this node's program is started anew, where that is not by systemd."""
        return self.etc / "update.toml"

    @property
    def current(self) -> str | None:
        """The name of the release in force."""
        with suppress(OSError):
            return self.link.readlink().name
        return None

    def whole(self) -> list[str]:
        """The names of the releases that were installed to their end, the newest first."""
        there = [path.parent for path in self.releases.glob("*/release.json")]
        return [path.name for path in sorted(there, key=lambda path: (path / "release.json").stat().st_mtime_ns, reverse=True)]

    def is_whole(self, name: str) -> bool:
        """Whether a release was installed to its end."""
        return (self.releases / name / "release.json").exists()

    def read(self) -> dict[str, Any]:
        """The state; empty when there is none, or none that can be read."""
        try:
            read = json.loads(self.state.read_bytes())
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def write(self, state: dict[str, Any]) -> None:
        """Replace the state; it is on the disk then."""
        put(self.state, json.dumps({"format": 1} | state, ensure_ascii=False, indent=1).encode())

    def switch(self, name: str) -> None:
        """Put a release in force; it is so on the disk then, or everything is as before."""
        fresh = self.opt / ".current.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("releases") / name)
        fresh.replace(self.link)
        settle(self.opt)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one that changes anything. Raises `Busy`."""
        self.opt.mkdir(parents=True, exist_ok=True)
        with (self.opt / ".lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("another update is under way on this machine") from error
            yield


def begin(tree: Tree, version: str, release: str, before: str, now: datetime) -> None:
    """From here on, whatever happens, the release before comes back unless somebody confirms the new one."""
    tree.mark.touch()
    settle(tree.opt)
    trying = {"version": version, "release": release, "before": before, "boot": boot_id()}
    last = report(version, "trying", ("trying", "正在试运行", "It runs on trial"), now)
    tree.write(tree.read() | {"trying": trying, "last": last})


def confirm(tree: Tree, floor: dict[str, str], now: datetime) -> None:
    """The release on trial stays. One write decides."""
    state = tree.read()
    trying = state.pop("trying")
    last = report(trying["version"], "kept", ("ok", "更新成功", "The update was successful"), now)
    tree.write(state | {"last": last, "floor": floor})
    tree.mark.unlink(missing_ok=True)


def give_back(tree: Tree, why: tuple[str, str, str], now: datetime) -> str | None:
    """Put the release before in force again; the name of it. May be done again after it was cut off anywhere."""
    state = tree.read()
    trying = tried(state)
    if trying is None:
        tree.mark.unlink(missing_ok=True)
        return None
    before, result = trying["before"], "returned"
    if tree.is_whole(before):
        tree.switch(before)
    else:
        result, why = "kept", NO_WAY_BACK
    restart(tree)
    del state["trying"]
    tree.write(state | {"gone_back": trying["release"], "last": report(trying["version"], result, why, now)})
    tree.mark.unlink(missing_ok=True)
    if result == "returned":
        _remove(tree.releases / trying["release"])
    return before


def tried(state: dict[str, Any]) -> dict[str, str] | None:
    """What is on trial; None when nothing is, or nothing that names a version and two releases."""
    trying = state.get("trying")
    if not isinstance(trying, dict):
        return None
    known = {key: value for key, value in trying.items() if isinstance(value, str)}
    names = [known.get(key, "") for key in ("version", "release", "before")]
    return known if all(map(NAME.fullmatch, names)) and known["release"] != known["before"] else None


def restart(tree: Tree) -> None:
    """Start the node's program anew; that it cannot be started changes nothing about what is in force."""
    words: list[str] = list(RESTART)
    with suppress(OSError, ValueError):
        said = tomllib.loads(tree.settings.read_text(encoding="utf-8")).get("restart")
        if isinstance(said, list) and said and all(isinstance(word, str) for word in said):
            words = said
    with suppress(OSError, ValueError, subprocess.TimeoutExpired):
        subprocess.run(words, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE)


def heal(tree: Tree) -> str | None:
    """Where no whole release is in force, take the newest that there is; its name, when that had to be done."""
    name = tree.current
    if name is not None and tree.is_whole(name):
        return None
    if not (there := tree.whole()):
        return None
    tree.switch(there[0])
    return there[0]


def guard(tree: Tree, now: datetime) -> str:
    """Look after the releases, and say what was done. Whoever judges an update holds the lock, and is let judge."""
    try:
        with tree.held():
            same_boot = (tried(tree.read()) or {}).get("boot") == boot_id()
            if (before := give_back(tree, LEFT if same_boot else CUT, now)) is not None:
                return f"an update was not confirmed; {before} is in force again"
            if (healed := heal(tree)) is not None:
                return f"no whole release was in force; now it is {healed}"
            return "nothing was to be done"
    except Busy:
        return "an update is being judged"


def prune(tree: Tree, keep: set[str]) -> list[str]:
    """Take away all releases but those, and whatever was left half installed; the names of what went."""
    gone = [path for path in tree.releases.iterdir() if path.name not in keep] if tree.releases.is_dir() else []
    for path in gone:
        _remove(path)
    return [path.name for path in gone]


def _remove(release: Path) -> None:
    if release.is_symlink() or not release.is_dir():  # never what a link leads to, which may be in force
        release.unlink(missing_ok=True)
        return
    (release / "release.json").unlink(missing_ok=True)  # first of all: what is half taken away is no release any more
    shutil.rmtree(release, ignore_errors=True)


def report(version: str, result: str, why: tuple[str, str, str], now: datetime) -> dict[str, Any]:
    """What the node says of its update to the hall, in the form of the contract."""
    code, zh, en = why
    return {"version": version, "result": result, "code": code, "what": {"zh": zh, "en": en}, "at": now.isoformat()}


def put(file: Path, content: bytes) -> None:
    """Replace a file; after a power cut there is the old one or the new one. Raises `OSError`."""
    draft = file.with_name(f".{file.name}.new")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    settle(file.parent)


def settle(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def boot_id() -> str:
    """Another one after each start of the machine."""
    with suppress(OSError):
        return BOOT_ID.read_text(encoding="ascii").strip()
    return ""


if __name__ == "__main__":
    os.umask(0o022)
    done = guard(Tree(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("/")), datetime.now(UTC))
    sys.stderr.write(f"hallware: {done}\n")
