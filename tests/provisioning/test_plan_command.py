"""`hallware plan` writes what nodes and broker need, and may be run again."""

from importlib.resources import files
from pathlib import Path

import pytest

from firmware.config import load
from hallware.main import main
from provisioning.units import Machine, units

HALL = str(files("hallware.demo") / "hall.toml")


def plan(folder: Path) -> int:
    return main(["plan", HALL, "--into", str(folder), "--broker", "192.0.2.5:1884"])


def test_every_planned_node_gets_a_file_that_its_node_can_read(tmp_path: Path) -> None:
    assert plan(tmp_path) == 0
    nodes = sorted((tmp_path / "nodes").iterdir())
    assert [load(path).node.id for path in nodes] == [path.stem for path in nodes]
    assert {(load(path).broker.host, load(path).broker.port) for path in nodes} == {("192.0.2.5", 1884)}


def test_a_second_run_keeps_the_passwords(tmp_path: Path) -> None:
    plan(tmp_path)
    before = {path.name: path.read_text() for path in (tmp_path / "passwords").iterdir()}
    plan(tmp_path)
    assert {path.name: path.read_text() for path in (tmp_path / "passwords").iterdir()} == before
    assert len(set(before.values())) == len(before)


def test_passwords_are_for_their_owner_alone(tmp_path: Path) -> None:
    plan(tmp_path)
    secret = [*(tmp_path / "passwords").iterdir(), tmp_path / "broker" / "passwords"]
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert plan(tmp_path / "file") == 2
    assert f"{tmp_path / 'file'}" in capsys.readouterr().err


def test_systemd_guards_the_broker_and_gives_it_sockets_for_a_thousand_nodes(tmp_path: Path) -> None:
    plan(tmp_path)
    written = (tmp_path / "broker" / "hallware.conf").read_text(encoding="utf-8")
    for unit in (written, units(Machine())["mosquitto.service.d/hallware.conf"]):
        service = unit.partition("[Service]\n")[2].splitlines()
        assert "ExecStartPre=-/opt/hallware/bin/hallware broker-guard" in service
        assert "LimitNOFILE=16384" in service
    assert main(["broker-guard", str(tmp_path / "none.db")]) == 0
