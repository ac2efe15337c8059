"""`hallware init` writes the form of configuration for the Mosquitto that is there, and finds its plug-ins."""

from pathlib import Path

import pytest

from broker_config.hall import Form
from broker_config.installed import PLUGIN, form_of, plugins_of


def program(folder: Path, says: str) -> Path:
    """A program that says a version, as Mosquitto does when it is asked for help."""
    binary = folder / "usr/sbin/mosquitto"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    binary.chmod(0o755)
    return binary


@pytest.mark.parametrize(
    ("says", "form"),
    [
        ("mosquitto version 2.0.11", Form.V2_0),
        ("mosquitto version 2.1.2", Form.V2_1),
        ("mosquitto version 3.0.0", Form.V2_1),
        ("not what anybody expects", Form.V2_0),
    ],
)
def test_the_form_follows_the_version(tmp_path: Path, says: str, form: Form) -> None:
    assert form_of(program(tmp_path, says)) is form


def test_where_there_is_no_mosquitto_the_form_is_that_of_debian_12(tmp_path: Path) -> None:
    assert form_of(tmp_path / "usr/sbin/mosquitto") is Form.V2_0


@pytest.mark.parametrize("place", ["lib/aarch64-linux-gnu/mosquitto", "lib/mosquitto", "lib/x86_64-linux-gnu", "lib"])
def test_plug_ins_are_found_where_the_package_has_them(tmp_path: Path, place: str) -> None:
    binary = program(tmp_path, "mosquitto version 2.1.2")
    folder = tmp_path / "usr" / place
    folder.mkdir(parents=True)
    (folder / PLUGIN).touch()
    assert plugins_of(binary) == folder
