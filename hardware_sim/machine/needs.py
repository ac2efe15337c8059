"""What the host must have before a machine can be built or started, and the Debian package of each."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from hardware_sim.machine.problems import CannotStart

SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
BUILD_KERNEL = {
    "gcc": "gcc", "make": "make", "bc": "bc", "bison": "bison", "flex": "flex", "xz": "xz-utils",
    "/usr/src/linux-source-6.12.tar.xz": "linux-source-6.12", "/usr/include/libelf.h": "libelf-dev",
    "/usr/include/openssl/ssl.h": "libssl-dev", "/usr/include/stdio.h": "libc6-dev",
}  # fmt: skip
BUILD_DISK = {"mmdebstrap": "mmdebstrap", "mkfs.ext4": "e2fsprogs"}
RUN = {"unshare": "util-linux", "ip": "iproute2"}
WRITE_CARD = {"mkfs.vfat": "dosfstools", "mcopy": "mtools"}


def missing(*tables: dict[str, str]) -> list[str]:
    """The Debian packages that are missing of those in `tables`."""
    wanted = {what: package for table in tables for what, package in table.items()}
    return sorted({package for what, package in wanted.items() if not _there(what)})


def refuse_missing(doing: str, packages: Iterable[str]) -> None:
    """Raises `CannotStart`, with the command that installs what is missing."""
    if names := list(packages):
        sudo = "" if os.geteuid() == 0 else "sudo "
        raise CannotStart(
            f"{doing} needs Debian packages that are not here: {', '.join(names)}. "
            f"Install them:  {sudo}apt-get install -y --no-install-recommends {' '.join(names)}"
        )


def refuse_no_tap(path: Path = Path("/dev/net/tun")) -> None:
    """Raises `CannotStart` when no network cable can be laid to the machine."""
    if not os.access(path, os.R_OK | os.W_OK):
        raise CannotStart(f"{path}: cannot be opened, so the machine would have no network; `modprobe tun`, or run as root")


def _there(what: str) -> bool:
    if what.startswith("/usr/include/"):
        return Path(what).exists() or any(Path("/usr/include").glob(f"*-linux-gnu/{what.removeprefix('/usr/include/')}"))
    return Path(what).exists() if what.startswith("/") else shutil.which(what, path=SYSTEM_PATH) is not None
