"""Facts that lie in memory alone are found before the power fails, whatever is mounted over what."""

from pathlib import Path

import pytest

from provisioning.doctor_data import data_finding
from provisioning.finding import How

DATA = Path("/var/lib/hallware")
ROOT = "/dev/mmcblk0p2 / ext4 rw,noatime 0 0\n"
OVERLAY = "overlayroot / overlay rw,relatime,lowerdir=/media/root-ro 0 0\n"


@pytest.mark.parametrize(
    ("mounts", "how"),
    [
        (ROOT, How.WELL),
        (OVERLAY, How.ILL),
        (ROOT + OVERLAY, How.ILL),
        (OVERLAY + "/dev/sda1 /var/lib/hallware ext4 rw 0 0\n", How.WELL),
        (OVERLAY + "/dev/sda1 /var/lib ext4 rw 0 0\n", How.WELL),
        (OVERLAY + "/dev/sda1 /var/lib/hallware-old ext4 rw 0 0\n", How.ILL),
        (ROOT + "tmpfs /var/lib/hallware tmpfs rw 0 0\n", How.ILL),
        (ROOT.replace("rw,", "ro,"), How.ILL),
        (ROOT.replace("rw,", "rw,errors=remount-ro,"), How.WELL),
        ("", How.UNKNOWN),
        ("nonsense\n\n/ / \n", How.UNKNOWN),
    ],
)
def test_where_the_data_lies(mounts: str, how: How) -> None:
    finding = data_finding(DATA, mounts)
    assert finding.how is how, finding
    assert (finding.touch is not None) == (how is How.ILL)
