"""A real sshd on loopback, with keys of its own, for pushing to nodes whose trees lie on this machine."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from broker_config.process import free_port

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/allowed
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
"""


def there() -> bool:
    """Whether this machine has an sshd."""
    return binary() is not None and shutil.which("ssh-keygen") is not None


def binary() -> str | None:
    return shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin")


@dataclass(frozen=True)
class Sshd:
    """How to get in."""

    folder: Path
    port: int

    @property
    def key(self) -> Path:
        return self.folder / "mine"

    @property
    def user(self) -> str:
        return pwd.getpwuid(os.geteuid()).pw_name

    def hosts(self, roots: dict[str, Path], *, key: Path | None = None) -> str:
        """hosts.toml for nodes whose trees begin there."""
        lines = [
            f'user = "{self.user}"',
            f"port = {self.port}",
            f'key = "{key or self.key}"',
            f'known_hosts = "{self.folder}/known"',
        ]
        for name, root in roots.items():
            lines += [f"[node.{name}]", 'host = "127.0.0.1"', f'root = "{root}"']
        return "\n".join(lines) + "\n"


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """It runs inside the block."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Sshd(folder, free_port())
    for name in ("host", "mine"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "allowed").write_text((folder / "mine.pub").read_text())
    (folder / "known").touch()
    (folder / "sshd_config").write_text(CONFIG.format(port=server.port, folder=folder))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    program = binary()
    assert program is not None
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=log)
    try:
        _wait(server.port, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, "sshd ended at once"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("sshd does not answer")
