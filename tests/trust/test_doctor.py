"""The doctor finds what is wrong, says what to touch, and never pushes a running node off the line."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from contract.settings import parse
from firmware.config import NodeConfig
from hallware.main import main
from link.link import Link
from provisioning.doctor_hall import database_finding
from provisioning.doctor_machine import examine
from provisioning.doctor_trust import broker_finding, certificate_finding
from provisioning.doctor_wires import examine_wires
from provisioning.finding import Finding, How
from tests.broker import HALL
from tests.runtime.waiting import until
from tests.trust.stage import NODE, TrustedHall
from tests.trust.test_init import Place

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SICK: tuple[tuple[str, str, str, How], ...] = (
    ("power", "sys/devices/platform/soc/soc:firmware/get_throttled", "50005", How.ILL),
    ("power", "sys/devices/platform/soc/soc:firmware/get_throttled", "50000", How.LOOK),
    ("power", "sys/devices/platform/soc/soc:firmware/get_throttled", "0", How.WELL),
    ("clock", "run/systemd/timesync/synchronized", "", How.WELL),
    ("clock", "elsewhere", "", How.LOOK),
    ("wear", "sys/block/mmcblk0/device/life_time", "0x09 0x03", How.LOOK),
    ("wear", "sys/block/mmcblk0/device/life_time", "0x01 0x02", How.WELL),
    ("overlay", "proc/cmdline", "root=/dev/mmcblk0p2 overlayroot=tmpfs", How.ILL),
    ("watchdog", "sys/class/watchdog/watchdog0/state", "inactive", How.ILL),
    ("watchdog", "sys/class/watchdog/watchdog0/state", "active", How.WELL),
    ("watchdog", "elsewhere", "", How.UNKNOWN),
)


def place(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def of(found: list[Finding], name: str) -> Finding:
    return next(finding for finding in found if finding.name == name)


@pytest.mark.parametrize(("name", "file", "text", "how"), SICK)
def test_what_the_kernel_tells_is_read(tmp_path: Path, name: str, file: str, text: str, how: How) -> None:
    place(tmp_path, file, text)
    finding = of(list(examine(tmp_path, tmp_path, NOW)), name)
    assert finding.how is how
    assert (finding.touch is not None) is (how in (How.ILL, How.LOOK))


def test_a_clock_before_this_version_is_lost(tmp_path: Path) -> None:
    assert of(list(examine(tmp_path, tmp_path, datetime(1970, 1, 2, tzinfo=UTC))), "clock").how is How.ILL


def test_a_missing_data_folder_is_named(tmp_path: Path) -> None:
    finding = of(list(examine(tmp_path, tmp_path / "gone", NOW)), "space")
    assert finding.how is How.ILL
    assert "gone" in finding.what.en


def test_every_wire_of_the_node_is_looked_for_once(tmp_path: Path) -> None:
    config = parse(
        '[node]\nid = "n"\nhall = "centre"\n'
        '[[device]]\nkind = "board"\nid = "main"\nwire = "/dev/spidev0.0"\nwidth = 128\nlayout = "calls"\n'
        '[[device]]\nkind = "kiosk"\nid = "kiosk-1"\nprinter = { wire = "/dev/usb/lp0" }\nkeys = [{ line = 4, service = "a" }]\n',
        NodeConfig, name="node.toml",
    )  # fmt: skip
    place(tmp_path, "dev/spidev0.0", "")
    found = {finding.name: finding.how for finding in examine_wires(config, tmp_path)}
    assert found == {"wire of main": How.WELL, "wire of kiosk-1": How.ILL, "gpio": How.ILL}


@pytest.mark.parametrize(("days", "how"), [(400, How.ILL), (300, How.WELL), (30, How.LOOK), (-2, How.ILL)])
async def test_a_certificates_life_is_told(hall: TrustedHall, days: int, how: How) -> None:
    hall.certify(NODE)
    at = datetime.now(UTC) + timedelta(days=365 - days)
    assert certificate_finding("certificate", hall.folder / f"{NODE}.crt", at).how is how


def _revoked(hall: TrustedHall, name: str) -> None:
    hall.certify(name)
    hall.list_revoked(name)


OUT: tuple[tuple[str, Callable[[TrustedHall, str], None], str], ...] = (
    ("revoked", _revoked, "was revoked"),
    ("expired", TrustedHall.expired, "has expired"),
)


@pytest.mark.parametrize(("who", "arrange", "says"), OUT, ids=[row[0] for row in OUT])
async def test_a_broker_that_refuses_says_why(
    hall: TrustedHall, who: str, arrange: Callable[[TrustedHall, str], None], says: str
) -> None:
    arrange(hall, NODE)
    await until(lambda: "Reloading config" in hall.broker.log or not hall.revoked)
    finding = broker_finding(hall.shown(NODE))
    assert finding.how is How.ILL
    assert says in finding.what.en
    assert "本机证书已" in finding.what.zh
    assert finding.touch is not None
    assert "cable" not in finding.touch.en, "it is not the way there that is wrong"


async def test_a_node_that_runs_is_not_pushed_off_the_line(hall: TrustedHall) -> None:
    async with Link(hall.node(), NODE, HALL) as link:
        await link.wait_up(5)
        assert broker_finding(hall.node()).how is How.WELL
        assert link.up.value
    assert "already connected" not in hall.broker.log


async def test_a_broker_that_is_not_there_is_ill(hall: TrustedHall) -> None:
    finding = broker_finding(msgspec.structs.replace(hall.node(), port=9))
    assert (finding.how, finding.touch and "restart mosquitto" in finding.touch.en) == (How.ILL, True)


def test_the_halls_machine_is_examined_too_and_the_findings_are_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hall = Place(tmp_path)
    hall.run("--answers", hall.answers())
    capsys.readouterr()
    assert main(["doctor", str(hall.etc / "hall.toml"), "--json", "--root", str(tmp_path)]) == 1  # no broker runs
    found = {row["name"]: row["how"] for row in json.loads(capsys.readouterr().out)}
    assert (found["settings"], found["CA"], found["list of the revoked"], found["broker"]) == ("well", "well", "well", "ill")
    assert [how for name, how in found.items() if name.startswith("door")] == ["unknown", "unknown"], "nobody was there to refuse"
    assert (found["database"], found["enrolment"], found["registrar"]) == ("look", "ill", "well")


def test_a_database_that_is_none_is_ill_and_says_so_to_whoever_lists_nodes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hall = Place(tmp_path)
    hall.run("--answers", hall.answers())
    (tmp_path / "data/hall.db").write_bytes(b"no database" * 999)
    finding = database_finding(f"sqlite:///{tmp_path}/data/hall.db")
    assert (finding.how, finding.touch and "hallware restore" in finding.touch.en) == (How.ILL, True)
    assert main(["nodes", str(hall.etc / "hall.toml"), "list"]) == 2
    assert "put a backup in its place" in capsys.readouterr().err


def test_without_the_ca_every_finding_says_what_to_bring_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hall = Place(tmp_path)
    hall.run("--answers", hall.answers())
    shutil.rmtree(hall.etc / "trust")
    capsys.readouterr()
    main(["doctor", str(hall.etc / "hall.toml"), "--json", "--root", str(tmp_path)])
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert "from its backup" in found["CA"]["touch"]["en"]
    assert found["settings"]["how"] == "well"


def test_a_broken_file_is_a_finding_and_not_a_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "node.toml").write_text('[node]\nid = "n"\n')
    assert main(["doctor", str(tmp_path / "node.toml")]) == 1
    assert "settings" in capsys.readouterr().out
