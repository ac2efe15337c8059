"""A boot card says the same in the words of each first-boot system, and what was written is read back."""

import json
import subprocess
import tomllib
from contextlib import nullcontext
from pathlib import Path

import jsonschema
import pytest
import yaml

from contract.enrolment import Identity
from contract.settings import BadSettings, parse
from controller.config import load
from controller.enrolment import EnrolmentBook
from hallware.main import main
from provisioning.card import Card, CardSettings, Wifi, wifi_key
from provisioning.card_files import BadCard, CardFiles
from provisioning.card_scripts import firstrun
from provisioning.claim_file import ClaimFile, load_claim
from tests.trust.test_init import Place
from tests.update.wheels import wheel

SCHEMA = Path("/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json")
"""cloud-init's own, on machines that have it."""

SETTINGS = """
timezone = "Asia/Shanghai"
ssh_keys = ["ssh-ed25519 AAAAC3Nz it's me"]
[wifi]
ssid = "大厅 hall's"
password_file = "{phrase}"
[cable]
address = "192.168.10.21/24"
gateway = "192.168.10.1"
dns = ["192.168.10.1"]
"""


class Within(str):
    """Equal to every text that it stands in."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str(self) in other

    __hash__ = str.__hash__


CLAIM = ClaimFile(hall="centre", name="entrance", token="a" * 26, registrar="192.168.10.5", ca="0" * 64)


def settings(folder: Path) -> CardSettings:
    (folder / "phrase").write_text("open sesame\n")
    return parse(SETTINGS.format(phrase=folder / "phrase"), CardSettings, name="card.toml")


@pytest.fixture
def card(tmp_path: Path) -> Card:
    made = settings(tmp_path)
    assert made.wifi is not None
    return Card(node="entrance", settings=made, time_server="192.168.10.5", wifi_key=wifi_key(made.wifi, "open sesame"))


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    """A boot partition as Bookworm's image has it."""
    folder = tmp_path / "bootfs"
    folder.mkdir()
    (folder / "config.txt").write_text("# For more options see http://rptl.io/configtxt\ndtparam=audio=on\n[cm4]\notg_mode=1\n")
    (folder / "cmdline.txt").write_text("console=serial0,115200 root=PARTUUID=4e639091-02 rootwait quiet\n")
    return folder


def test_the_wifi_key_is_that_of_the_standard() -> None:
    """IEEE 802.11i, annex H.4: passphrase `password`, SSID `IEEE`."""
    wifi = Wifi(ssid="IEEE", password_file=Path("x"))
    assert wifi_key(wifi, "password") == "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"


@pytest.mark.parametrize(("typed", "good"), [("a" * 63, True), ("A" * 64, True), ("g" * 64, False), ("two\nlines of it", False)])
def test_a_key_of_64_digits_is_taken_as_it_is_and_two_lines_are_no_passphrase(typed: str, good: bool) -> None:
    with nullcontext() if good else pytest.raises(ValueError, match="one line of 8 to 63 letters, or a key of 64"):
        assert (wifi_key(Wifi(ssid="IEEE", password_file=Path("x")), typed) == typed.lower()) is (len(typed) == 64)


def test_all_three_formats_say_the_same(card: Card, boot: Path) -> None:
    files = CardFiles(boot)
    files.write(card, CLAIM, "1")
    user, network = (yaml.safe_load((boot / name).read_text()) for name in ("user-data", "network-config"))
    preseed, script = tomllib.loads((boot / "rpi-preseed.toml").read_text()), (boot / "firstrun.sh").read_text()
    (point,) = network["network"]["wifis"]["wlan0"]["access-points"].values()
    (user_,) = user["users"]
    says = {
        "host": (user["hostname"], preseed["system"]["hostname"]),
        "wifi": (point["password"], preseed["wlan"]["password"]),
        "address": (network["network"]["ethernets"]["eth0"]["addresses"][0], preseed["ethernet"]["address"]),
        "time": (user["ntp"]["servers"][0], preseed["time"]["ntp"][0]),
        "locale": (user["locale"], preseed["locale"]["locales"][0]),
        "zone": (user["timezone"], preseed["locale"]["timezone"]),
        "script": (user["runcmd"][0][1], preseed["runcmd"]["late"][0].removeprefix("sh ")),
        "user": (user_["name"], preseed["user"]["name"]),
    }
    for what, (one, other) in says.items():
        assert one == other, what
        assert one in script, what
    assert user_["lock_passwd"] is True
    assert "password" not in preseed["user"]


def test_bookworms_script_is_one_that_shells_read_with_every_odd_name_quoted(card: Card, boot: Path, tmp_path: Path) -> None:
    CardFiles(boot).write(card, CLAIM, "1")
    script = (boot / "firstrun.sh").read_text()
    told = tmp_path / "told"
    custom = tmp_path / "custom"
    custom.write_text(f'#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >> {told}\n')
    custom.chmod(0o755)
    lines = script.replace("/usr/lib/raspberrypi-sys-mods/imager_custom", str(custom)).splitlines()
    ours = [line for line in lines if line.startswith(("custom=", "$custom"))]
    subprocess.run(["sh", "-eu", "-c", "\n".join(ours)], check=True)
    assert "大厅 hall's" in told.read_text().splitlines()
    assert "ssh-ed25519 AAAAC3Nz it's me" in told.read_text().splitlines()


def test_the_passphrase_itself_is_on_no_card(card: Card, boot: Path) -> None:
    CardFiles(boot).write(card, CLAIM, "1")
    assert not [path for path in boot.rglob("*") if path.is_file() and b"open sesame" in path.read_bytes()]


def test_wires_are_switched_on_once_however_often_a_card_is_written(card: Card, boot: Path) -> None:
    for _ in range(3):
        CardFiles(boot).write(card, CLAIM, "1")
    config, cmdline = (boot / "config.txt").read_text(), (boot / "cmdline.txt").read_text()
    assert config.count("dtparam=spi=on") == config.count("[all]") == 1
    assert config.startswith("# For more options")
    assert config.index("[cm4]") < config.index("[all]")
    assert cmdline.count("systemd.run=") == cmdline.count("\n") == 1
    assert cmdline.startswith(
        "console=serial0,115200 root=PARTUUID=4e639091-02 rootwait quiet systemd.run=/boot/firmware/firstrun.sh"
    )


def test_the_kernels_command_line_of_trixie_is_left_alone(card: Card, boot: Path) -> None:
    (boot / "user-data").write_text("#cloud-config\n")
    before = (boot / "cmdline.txt").read_text()
    CardFiles(boot).write(card, CLAIM, "1")
    assert (boot / "cmdline.txt").read_text() == before


def test_every_card_is_a_first_boot_for_cloud_init(card: Card, boot: Path) -> None:
    ids = set()
    for made in ("1", "2"):
        CardFiles(boot).write(card, CLAIM, made)
        ids.add(json.loads((boot / "meta-data").read_text())["instance-id"])
    assert len(ids) == 2


@pytest.mark.skipif(not SCHEMA.exists(), reason="cloud-init is not installed here")
def test_cloud_inits_own_schema_takes_the_user_data(card: Card, boot: Path) -> None:
    CardFiles(boot).write(card, CLAIM, "1")
    jsonschema.validate(yaml.safe_load((boot / "user-data").read_text()), json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("name", ["hallware/os/etc/systemd/system/hallware-node.service", "hallware/wheels/a.whl", "user-data"])
def test_a_file_that_is_not_as_it_was_written_is_found(card: Card, boot: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.whl").write_bytes(b"\xff whole")
    files = CardFiles(boot)
    files.settle(files.write(card, CLAIM, "1", tmp_path))
    files.check(card, CLAIM, tmp_path)
    (boot / name).write_bytes(b"\xff half")
    with pytest.raises(BadCard, match="does not say what was meant"):
        files.check(card, CLAIM, tmp_path)


def test_wheels_take_the_place_of_those_of_an_earlier_version(card: Card, boot: Path, tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    for folder, version in ((before, "0.1"), (now, "0.2")):
        folder.mkdir()
        (folder / f"hallware-{version}-py3-none-any.whl").touch()
        CardFiles(boot).write(card, CLAIM, "1", folder)
    CardFiles(boot).write(card, CLAIM, "1")
    assert [wheel.name for wheel in (boot / "hallware/wheels").iterdir()] == ["hallware-0.2-py3-none-any.whl"]


def test_somebodys_own_lines_in_another_encoding_stay(card: Card, boot: Path) -> None:
    config = boot / "config.txt"
    config.write_bytes(config.read_bytes() + "# 保存\n".encode("gbk"))
    CardFiles(boot).write(card, CLAIM, "1")
    assert "# 保存\n".encode("gbk") in config.read_bytes()
    assert b"dtparam=spi=on" in config.read_bytes()


def test_an_address_of_six_on_the_cable_is_one_for_bookworm_too() -> None:
    cable = '[cable]\naddress = "fd00::21/64"\ngateway = "fd00::1"\ndns = ["192.168.10.1", "fd00::1"]'
    script = firstrun(Card(node="entrance", settings=parse(cable, CardSettings, name="card.toml"), time_server="fd00::5"))
    assert "[ipv6]\nmethod=manual\naddress1=fd00::21/64,fd00::1\ndns=fd00::1;\n" in script


@pytest.mark.parametrize("name", ["user-data", "network-config", "rpi-preseed.toml", "hallware/claim.toml", "firstrun.sh"])
def test_a_file_that_the_card_did_not_keep_is_named(card: Card, boot: Path, name: str) -> None:
    files = CardFiles(boot)
    files.write(card, CLAIM, "1")
    files.check(card, CLAIM)
    text = (boot / name).read_text()
    (boot / name).write_text(text.replace("entrance", "exit").replace("eth0", "eth1") if name != "firstrun.sh" else f"{text}if\n")
    with pytest.raises(BadCard, match=name):
        files.check(card, CLAIM)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[cable]\naddress = "192.168.10.21"\ngateway = "192.168.10.1"', "lacks its length"),
        ('[cable]\naddress = "192.168.10.300/24"\ngateway = "192.168.10.1"', "cable.address"),
        ('[cable]\naddress = "192.168.10.21/24"\ngateway = "192.168.1.1"', "not in the network 192.168.10.0/24"),
        ('[wifi]\nssid = "x"\npassword_file = "y"\ncountry = "cn"', "two capital letters"),
        ('[wifi]\nssid = "办事大厅设备无线网络"\npassword_file = "y"', ""),
        ('[wifi]\nssid = "办事大厅设备专用无线网络"\npassword_file = "y"', "at most 32 bytes"),
        ('[wifi]\nssid = "a\\nb"\npassword_file = "y"', "is no network's name"),
        ('ssh_keys = ["/root/.ssh/id_ed25519.pub"]', "the one line of a public key's file"),
        ('ssh_keys = ["ssh-ed25519 AAAA\\nssh-ed25519 BBBB"]', "the one line"),
        ('time_server = "my clock"', "neither a name nor an address"),
        ('locale = "zh CN"', "a locale's name"),
        ('user = "root"', "an account of the machine's own"),
        ('timezone = "Asia/Bejing"', "no time zone"),
        ('user = "Hall User"', "user"),
    ],
)
def test_a_mistake_in_card_toml_is_named(text: str, says: str) -> None:
    with pytest.raises(BadSettings, match=says) if says else nullcontext():
        parse(text, CardSettings, name="card.toml")


def test_the_command_makes_a_card_with_a_fresh_token_and_says_what_to_do(
    tmp_path: Path, boot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path)
    place.run("--answers", place.answers())
    hall, settings = place.etc / "hall.toml", tmp_path / "card.toml"
    hall.write_text(hall.read_text().replace("Asia/Shanghai", "Asia/Urumqi"))
    settings.write_text('keyboard = "us"\n')
    words = ["provision", "card", "entrance", "--hall", str(hall), "--into", str(boot), "--settings", str(settings), "--qr"]
    assert main(words) == 0
    assert yaml.safe_load((boot / "user-data").read_text())["timezone"] == "Asia/Urumqi"
    first = load_claim(boot / "hallware" / "claim.toml")
    said = capsys.readouterr()
    assert "approve the machine whose lamp blinks" in said.out
    assert "not enough for an installation without internet" in said.err
    assert "lacks wheels" in said.err
    assert first.token not in said.out + said.err
    assert main(words) == 0
    assert load_claim(boot / "hallware" / "claim.toml").token != first.token


def test_the_command_refuses_what_is_not_planned_and_warns_of_another_drive(
    tmp_path: Path, boot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, other = Place(tmp_path), tmp_path / "stick"
    place.run("--answers", place.answers())
    (other / "etc").mkdir(parents=True)

    def said(node: str, into: Path, *more: str) -> tuple[int, str]:
        code = main(["provision", "card", node, "--hall", str(place.etc / "hall.toml"), "--into", str(into), *more])
        return code, capsys.readouterr().err

    assert said("nobody", boot) == (2, Within("known are entrance, boards"))
    assert said("entrance", boot, "--wheels", str(other)) == (2, Within("there are no wheels"))
    assert said("entrance", other) == (0, Within("is no boot partition (there is no cmdline.txt)"))
    (other / "etc/os-release").touch()
    assert said("entrance", other) == (2, Within("take the card's other one, which is called bootfs"))


def test_a_card_that_could_not_be_written_changes_nothing(tmp_path: Path, boot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The node that is to be swapped stays in, and the card before stays good."""
    place = Place(tmp_path)
    place.run("--answers", place.answers())
    hall = load(place.etc / "hall.toml")
    with EnrolmentBook.open(hall.store, hall.hall.id) as book:
        book.invite("entrance", Identity.NODE, "test")
    (boot / "hallware").write_text("a file where a folder should be")
    words = ["provision", "card", "entrance", "--hall", str(place.etc / "hall.toml"), "--into", str(boot), "--swap"]
    assert main(words) == 2
    assert "the cards made before are good as before" in capsys.readouterr().err
    with EnrolmentBook.open(hall.store, hall.hall.id) as book:
        assert [what for _, _, what, _ in book.events()] == ["invited"]


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        ("controller", "controller", 0),
        ("controller-2", "controller", 2),
        ("dispatch", "dispatch", 0),
        ("entrance", "viewer", 2),
        ("wall", "viewer", 0),
        ("观众", "viewer", 2),
    ],
)
def test_a_machine_that_is_no_node_gets_a_claim_if_the_hall_plans_it(tmp_path: Path, name: str, role: str, code: int) -> None:
    place = Place(tmp_path)
    place.run("--answers", place.answers())
    words = ["provision", "claim", name, "--role", role, "--hall", str(place.etc / "hall.toml")]
    assert main([*words, "--into", str(tmp_path / "claim.toml")]) == code
    assert (tmp_path / "claim.toml").exists() is (code == 0)


def test_a_card_says_which_wheels_a_node_would_lack(tmp_path: Path) -> None:
    wheels = tmp_path / "hallware" / "wheels"
    wheel(wheels, "pip", "1.0", {})
    wheel(wheels, "hallware", "1.0", {}, requires=("h11>=1", "spidev; platform_machine == 'aarch64'"))
    wheel(wheels, "spidev", "3.8", {}, tag="cp311-cp311-linux_aarch64")
    assert "h11, for hallware" in CardFiles(tmp_path).missing_wheels()
    wheel(wheels, "h11", "1.2", {})
    assert CardFiles(tmp_path).missing_wheels() == ""
    assert "spidev, for hallware: trixie" in CardFiles(tmp_path).missing_wheels("trixie")
    (tmp_path / "cmdline.txt").write_text("root=/dev/mmcblk0p2 ds=nocloud\n")
    assert "spidev, for hallware: trixie" in CardFiles(tmp_path).missing_wheels()


def test_no_service_of_a_node_starts_before_the_disk_is_there_on_which_its_files_may_be() -> None:
    units = Path(__file__).parents[2] / "provisioning/os/etc/systemd/system"
    texts = {unit.name: unit.read_text(encoding="utf-8") for unit in units.glob("*.service") if "touch" not in unit.name}
    assert len(texts) == 6
    for name, text in texts.items():
        waits = next((line for line in text.splitlines() if line.startswith("RequiresMountsFor=")), "")
        for folder in ("/opt/hallware", "/etc/hallware"):
            assert (folder in text.replace(waits, "")) <= (folder in waits), f"{name} needs {folder}"
