"""`hallware init` sets up a hall's machine, may be run again, and the real Mosquitto and systemd take what it writes."""

import os
import pwd
import re
import shutil
import ssl
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import tomli_w
from cryptography import x509

from broker_config.process import MosquittoProcess, free_port
from controller.config import load
from hallware.main import main
from link.connection import Credentials, connection
from provisioning.ca import new_key
from provisioning.ca_folder import CaFolder
from provisioning.files import write
from provisioning.pem import private_pem
from provisioning.plan import Folders, node_files
from provisioning.registrar import broker_of_nodes
from provisioning.setup import SERVER_DUE, Setup, answered
from provisioning.units import Machine
from tests.trust.test_installed import program


@dataclass
class Place:
    """Where a test's machine lies."""

    root: Path

    def run(self, *more: str) -> int:
        folders = ["--etc", str(self.etc), "--data", str(self.root / "data"), "--systemd", str(self.units)]
        return main(["init", *folders, *more])

    def answers(self, **other: object) -> str:
        """An answers file with free ports."""
        given = {
            "id": "centre", "name": {"zh": "市民中心", "en": 'The "Centre"'}, "host": "127.0.0.1", "broker_port": free_port(),
            "enrolment_port": free_port(), "loopback_port": free_port(),
        }  # fmt: skip
        path = self.root / "answers.toml"
        path.write_text(tomli_w.dumps(given | other), encoding="utf-8")
        return str(path)

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def units(self) -> Path:
        return self.root / "systemd"

    def files(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.etc.rglob("*") if path.is_file()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_hall_toml_is_valid_with_all_its_comments_and_its_plan_makes_nodes(place: Place) -> None:
    assert place.run("--answers", place.answers()) == 0
    hall = load(place.etc / "hall.toml")
    assert (hall.hall.id, hall.hall.name.en) == ("centre", 'The "Centre"')
    assert node_files(hall, broker_of_nodes(hall), Folders()).keys() == {"entrance", "boards"}
    comments = [line for line in (place.etc / "hall.toml").read_text().splitlines() if line.startswith("#")]
    assert len(comments) > 12
    assert not re.search("@[a-z_]+@", (place.etc / "hall.toml").read_text())


def test_odd_names_and_an_address_of_six_stand_in_hall_toml_as_they_were_said(place: Place) -> None:
    names = {"zh": '"大厅"\\n/🎉\n@host@', "en": "a\tb'\x7f"}
    assert place.run("--answers", place.answers(name=names, host="fd00::5")) == 0
    hall = load(place.etc / "hall.toml")
    assert {"zh": hall.hall.name.zh, "en": hall.hall.name.en} == names
    assert hall.http.public_url == "http://[fd00::5]:8080"
    assert "fd00::5" in named_in(place.etc / "broker" / "broker.crt")


def named_in(path: Path) -> list[str]:
    """The hosts of a server's certificate."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return [str(name.value) for name in certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value]


def test_a_run_that_was_cut_short_begins_anew_and_forgets_no_wish(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A CA that a passphrase was to open must not be opened by a file because the first one was too short."""
    phrase = place.root / "phrase"
    write(phrase, "short\n", 0o600)
    wish = {"ca_opens": "passphrase", "passphrase_file": str(phrase)}
    assert place.run("--answers", place.answers(**wish)) == 2
    assert "too short" in capsys.readouterr().err
    assert not (place.etc / "hall.toml").exists()
    write(phrase, "a long and silly phrase\n", 0o600)
    place.units.write_text("a file where a folder should be")
    assert place.run("--answers", place.answers(**wish)) == 2
    assert "then run this again" in capsys.readouterr().err
    place.units.unlink()
    assert place.run("--answers", place.answers(**wish | {"id": "other"})) == 2
    assert "there is the CA of hall `centre`" in capsys.readouterr().err
    assert place.run("--answers", place.answers(**wish)) == 0
    assert CaFolder(place.etc / "trust").opened_by == "passphrase"


def test_hall_toml_prevails_over_other_answers_and_certificates_keep_their_further_names(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.run("--answers", place.answers(also=["hall.example"]))
    assert place.run("--answers", place.answers(host="192.0.2.7", also=["desk.example"])) == 0
    assert "is kept, and says another host" in capsys.readouterr().err
    assert {"127.0.0.1", "hall.example", "desk.example"} <= {*named_in(place.etc / "broker" / "broker.crt")}
    assert "192.0.2.7" not in (place.etc / "broker" / "mosquitto.conf").read_text()


def test_a_certificate_whose_key_is_another_is_made_anew(place: Place) -> None:
    """A renewal writes the key first; cut short then, the broker would not start with the two."""
    place.run("--answers", place.answers())
    write(place.etc / "broker" / "broker.key", private_pem(new_key()), 0o600)
    assert place.run() == 0
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(place.etc / "broker/broker.crt", place.etc / "broker/broker.key")


def test_what_another_ca_had_signed_is_made_anew_and_a_password_that_nobody_has_any_more_goes(place: Place) -> None:
    place.run("--answers", place.answers())
    hall = place.etc / "hall.toml"
    hall.write_text(hall.read_text().replace('dispatcher = ["dispatch"]', "dispatcher = []"))
    shutil.rmtree(place.etc / "trust")
    assert place.run() == 0
    ca = CaFolder(place.etc / "trust").read_certificate()
    for name in ("broker", "registrar"):
        x509.load_pem_x509_certificate((place.etc / name / f"{name}.crt").read_bytes()).verify_directly_issued_by(ca)
    assert "dispatch:" not in (place.etc / "broker" / "passwords").read_text()


def test_a_second_run_keeps_everything_and_says_so(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.run("--answers", place.answers())
    before = place.files()
    capsys.readouterr()
    assert place.run() == 0
    assert place.files() == before
    said = capsys.readouterr().out
    assert "made" not in said
    assert said.count("kept") >= 15


def test_the_commands_at_the_end_can_be_copied_from_a_narrow_terminal(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    place.run("--answers", place.answers())
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "systemctl enable --now mosquitto hallware-broker-reload.path hallware-registrar hallware-controller" in lines


@pytest.mark.parametrize("words", ["nodes HALL list", "provision card boards --hall HALL --into CARD"])
def test_a_database_that_lets_nobody_in_is_said_with_what_to_do(
    place: Place, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    place.run("--answers", place.answers())
    shutil.rmtree(place.root / "data")
    capsys.readouterr()
    there = {"HALL": str(place.etc / "hall.toml"), "CARD": str(place.root)}
    assert main([there.get(word, word) for word in words.split()]) == 2
    assert "run this with sudo" in capsys.readouterr().err


def test_what_is_missing_is_made_again_and_what_is_ours_is_never_overwritten(place: Place) -> None:
    place.run("--answers", place.answers())
    hall = place.etc / "hall.toml"
    hall.write_text(hall.read_text().replace('dispatcher = ["dispatch"]', 'dispatcher = ["dispatch", "desk-2"]'))
    (place.etc / "broker" / "access").unlink()
    before = place.files()
    assert place.run() == 0
    after = place.files()
    assert "user desk-2" in after[place.etc / "broker" / "access"].decode()
    assert b"desk-2:" in after[place.etc / "broker" / "passwords"]
    assert (place.etc / "people" / "desk-2.password").stat().st_mode & 0o777 == 0o600
    kept = [path for path in before if path.suffix in (".key", ".crt", ".password", ".toml")]
    assert all(after[path] == before[path] for path in kept)


def test_a_server_certificate_is_renewed_in_its_last_year_and_when_the_machine_moves(place: Place) -> None:
    place.run("--answers", place.answers())
    hall = load(place.etc / "hall.toml")
    earlier = answered(hall)
    assert earlier is not None
    path = place.etc / "broker" / "broker.crt"
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    machine = Machine(place.etc, place.root / "data")
    for at, did in ((ends - SERVER_DUE - timedelta(days=1), "kept"), (ends - SERVER_DUE + timedelta(days=1), "renewed")):
        setup = Setup(machine, place.units, earlier, at)
        setup.run()
        assert (path, did) in setup.did
    hall_toml = place.etc / "hall.toml"
    hall_toml.write_text(hall_toml.read_text().replace('host = "127.0.0.1" # this', 'host = "192.0.2.7" # this'))
    place.run()
    assert "192.0.2.7" in named_in(path)


def test_a_passphrase_opens_the_ca_when_that_was_wanted(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    phrase = place.root / "phrase"
    write(phrase, "a long and silly phrase\n", 0o600)
    assert place.run("--answers", place.answers(ca_opens="passphrase", passphrase_file=str(phrase))) == 0
    assert CaFolder(place.etc / "trust").open(lambda: "a long and silly phrase").hall == "centre"
    assert "silly" not in "".join(text.decode(errors="replace") for text in place.files().values())
    said = capsys.readouterr().out
    assert "silly" not in said
    assert "mosquitto hallware-broker-reload.path hallware-controller\n" in said, "systemd can type nothing"
    assert f"registrar {place.etc / 'hall.toml'}  # asks for the passphrase" in said


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"id": "Centre!"}, "answers.toml: `id`"), ({"hots": "x"}, "hots"), ({"ca_opens": "passphrase"}, "nobody to ask"),
        ({"ca_opens": "passphrase", "passphrase_file": "/none"}, "/none: there is no such file"),
        ({"host": "大厅"}, "`host`: '大厅' is neither a name nor an address"), ({"host": "http://hall/"}, "neither a name nor"),
        ({"host": "192.168.10"}, "neither a name nor"), ({"host": "192.168.10.5:8883"}, "neither a name nor"),
        ({"also": ["my hall"]}, "`also`: 'my hall' is neither"), ({"broker_port": 8080}, "port `8080` is used more than once"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_named(place: Place, capsys: pytest.CaptureFixture[str], wrong: dict[str, object], says: str) -> None:
    assert place.run("--answers", place.answers(**wrong)) == 2
    assert says in capsys.readouterr().err


def test_what_is_secret_is_for_its_owner_alone(place: Place) -> None:
    place.run("--answers", place.answers())
    secret = [path for path in place.files() if path.suffix in (".key", ".password", ".passphrase") or path.name == "passwords"]
    assert len(secret) == 11
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}


async def test_mosquitto_runs_on_what_is_written_and_the_controller_gets_in(place: Place) -> None:
    place.run("--answers", place.answers())
    hall = load(place.etc / "hall.toml")
    text = (place.etc / "broker" / "mosquitto.conf").read_text()
    mine = text.replace("/var/lib/mosquitto/", f"{place.root}/") + f"user {pwd.getpwuid(os.geteuid()).pw_name}\n"
    async with MosquittoProcess(folder=place.root, port=hall.broker.port, configure=lambda _: mine) as broker:
        async with connection(
            hall.broker, Credentials(hall.broker), "controller-centre", "centre", None, lambda _: None
        ) as client:
            await client.publish("hall/v1/centre/call", b"x", qos=1)
        # This broker is run by whoever tests, who need not be the account that the files are for.
        known = ("should not be run as root", "does not contain '%c' or '%u'", "owner is not", "group is not")
        wrong = [line for line in broker.log.splitlines() if "Warning" in line or "Error" in line]
        assert not [line for line in wrong if not any(words in line for words in known)]


@pytest.mark.parametrize("says", ["2.0.11", "2.1.2"])
def test_the_brokers_form_is_that_of_the_installed_one_also_the_second_time(
    place: Place, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a hall is run again after its system got a newer Mosquitto, its configuration follows."""
    monkeypatch.setenv("PATH", f"{program(place.root, f'mosquitto version {says}').parent}:{os.environ['PATH']}")
    for words in (["--answers", place.answers()], ["--yes"]):
        assert place.run(*words) == 0
        assert f"for Mosquitto {says[:3]}" in (place.etc / "broker" / "mosquitto.conf").read_text()


@pytest.mark.parametrize(("lang", "asks"), [("zh_CN.UTF-8", "大厅中文名称"), ("en_GB.UTF-8", "name of the hall in Chinese")])
def test_it_asks_in_the_language_of_the_terminal_and_an_empty_answer_is_the_default(place: Place, lang: str, asks: str) -> None:
    folders = ["--etc", str(place.etc), "--data", str(place.root / "data"), "--systemd", str(place.units)]
    ran = subprocess.run(
        [sys.executable, "-m", "hallware.main", "init", *folders], input="west-hall\n\nWest Hall\n192.0.2.9\n\n", text=True,
        capture_output=True, check=False, env=os.environ | {"LC_ALL": lang, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert asks in ran.stdout
    hall = load(place.etc / "hall.toml")
    assert hall.trust is not None
    assert (hall.hall.id, hall.hall.name.zh, hall.hall.name.en) == ("west-hall", "政务服务中心", "West Hall")
    assert hall.trust.host == "192.0.2.9"


def test_without_anybody_to_ask_it_says_how_to_answer(place: Place) -> None:
    words = [sys.executable, "-m", "hallware.main", "init", "--etc", str(place.etc), "--systemd", str(place.units)]
    ran = subprocess.run(words, stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False)
    assert ran.returncode == 2
    assert "say --yes for the defaults" in ran.stderr
    assert not place.etc.exists()


def test_no_number_of_revocations_makes_systemd_give_up_watching_the_list(place: Place) -> None:
    """With a start limit it does at the sixth within ten seconds: `unit-start-limit-hit`, seen in a machine with systemd 252."""
    place.run("--answers", place.answers())
    unit = (place.units / "hallware-broker-reload.service").read_text(encoding="utf-8")
    assert "StartLimitIntervalSec=0" in unit[: unit.index("[Service]")]


def test_the_brokers_unit_guards_its_database_and_allows_a_file_for_every_node(place: Place) -> None:
    place.run("--answers", place.answers())
    text = (place.units / "mosquitto.service.d" / "hallware.conf").read_text()
    assert "broker-guard" in text
    assert "LimitNOFILE=" in text
    assert text.count("[Service]") == 1
    assert f"-c {place.etc}/broker/mosquitto.conf" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_in_the_units_and_little_exposed(place: Place) -> None:
    place.run("--answers", place.answers())
    (place.units / "mosquitto.service").write_text("[Service]\nExecStart=/usr/sbin/mosquitto\n")
    for name in ("hallware-controller.service", "hallware-registrar.service", "hallware-broker-reload.path"):
        ran = subprocess.run(["systemd-analyze", "verify", place.units / name], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, ""), name
    for name in ("hallware-controller.service", "hallware-registrar.service"):
        words = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(place.units / name)]
        assert subprocess.run(words, capture_output=True, check=False).returncode == 0, name
