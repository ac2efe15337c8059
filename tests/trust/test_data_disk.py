"""What must outlive a power cut goes onto a disk of its own at the first boot, on a real file system, and never twice."""

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trust.test_first_boot import aside, boot, can

__all__ = ["boot"]


def loops() -> bool:
    """Whether this machine lends us a loop device."""
    return can() and subprocess.run(["losetup", "-f"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.skipif(not loops(), reason="needs root, mount namespaces and loop devices"),
    pytest.mark.usefixtures("alone"),
]
AT = "/var/lib/hallware-disk"


@pytest.fixture
def alone() -> Iterator[None]:
    """One test of these at a time, in whichever process: of two disks of one label nobody knows which is meant."""
    with (Path(tempfile.gettempdir()) / "hallware-test-disks.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture
def disk(tmp_path: Path) -> "Disk":
    """A disk with that label."""
    return Disk(tmp_path / "disk.img")


class Disk:
    """A file that is plugged in as a disk while commands run."""

    def __init__(self, image: Path) -> None:
        with image.open("wb") as file:
            file.truncate(32 * 2**20)
        subprocess.run(["mkfs.ext4", "-q", "-L", "hallware-data", image], check=True)
        self.plug_in = f"disk=$(losetup -f --show {image}); trap 'losetup -d $disk' EXIT"


TREE = Path(__file__).parents[2] / "provisioning" / "os" / "usr" / "lib" / "hallware" / "data-disk"


def test_identity_data_and_releases_are_on_the_disk_and_fstab_says_so(boot: Path, tmp_path: Path, disk: Disk) -> None:
    script = f"sh {boot}/hallware/first-boot.sh"
    look = f"cat /etc/fstab; ls {AT}/opt/hallware; stat -c %U {AT}/var/lib/hallware; cat {AT}/etc/hallware/claim.toml"
    kinds = "for folder in /var/lib/hallware /etc/hallware /opt/hallware; do findmnt -n -o FSTYPE $folder; done"
    said = aside(tmp_path, [disk.plug_in, script, script, look, kinds])
    assert said.count(f"LABEL=hallware-data {AT} ext4 noatime,nofail") == 1, "the script ran twice"
    assert said.count(f"{AT}/etc/hallware /etc/hallware none bind,nofail 0 0") == 1
    assert {"current", "hallware"} <= set(said.split())
    assert 'name = "entrance"' in said
    assert said.split().count("ext4") == 4, "three folders, and the line in fstab"


def test_what_was_there_before_comes_along(tmp_path: Path, disk: Disk) -> None:
    said = aside(tmp_path, [
        "mkdir -p /var/lib/hallware; echo facts > /var/lib/hallware/outbox.db; chmod 600 /var/lib/hallware/outbox.db",
        disk.plug_in, f"sh {TREE}", f"cat {AT}/var/lib/hallware/outbox.db; stat -c %a {AT}/var/lib/hallware/outbox.db",
    ])  # fmt: skip
    assert said.split()[-2:] == ["facts", "600"]


def test_a_run_that_was_cut_off_is_finished_by_the_next(tmp_path: Path, disk: Disk) -> None:
    said = aside(tmp_path, [
        "touch /etc/fstab; mkdir -p /etc/hallware; echo one > /etc/hallware/it", disk.plug_in, f"sh {TREE}",
        "sed -i '/hallware/d' /etc/fstab; echo two > /etc/hallware/it", f"sh {TREE}",
        "cat /etc/hallware/it; grep -c hallware /etc/fstab",
    ])  # fmt: skip
    assert said.split()[-2:] == ["two", "5"]


def test_without_such_a_disk_nothing_changes(tmp_path: Path) -> None:
    said = aside(tmp_path, ["echo here > /etc/fstab", f"sh {TREE}", "cat /etc/fstab"])
    assert said.split() == ["here"]


def test_a_disk_that_cannot_be_mounted_does_not_hold_up_the_first_boot(boot: Path, tmp_path: Path, disk: Disk) -> None:
    with (tmp_path / "disk.img").open("r+b") as file:
        file.truncate(2**20)  # it has its label and ends too early
    said = aside(tmp_path, [disk.plug_in, "echo here > /etc/fstab", f"sh {boot}/hallware/first-boot.sh", "cat /etc/fstab"])
    assert said.split()[-1] == "here"
    assert "cannot be mounted" in (boot / "hallware" / "first-boot.log").read_text()


def test_the_script_is_one_that_shells_read() -> None:
    assert subprocess.run(["sh", "-n", TREE], check=False).returncode == 0
