"""The recipe of the machine: kernel and disk are built once from the files of this folder and kept outside the project."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware_sim.machine import needs
from hardware_sim.machine.problems import CannotStart

HERE = Path(__file__).parent
GUEST = HERE.parent / "guest"
Say = Callable[[str], None]
DEBIANS = {"bookworm": (3, 11), "trixie": (3, 13)}
"""What a machine can have on its disk, as Raspberry Pi OS is made from it, and the Python of each."""
OF_THIS_PYTHON = next((suite for suite, python in DEBIANS.items() if python == sys.version_info[:2]), "trixie")
"""The one whose Python runs this, if there is one."""


def cache_folder() -> Path:
    """Where built parts are kept: `HALLWARE_MACHINES`, else below the user's cache."""
    if given := os.environ.get("HALLWARE_MACHINES"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hallware" / "machine"


@dataclass(frozen=True)
class Built:
    """Kernel and disk, ready to be started; nobody writes to them."""

    kernel: Path
    disk: Path


def built(say: Say, suite: str = OF_THIS_PYTHON, folder: Path | None = None) -> Built:
    """Kernel, and disk with one of `DEBIANS`, of this recipe; built when there are none yet. Raises `CannotStart`."""
    folder = folder or cache_folder()
    kernel = folder / f"linux-{_digest(HERE.glob('kernel.*'), HERE.glob('*.c'))}"
    debian = folder / f"{suite}-{_digest([HERE / 'debian.sh'])}.tar"
    disk = folder / f"disk-{suite}-{_digest(HERE.glob('d*.sh'), GUEST.rglob('*'))}.img"
    if not kernel.exists():
        needs.refuse_missing("building the machine's kernel", needs.missing(needs.BUILD_KERNEL))
        say(f"building the machine's kernel, once: about 6 minutes on two processors (log: {folder}/kernel.log)")
        _build("kernel", [folder / "build", kernel], folder, say)
    if not disk.exists():
        needs.refuse_missing("making the machine's disk", needs.missing(needs.BUILD_DISK))
        if not debian.exists():
            say(f"fetching Debian {suite} for the machine, once: 1 to 5 minutes (log: {folder}/debian.log)")
            _build("debian", [suite, debian], folder, say)
        _build("disk", [debian, folder / "build", disk], folder, say)
    return Built(kernel, disk)


def _build(what: str, words: Sequence[str | Path], folder: Path, say: Say) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    log, free = folder / f"{what}.log", shutil.disk_usage(folder).free
    if free < 6e9:
        raise CannotStart(
            f"{folder}: only {free / 1e9:.1f} GB are free; building needs 6 GB (HALLWARE_MACHINES names another folder)"
        )
    environment = os.environ | {"PATH": needs.SYSTEM_PATH}
    command = ["sh", str(HERE / f"{what}.sh"), *map(str, words)]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as run,
    ):
        assert run.stdout is not None  # noqa: S101  for mypy: it is a pipe
        for line in run.stdout:
            out.write(line)
            out.flush()
            if line.startswith(b"==>"):
                say(line.decode(errors="replace").removeprefix("==>").strip())
    if run.returncode:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        raise CannotStart(f"{what}.sh failed ({run.returncode}); see {log}:\n  " + "\n  ".join(last))


def _digest(*files: Iterable[Path]) -> str:
    """The same for the same recipe, wherever it lies."""
    sum_ = hashlib.sha256()
    for path in sorted(path for several in files for path in several if path.is_file()):
        sum_.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return sum_.hexdigest()[:12]
