"""A card may ask for an overlay: it is switched on at the first boot when the data lies on a disk of its own, and only then."""

from pathlib import Path

import pytest

from provisioning.card import Card, CardSettings
from provisioning.card_files import BadCard, CardFiles
from provisioning.doctor_machine import examine
from provisioning.finding import How
from tests.trust.test_data_disk import Disk, alone, disk, loops
from tests.trust.test_doctor import NOW, of, place
from tests.trust.test_first_boot import CLAIM, aside

__all__ = ["alone", "disk"]

LINE = "console=serial0,115200 root=PARTUUID=4e639091-02 rootfstype=ext4 fsck.repair=yes rootwait quiet\n"
ON = "init=/usr/lib/hallware/overlay-init "
SCRIPT = Path(__file__).parents[2] / "provisioning/os/usr/lib/hallware/overlay"
CARD = Card(node="entrance", settings=CardSettings(overlay=True), time_server="192.168.10.5")

really = [
    pytest.mark.skipif(not loops(), reason="needs root, mount namespaces and loop devices"),
    pytest.mark.usefixtures("alone"),
]


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    """A card that asks for an overlay."""
    folder = tmp_path / "bootfs"
    folder.mkdir()
    (folder / "cmdline.txt").write_text(LINE)
    CardFiles(folder).write(CARD, CLAIM, "1", system="trixie")
    return folder


def log_of(boot: Path) -> str:
    return (boot / "hallware/first-boot.log").read_text()


class TestFirstBoot:
    """The card's script with a real disk."""

    pytestmark = really

    def test_it_is_the_last_step_and_the_machine_starts_anew_before_it_asks_for_anything(
        self, boot: Path, tmp_path: Path, disk: Disk
    ) -> None:
        script = f"sh {boot}/hallware/first-boot.sh"
        said = aside(tmp_path, [disk.plug_in, script, script, "stat -c %a /usr/lib/hallware/overlay-init; cat /etc/fstab"])
        assert (boot / "cmdline.txt").read_text() == ON + LINE, "the script ran twice"
        assert "755" in said.split()
        assert "LABEL=hallware-data" in said
        assert "reboot" in (tmp_path / "systemd-run.log").read_text()
        told = (tmp_path / "systemctl.log").read_text()
        assert "enable hallware-enrol.service hallware-node.service" in told
        assert "start --no-block" not in told

    def test_without_a_disk_for_the_data_it_stays_off_and_the_card_says_why(self, boot: Path, tmp_path: Path) -> None:
        aside(tmp_path, [f"sh {boot}/hallware/first-boot.sh"])
        assert (boot / "cmdline.txt").read_text() == LINE
        assert "is not on a disk of its own" in log_of(boot)
        assert "start --no-block hallware-enrol.service" in (tmp_path / "systemctl.log").read_text()
        assert not (tmp_path / "systemd-run.log").exists()

    def test_a_card_that_does_not_ask_for_it_gets_none(self, boot: Path, tmp_path: Path, disk: Disk) -> None:
        CardFiles(boot).write(Card(node="entrance", settings=CardSettings(), time_server="x"), CLAIM, "2", system="trixie")
        aside(tmp_path, [disk.plug_in, f"sh {boot}/hallware/first-boot.sh"])
        assert (boot / "cmdline.txt").read_text() == LINE

    @pytest.mark.parametrize("word", ["init=/bin/other", "overlayroot=tmpfs"])
    def test_somebody_elses_start_is_not_taken_away(self, boot: Path, tmp_path: Path, disk: Disk, word: str) -> None:
        (boot / "cmdline.txt").write_text(f"{word} {LINE}")
        aside(tmp_path, [disk.plug_in, f"sh {boot}/hallware/first-boot.sh"])
        assert (boot / "cmdline.txt").read_text() == f"{word} {LINE}"
        assert f"has {word} already" in log_of(boot)

    def test_what_bookworms_script_cuts_off_behind_it_leaves_it_there(self, boot: Path, tmp_path: Path, disk: Disk) -> None:
        CardFiles(boot).write(CARD, CLAIM, "2", system="bookworm")
        cut = next(line for line in (boot / "firstrun.sh").read_text().splitlines() if "systemd.run" in line)
        aside(tmp_path, [disk.plug_in, f"sh {boot}/hallware/first-boot.sh", cut.replace("/boot/firmware", str(boot))])
        assert (boot / "cmdline.txt").read_text() == ON + LINE

    def test_switched_off_the_line_is_as_it_was(self, boot: Path, tmp_path: Path, disk: Disk) -> None:
        aside(tmp_path, [disk.plug_in, f"sh {boot}/hallware/first-boot.sh", f"sh {SCRIPT} off {boot}"])
        assert (boot / "cmdline.txt").read_text() == LINE


def test_a_card_that_did_not_keep_the_wish_is_named(boot: Path) -> None:
    CardFiles(boot).check(CARD, CLAIM)
    (boot / "hallware/overlay").unlink()
    with pytest.raises(BadCard, match="overlay"):
        CardFiles(boot).check(CARD, CLAIM)


OVERLAID = "overlay / overlay rw,relatime,lowerdir=/ 0 0"
DISK = "\n/dev/sda1 {} ext4 rw 0 0"
KEPT = "".join(DISK.format(folder) for folder in ("/etc/hallware", "/opt/hallware"))


@pytest.mark.parametrize(
    ("cmdline", "mounts", "asked", "how"),
    [
        (LINE, "/dev/mmcblk0p2 / ext4 rw 0 0", False, How.UNKNOWN),
        (LINE, "/dev/mmcblk0p2 / ext4 rw 0 0", True, How.LOOK),
        (ON + LINE, "/dev/mmcblk0p2 / ext4 rw 0 0", True, How.ILL),
        (ON + LINE, OVERLAID + KEPT, True, How.WELL),
        (ON + LINE, OVERLAID + DISK.format("/opt/hallware"), True, How.ILL),
        ("overlayroot=tmpfs " + LINE, OVERLAID + KEPT.replace(" ext4 ", " overlay "), False, How.ILL),
    ],
)
def test_the_doctor_tells_whether_it_is_in_force_and_what_it_would_cost(
    tmp_path: Path, cmdline: str, mounts: str, asked: bool, how: How
) -> None:
    place(tmp_path, "proc/cmdline", cmdline)
    place(tmp_path, "proc/mounts", mounts)
    if asked:
        place(tmp_path, "boot/firmware/hallware/overlay", "")
    finding = of(list(examine(tmp_path, tmp_path, NOW)), "overlay")
    assert finding.how is how
    assert (finding.touch is not None) is (how in (How.ILL, How.LOOK))
