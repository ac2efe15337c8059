"""A card's first boot, and `hallware init`: run as root in a mount namespace whose /etc, /opt, /var and more are copies."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from provisioning.card import Card, CardSettings
from provisioning.card_files import CardFiles
from provisioning.claim_file import ClaimFile
from tests.update import tiny
from tests.update.wheels import pip_wheel, wheel

CLAIM = ClaimFile(hall="centre", name="entrance", token="a" * 26, registrar="192.168.10.5", ca="0" * 64)
OVERLAYS = ("etc", "opt", "var", "usr/lib", "usr/local/bin")
"""Folders that the script writes to; what it writes there stays in the test's own layer."""


def can() -> bool:
    """Whether this machine lets us have a namespace of our own."""
    tools = ("unshare", "systemd-sysusers", "systemd-tmpfiles", "usermod")
    if os.geteuid() or not all(shutil.which(tool, path="/usr/sbin:/usr/bin:/bin:/sbin") for tool in tools):
        return False
    words = ["unshare", "-m", "sh", "-c", "mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w && mount -t overlay o "
             "-olowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc"]  # fmt: skip
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can(), reason="needs root, mount namespaces and systemd's tools")


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    """A card."""
    folder = tmp_path / "bootfs"
    folder.mkdir()
    card = Card(node="entrance", settings=CardSettings(), time_server="192.168.10.5")
    CardFiles(folder).write(card, CLAIM, "1")
    return folder


def first_boot(boot: Path, tmp_path: Path, after: str, installed: Sequence[str] | None = None) -> str:
    """Run the card's script twice, then `after`; gives what that says."""
    script = f"sh {boot}/hallware/first-boot.sh"
    return aside(tmp_path, [script, script, after], OURS if installed is None else installed)


OURS = (
    "mkdir -p /opt/hallware/current/bin",
    f"ln -s {Path(sys.executable).with_name('hallware')} /opt/hallware/current/bin/hallware",
)
"""This environment's program, as if it had been installed already."""


def aside(tmp_path: Path, commands: list[str], installed: Sequence[str] = OURS) -> str:
    """Run commands where those folders are copies; gives what they say. What speaks to systemd only writes down its words."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("systemctl", "systemd-run"):
        (tools / tool).write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/{tool}.log\n')
        (tools / tool).chmod(0o755)
    lines = ["set -e", f"mkdir -p {tmp_path}/layers", f"mount -t tmpfs layers {tmp_path}/layers"]
    for name in OVERLAYS:
        layer = f"{tmp_path}/layers/{name.replace('/', '-')}"
        lines.append(f"mkdir -p {layer}/u {layer}/w")
        lines.append(f"mount -t overlay o -olowerdir=/{name},upperdir={layer}/u,workdir={layer}/w /{name}")
    lines += [
        *installed,
        f"export PATH={tools}:/usr/sbin:/usr/bin:/sbin:/bin",
        *commands,
    ]
    ran = subprocess.run(["unshare", "-m", "sh", "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_token_leaves_the_boot_partition_for_a_file_that_only_root_reads(boot: Path, tmp_path: Path) -> None:
    said = first_boot(boot, tmp_path, "stat -c %a:%U /etc/hallware/claim.toml; cat /etc/hallware/claim.toml")
    assert "600:root" in said
    assert CLAIM.token in said
    assert not [path for path in boot.rglob("*") if path.is_file() and CLAIM.token.encode() in path.read_bytes()]


def test_account_groups_and_folders_are_there_and_the_services_start(boot: Path, tmp_path: Path) -> None:
    said = first_boot(boot, tmp_path, "id -nG hallware; stat -c '%a %U' /var/lib/hallware /etc/hallware/identity")
    groups, data, identity = said.strip().splitlines()[-3:]
    assert set(groups.split()) >= {"hallware", "spi", "gpio", "i2c", "input", "lp", "dialout"}
    assert (data, identity) == ("700 hallware", "755 hallware")
    told = (tmp_path / "systemctl.log").read_text()
    assert "enable hallware-enrol.service hallware-node.service hallware-renew.timer hallware-update-guard.timer" in told
    assert "start --no-block hallware-enrol.service" in told


def test_units_watchdog_and_limits_lie_where_systemd_looks(boot: Path, tmp_path: Path) -> None:
    listed = first_boot(boot, tmp_path, "cd /etc && find systemd udev tmpfiles.d sysusers.d -name '*hallware*'")
    for path in ("systemd/system/hallware-node.service", "systemd/system.conf.d/hallware-watchdog.conf",
                 "systemd/journald.conf.d/hallware.conf", "udev/rules.d/90-hallware.rules"):  # fmt: skip
        assert path in listed.split()


def test_how_far_it_came_can_be_read_on_the_card(boot: Path, tmp_path: Path) -> None:
    first_boot(boot, tmp_path, "true")
    log = (boot / "hallware" / "first-boot.log").read_text()
    assert "hallware 0." in log
    assert "its lamp blinks until somebody approves it" in log


def test_this_machine_is_as_it_was(boot: Path, tmp_path: Path) -> None:
    first_boot(boot, tmp_path, "true")
    assert "hallware" not in Path("/etc/passwd").read_text()


def test_a_failure_is_written_on_the_card(boot: Path, tmp_path: Path) -> None:
    shutil.rmtree(boot / "hallware" / "os")
    with pytest.raises(AssertionError):
        first_boot(boot, tmp_path, "true")
    assert "first boot failed" in (boot / "hallware" / "first-boot.log").read_text()


def test_a_first_boot_that_was_cut_off_is_done_to_its_end_at_the_next_start(boot: Path, tmp_path: Path) -> None:
    begun = "ls /usr/lib/hallware/first-boot-begun 2>/dev/null || echo ended"
    cut = f"sed 's|^usermod.*|kill -9 $$|' {boot}/hallware/first-boot.sh > {boot}/hallware/cut.sh; sh {boot}/hallware/cut.sh"
    said = aside(tmp_path, [f"({cut}) || true", begun, f"sh {boot}/hallware/first-boot.sh", begun])
    assert said.splitlines()[-1] == "ended"
    assert "/usr/lib/hallware/first-boot-begun" in said.splitlines()
    told = (tmp_path / "systemctl.log").read_text().splitlines()
    assert told[0] == "enable hallware-first-boot.service"
    assert "enable hallware-enrol.service" in told[-2] + told[-1] + told[-3]


def test_init_makes_the_account_and_gives_it_its_files_and_no_others(tmp_path: Path) -> None:
    said = aside(tmp_path, [
        "systemd-sysusers --inline 'u mosquitto - \"\"'", "/opt/hallware/current/bin/hallware init --yes >/dev/null",
        "cd /etc/hallware; stat -c '%n %U %a' trust/private/ca.key trust/crl.pem registrar/registrar.key "
        "controller/broker.password broker/broker.key broker/passwords people/dispatch.password hall.toml /var/lib/hallware",
    ])  # fmt: skip
    assert said.splitlines() == [
        "trust/private/ca.key hallware 600",
        "trust/crl.pem hallware 644",
        "registrar/registrar.key hallware 600",
        "controller/broker.password hallware 600",
        "broker/broker.key mosquitto 600",
        "broker/passwords mosquitto 600",
        "people/dispatch.password root 600",
        "hall.toml root 644",
        "/var/lib/hallware hallware 750",
    ]


def test_the_first_release_comes_from_the_card_and_lies_where_updates_will(boot: Path, tmp_path: Path) -> None:
    wheels = boot / "hallware/wheels"
    module: dict[str, str | bytes] = {"tiny_hallware.py": tiny.text("1.0", "well")}
    wheel(wheels, "hallware", "1.0", module, requires=('tiny; extra == "node"',), scripts="hallware = tiny_hallware:main")
    wheel(wheels, "tiny", "2.0", {"tiny.py": ""})
    wheel(wheels, "tiny", "2.0", {"tiny.py": ""}, tag="cp39-cp39-linux_riscv64")  # for nodes of another kind
    pip_wheel(wheels)
    look = "cd /opt/hallware; readlink current; ls releases/*/release.json; /usr/local/bin/hallware --version"
    guard = "python3 -I /usr/lib/hallware/update_guard.py 2>&1"
    said = first_boot(boot, tmp_path, f"{look}; {guard}", installed=())
    assert said.splitlines()[-4:] == [
        "releases/1.0-card", "releases/1.0-card/release.json", "hallware 1.0", "hallware: nothing was to be done",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_in_a_nodes_units(boot: Path, tmp_path: Path) -> None:
    names = {path.name for path in (boot / "hallware/os/etc/systemd/system").iterdir()}
    units = " ".join(sorted(names - {"hallware-touch.service"}))  # its programs are not on every machine; tests/touch looks at it
    verify = f"cd /etc/systemd/system; for unit in {units}; do systemd-analyze verify ./$unit 2>&1; done; echo verified"
    hardened = " && ".join(
        f"systemd-analyze security --offline=yes --threshold={threshold} ./{unit} >/dev/null"
        for unit, threshold in (("hallware-node.service", 25), ("hallware-update-guard.service", 60))
    )
    security = f"{hardened} && echo hardened"
    said = first_boot(boot, tmp_path, f"{verify}; {security}")
    assert said.splitlines()[-2:] == ["verified", "hardened"], said
    assert "hallware-" not in said, said
