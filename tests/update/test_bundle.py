"""Nobody but the hall can make a node take anything: every way of changing a bundle, and every other signer, is refused."""

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.ca import HallCa, new_key
from provisioning.update_bundle import opened
from provisioning.update_key import Signer, SigningFolder
from provisioning.update_manifest import BadBundle, Signed
from provisioning.update_rules import Floor, refuse_stale
from tests.update.stage import Hall, now


def refusal(path: Path, anchor: x509.Certificate) -> str:
    """The code with which a bundle is refused; `taken` when it is not."""
    try:
        with opened(path, anchor) as bundle:
            bundle.unpack(None)
    except BadBundle as bad:
        return bad.code
    return "taken"


def signed(path: Path, hall: Hall) -> Signed:
    with opened(path, hall.ca.certificate) as bundle:
        return bundle.signed


def by(hall: Hall, signer: Signer, version: str = "1.0") -> Path:
    """A bundle that somebody else has signed."""
    return Hall(hall.folder, hall.ca, signer).pack(version)


def test_the_halls_own_bundle_is_taken(hall: Hall, first: Path) -> None:
    assert refusal(first, hall.ca.certificate) == "taken"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_changed_byte_anywhere_is_found(hall: Hall, first: Path, tmp_path: Path, where: float, flip: int) -> None:
    content = bytearray(first.read_bytes())
    # Half of the tries fall into head, manifest and signature, which are a thousandth of the file.
    place = int(where * 2 * 2500) if where < 0.5 else int((where - 0.5) * 2 * len(content))
    content[place] ^= flip
    (tmp_path / "changed").write_bytes(content)
    assert refusal(tmp_path / "changed", hall.ca.certificate) not in ("taken", "unreadable")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left=st.floats(0, 1, exclude_max=True))
def test_a_bundle_that_was_cut_off_is_refused(hall: Hall, first: Path, tmp_path: Path, left: float) -> None:
    content = first.read_bytes()
    (tmp_path / "cut").write_bytes(content[: int(left * len(content))])
    assert refusal(tmp_path / "cut", hall.ca.certificate) in ("no-bundle", "bad-signature", "too-short")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: b"hallware update 1 20 20\n" + rest))
def test_no_bytes_at_all_are_taken_for_a_bundle(hall: Hall, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "noise").write_bytes(content)
    assert refusal(tmp_path / "noise", hall.ca.certificate) in ("no-bundle", "bad-signature")


def test_something_after_the_last_wheel_is_refused(hall: Hall, first: Path, tmp_path: Path) -> None:
    (tmp_path / "longer").write_bytes(first.read_bytes() + b"x")
    assert refusal(tmp_path / "longer", hall.ca.certificate) == "too-long"


def test_the_manifest_of_one_bundle_does_not_vouch_for_the_wheels_of_another(hall: Hall, first: Path, tmp_path: Path) -> None:
    other = hall.pack("1.0", "dies")
    cut = first.read_bytes().index(b"PK\x03\x04")
    (tmp_path / "mixed").write_bytes(first.read_bytes()[:cut] + other.read_bytes()[other.read_bytes().index(b"PK\x03\x04") :])
    assert refusal(tmp_path / "mixed", hall.ca.certificate) in ("bad-wheel", "too-short")


def other_hall(folder: Path) -> Signer:
    return Hall.make(folder, "elsewhere").signer


def same_name(folder: Path) -> Signer:
    """Somebody calls his hall like ours."""
    return Hall.make(folder, "centre").signer


def certified(ca: HallCa, certify: Callable[..., x509.Certificate]) -> Signer:
    key = new_key()
    return Signer(ca.hall, certify(key=key.public_key(), now=now()), key)


def test_another_halls_signature_is_none(hall: Hall, tmp_path: Path) -> None:
    assert refusal(by(hall, other_hall(tmp_path / "a")), hall.ca.certificate) == "other-hall"
    assert refusal(by(hall, same_name(tmp_path / "b")), hall.ca.certificate) == "other-hall"


def test_a_nodes_or_servers_certificate_of_this_hall_signs_no_update(hall: Hall) -> None:
    node = certified(hall.ca, partial(hall.ca.identity, "entrance", "node"))
    server = certified(hall.ca, partial(hall.ca.server, "broker", ["127.0.0.1"]))
    named_alike = certified(hall.ca, partial(hall.ca.identity, "updates", "updates"))
    for signer in (node, server, named_alike):
        assert refusal(by(hall, signer), hall.ca.certificate) == "bad-signature"


def test_a_certificate_is_of_no_use_without_its_key(hall: Hall) -> None:
    stolen = Signer("centre", hall.signer.certificate, new_key())
    assert refusal(by(hall, stolen), hall.ca.certificate) == "bad-signature"


def test_what_another_hall_has_signed_is_not_ours_though_our_ca_vouches_for_its_signer(hall: Hall) -> None:
    lent = Signer("elsewhere", hall.signer.certificate, hall.signer.key)
    assert refusal(by(hall, lent), hall.ca.certificate) == "other-hall"


def test_a_signature_from_after_the_end_of_its_certificate_counts_for_nothing(hall: Hall) -> None:
    late = hall.pack("1.0", made=hall.signer.certificate.not_valid_after_utc + timedelta(days=1))
    early = hall.pack("1.0", made=hall.signer.certificate.not_valid_before_utc - timedelta(days=1))
    assert refusal(late, hall.ca.certificate) == refusal(early, hall.ca.certificate) == "signer-expired"


def test_a_pipe_a_folder_and_a_missing_file_are_refused_at_once(hall: Hall, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    codes = [refusal(tmp_path / name, hall.ca.certificate) for name in ("pipe", ".", "missing")]
    assert codes == ["no-file", "no-file", "unreadable"]


def stale(one: Signed, floor: Floor, running: str | None, *, at: timedelta = timedelta(), older: bool = False) -> str:
    try:
        refuse_stale(one, floor, running, now() + at, older=older)
    except BadBundle as bad:
        return bad.code
    return "taken"


def test_an_expired_bundle_is_refused_also_by_a_node_whose_clock_is_behind(hall: Hall, first: Path) -> None:
    one = signed(first, hall)
    assert stale(one, Floor(), "1.0", at=timedelta(days=89)) == "taken"
    assert stale(one, Floor(), "1.0", at=timedelta(days=91)) == "expired"
    assert stale(one, Floor(made=now() + timedelta(days=91)), "1.0", at=timedelta(days=-900)) == "expired"
    assert stale(one, Floor(), "1.0", at=timedelta(days=-900)) == "taken"


def test_an_old_bundle_is_no_way_back_unless_somebody_asks(hall: Hall, first: Path) -> None:
    one = signed(first, hall)
    later = Floor(made=one.manifest.made + timedelta(seconds=1))
    assert stale(one, later, "1.0") == "older"
    assert stale(one, later, "1.0", older=True) == "taken"
    assert stale(one, Floor(), "1.1") == "older"
    assert stale(one, Floor(), "1.0.dev5") == "taken"


def test_the_hall_can_send_its_nodes_back(hall: Hall) -> None:
    back = signed(hall.pack("0.9", older=True), hall)
    assert stale(back, Floor(made=now() - timedelta(days=1)), "1.1") == "taken"
    assert stale(back, Floor(made=now() + timedelta(days=1)), "1.1") == "older"


def test_what_an_exchanged_key_signed_is_refused_once_a_node_knows_the_new_one(hall: Hall, tmp_path: Path) -> None:
    new = SigningFolder(tmp_path / "updates").make(hall.ca, now() + timedelta(minutes=1))
    renewed = Hall(hall.folder, hall.ca, new)
    old, fresh = signed(hall.pack("1.2", made=now() + timedelta(days=2)), hall), signed(renewed.pack("1.1"), renewed)
    known = Floor.read({"floor": Floor().after(fresh)})
    assert stale(old, known, "1.1") == "old-signer"
    assert stale(old, known, "1.1", older=True) == "old-signer"
    assert stale(fresh, known, "1.1") == "taken"


def test_the_floor_only_rises(hall: Hall, first: Path, newer: Path) -> None:
    high = Floor.read({"floor": Floor().after(signed(newer, hall))})
    assert Floor.read({"floor": high.after(signed(first, hall))}) == high


@pytest.mark.parametrize("state", [{}, {"floor": 7}, {"floor": {"made": "yesterday"}}, {"floor": {"made": "2026-01-01"}}])
def test_a_state_that_cannot_be_read_is_none(state: dict[str, object]) -> None:
    assert Floor.read(state) == Floor()
