"""The hall's CA: what OpenSSL itself says of its certificates, how its key lies on the disk, and what it refuses to sign."""

import subprocess
from base64 import encodebytes
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from provisioning.ca import CRL_LIFE, IDENTITY_LIFE, BadRequest, HallCa, Revoked, new_key, requested_key
from provisioning.ca_folder import CaFolder
from provisioning.pem import new_pair, pem
from provisioning.sealed import CannotOpen

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> CaFolder:
    return CaFolder(tmp_path / "ca")


def request(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "whatever")])
    signed = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


def openssl_says(ca: CaFolder, certificate: Path, at: datetime, purpose: str, *more: str) -> str:
    """What OpenSSL's own `verify` says of a certificate at a time."""
    words = ["openssl", "verify", "-CAfile", str(ca.certificate), "-attime", str(int(at.timestamp())), "-purpose", purpose]
    ran = subprocess.run([*words, *more, str(certificate)], capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


def test_openssl_takes_an_identity_for_its_purpose_and_its_year(folder: CaFolder, tmp_path: Path) -> None:
    ca = folder.make("centre", NOW)
    new_pair(tmp_path, "board-node", lambda key: ca.identity("board-node", "node", key, NOW))
    certificate = tmp_path / "board-node.crt"
    assert openssl_says(folder, certificate, NOW, "sslclient", "-x509_strict").endswith(": OK\n")
    assert openssl_says(folder, certificate, NOW - timedelta(hours=23), "sslclient").endswith(": OK\n")
    assert "not yet valid" in openssl_says(folder, certificate, NOW - timedelta(hours=25), "sslclient")
    assert "has expired" in openssl_says(folder, certificate, NOW + IDENTITY_LIFE + timedelta(seconds=1), "sslclient")
    assert "purpose" in openssl_says(folder, certificate, NOW, "sslserver")


def test_openssl_finds_a_server_under_each_of_its_names_and_no_other(folder: CaFolder, tmp_path: Path) -> None:
    ca = folder.make("centre", NOW)
    new_pair(tmp_path, "broker", lambda key: ca.server("broker", ["hall.example", "192.0.2.5"], key, NOW))
    certificate = tmp_path / "broker.crt"
    for option, name in (("-verify_hostname", "hall.example"), ("-verify_ip", "192.0.2.5")):
        assert openssl_says(folder, certificate, NOW, "sslserver", "-x509_strict", option, name).endswith(": OK\n")
    assert "mismatch" in openssl_says(folder, certificate, NOW, "sslserver", "-verify_hostname", "other.example")
    assert "purpose" in openssl_says(folder, certificate, NOW, "sslclient")


def test_openssl_finds_the_revoked_in_the_list_and_nobody_else(folder: CaFolder, tmp_path: Path) -> None:
    ca = folder.make("centre", NOW)
    for name in ("lost", "kept"):
        new_pair(tmp_path, name, partial(ca.identity, name, "node", now=NOW))
    lost = x509.load_pem_x509_certificate((tmp_path / "lost.crt").read_bytes())
    listed = ca.revocation_list([Revoked(lost.serial_number, NOW)], NOW)
    folder.revoked.write_bytes(listed.public_bytes(Encoding.PEM))
    check = ("-crl_check", "-CRLfile", str(folder.revoked))
    assert "certificate revoked" in openssl_says(folder, tmp_path / "lost.crt", NOW, "sslclient", *check)
    assert openssl_says(folder, tmp_path / "kept.crt", NOW, "sslclient", *check).endswith(": OK\n")
    late = NOW + CRL_LIFE + timedelta(seconds=1)
    assert "CRL has expired" in openssl_says(folder, tmp_path / "kept.crt", late, "any", *check)


@pytest.mark.parametrize("passphrase", [None, "a long and silly phrase"])
def test_ca_is_opened_by_what_it_was_made_with(folder: CaFolder, passphrase: str | None) -> None:
    made = folder.make("centre", NOW, passphrase=passphrase)
    opened = folder.open(lambda: passphrase or "never asked")
    assert opened.fingerprint == made.fingerprint
    assert opened.key.private_numbers() == made.key.private_numbers()


def test_ca_is_not_opened_by_anything_else(folder: CaFolder) -> None:
    folder.make("centre", NOW, passphrase="a long and silly phrase")
    with pytest.raises(CannotOpen, match="does not open it"):
        folder.open(lambda: "a short and silly phrase")
    with pytest.raises(CannotOpen, match="nobody to ask"):
        folder.open()


def test_a_lost_key_file_is_named(folder: CaFolder, tmp_path: Path) -> None:
    folder.make("centre", NOW, key_file=tmp_path / "elsewhere")
    (tmp_path / "elsewhere").unlink()
    with pytest.raises(CannotOpen, match=f"{tmp_path}/elsewhere: No such file"):
        folder.open()


def test_a_short_passphrase_is_refused_before_anything_is_written(folder: CaFolder) -> None:
    with pytest.raises(CannotOpen, match="at least 12"):
        folder.make("centre", NOW, passphrase="short")
    assert not folder.path.exists()


def test_a_ca_that_is_there_is_never_replaced(folder: CaFolder) -> None:
    before = folder.make("centre", NOW).fingerprint
    with pytest.raises(FileExistsError):
        folder.make("centre", NOW)
    assert folder.open().fingerprint == before


def test_what_is_secret_is_for_its_owner_alone_and_the_key_is_encrypted(folder: CaFolder) -> None:
    folder.make("centre", NOW)
    assert folder.private.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.private.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder.certificate, folder.revoked)} == {0o644}
    assert folder.key.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_only_a_request_signed_by_its_own_p256_key_is_granted() -> None:
    key = new_key()
    assert requested_key(request(key)).public_numbers() == key.public_key().public_numbers()
    for foreign in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        with pytest.raises(BadRequest, match=r"not EC P-256"):
            requested_key(request(foreign))


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_request_with_any_byte_changed_is_refused_in_words(where: int, by: int) -> None:
    der = bytearray(_DER)
    der[where % len(der)] ^= by
    text = "-----BEGIN CERTIFICATE REQUEST-----\n" + _base64(bytes(der)) + "\n-----END CERTIFICATE REQUEST-----\n"
    with pytest.raises(BadRequest):
        requested_key(text)


@given(st.text(max_size=200))
def test_any_text_for_a_request_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadRequest):
        requested_key(text)


def test_a_certificate_says_who_it_is_for_whatever_the_request_said() -> None:
    ca = HallCa.make("centre", NOW)
    certificate = ca.identity("board-node", "node", requested_key(request(new_key())), NOW)
    assert certificate.subject.rfc4514_string() == "CN=board-node,OU=node,O=centre"
    assert "whatever" not in pem(certificate)


def _base64(data: bytes) -> str:
    return encodebytes(data).decode().strip()


_DER = x509.load_pem_x509_csr(request(new_key()).encode()).public_bytes(Encoding.DER)
