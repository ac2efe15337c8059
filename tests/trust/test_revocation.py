"""The list of the revoked renews itself, and whoever lets it grow old is told long before it shuts everybody out."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from controller.config_machine import Trust
from controller.enrolment import EnrolmentBook
from hallware.main import main
from provisioning.ca import CRL_LIFE, HallCa
from provisioning.ca_folder import CaFolder
from provisioning.files import write
from provisioning.revocation import FRESH, WARN, Revocation, read_list
from tests.trust.registry import Clock
from tests.trust.stage import now
from tests.trust.test_init import Place


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def revocation(tmp_path: Path, clock: Clock) -> Revocation:
    folder = CaFolder(tmp_path / "trust")
    ca = folder.make("centre", now())
    trust = Trust(host="192.0.2.5", ca=folder.path, reload=("touch", str(tmp_path / "reloaded")))
    return Revocation(ca, EnrolmentBook.open("sqlite://", "centre", clock), trust, clock)


def ends(revocation: Revocation) -> timedelta:
    listed = read_list(CaFolder(revocation.trust.ca))
    assert listed is not None
    assert listed.next_update_utc is not None
    return listed.next_update_utc - revocation.clock()


def test_a_list_is_renewed_every_day_and_the_broker_told(revocation: Revocation, clock: Clock, tmp_path: Path) -> None:
    assert revocation.write_if_needed() == []
    assert not (tmp_path / "reloaded").exists()
    clock.skip(seconds=FRESH.total_seconds() + 1)
    revocation.write_if_needed()
    assert (tmp_path / "reloaded").exists()
    assert ends(revocation) > CRL_LIFE - timedelta(minutes=1)


def test_a_lost_list_is_written_again(revocation: Revocation) -> None:
    CaFolder(revocation.trust.ca).revoked.unlink()
    revocation.write_if_needed()
    assert ends(revocation) > CRL_LIFE - timedelta(minutes=1)


def test_a_list_that_nobody_renewed_for_long_is_said(
    revocation: Revocation, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.skip(seconds=(CRL_LIFE - WARN).total_seconds() + 60)
    revocation.write_if_needed()
    assert "was no registrar running?" in caplog.text


def test_a_broker_that_cannot_be_told_is_said(revocation: Revocation, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    broken = Trust(host="192.0.2.5", ca=revocation.trust.ca, reload=("/no/such/program",))
    clock.skip(days=2)
    Revocation(revocation.ca, revocation.book, broken, clock).write_if_needed()
    assert "the broker does not know the new list: `/no/such/program` fails" in caplog.text


def test_the_fleets_list_warns_of_a_list_that_ends_soon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = Place(tmp_path)
    place.run("--answers", place.answers())
    words = ["nodes", str(place.etc / "hall.toml"), "list"]
    assert main(words) == 0
    ca: HallCa = CaFolder(place.etc / "trust").open()
    old = ca.revocation_list((), now() - CRL_LIFE + timedelta(days=30)).public_bytes(Encoding.PEM).decode()
    write(place.etc / "trust" / "crl.pem", old)
    assert main(words) == 1
    assert "or the broker lets nobody in" in capsys.readouterr().err
