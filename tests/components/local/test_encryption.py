"""The machine's own authority and the certificates that it signs."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import verification

from modelberth.core.errors import ModelberthError
from modelberth.local import encryption


@pytest.fixture
def authority(tmp_path):
    return encryption.ensure_authority(tmp_path / "tls")


def load(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def shift_clock(monkeypatch, days):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days)

    monkeypatch.setattr(encryption, "datetime", Clock)


def test_the_authority_is_made_once_and_its_key_is_private(authority, tmp_path):
    before = authority.certificate.read_bytes(), authority.private_key.read_bytes()
    again = encryption.ensure_authority(tmp_path / "tls")
    assert (again.certificate.read_bytes(), again.private_key.read_bytes()) == before
    assert authority.private_key.stat().st_mode & 0o777 == 0o600
    assert authority.certificate.parent.stat().st_mode & 0o777 == 0o700
    made = load(authority.certificate)
    assert isinstance(made.public_key().curve, encryption.ec.SECP256R1)
    assert timedelta(days=3649) < made.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=3650)
    assert made.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_those_who_ask_at_once_get_the_same_authority(tmp_path):
    made = []
    threads = [
        threading.Thread(target=lambda: made.append(encryption.ensure_authority(tmp_path).certificate.read_bytes()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["authority"], "nothing half made stays"


def verifier(authority, name):
    store = verification.Store([load(authority.certificate)])
    builder = verification.PolicyBuilder().store(store)
    try:
        return builder.build_server_verifier(x509.IPAddress(ip_address(name)))
    except ValueError:
        return builder.build_server_verifier(x509.DNSName(name))


@pytest.mark.parametrize("name", encryption.LOCAL_NAMES)
def test_a_server_certificate_is_good_for_this_machines_names(authority, tmp_path, name):
    server = encryption.issue(authority, tmp_path / "server", encryption.LOCAL_NAMES)
    verifier(authority, name).verify(load(server.certificate), [])
    assert server.private_key.stat().st_mode & 0o777 == 0o600


def test_a_stolen_authority_can_sign_for_no_other_name(authority, tmp_path, monkeypatch):
    monkeypatch.setattr(encryption, "LOCAL_NAMES", (*encryption.LOCAL_NAMES, "10.0.0.1"))
    stolen = encryption.issue(authority, tmp_path / "stolen", ("10.0.0.1",))
    with pytest.raises(verification.VerificationError):
        verifier(authority, "10.0.0.1").verify(load(stolen.certificate), [])


@pytest.mark.parametrize("names", [("example.com",), ("localhost", "10.0.0.1"), ()])
def test_other_names_are_refused(authority, tmp_path, names):
    with pytest.raises(ModelberthError, match=r"got .*; allowed: localhost, 127\.0\.0\.1, ::1; use"):
        encryption.issue(authority, tmp_path / "server", names)
    assert not (tmp_path / "server").exists()


def test_a_good_certificate_is_kept_and_renewed_in_its_last_third(authority, tmp_path, monkeypatch):
    def issued():
        return encryption.issue(authority, tmp_path / "server").certificate.read_bytes()

    first = issued()
    assert issued() == first
    shift_clock(monkeypatch, 59)
    assert issued() == first
    shift_clock(monkeypatch, 61)
    assert issued() != first


def test_a_certificate_of_another_authority_name_or_key_is_replaced(authority, tmp_path):
    folder = tmp_path / "server"
    first = encryption.issue(authority, folder).certificate.read_bytes()
    other = encryption.issue(encryption.ensure_authority(tmp_path / "other"), folder).certificate.read_bytes()
    assert other != first
    fewer = encryption.issue(encryption.ensure_authority(tmp_path / "other"), folder, ("127.0.0.1",))
    assert fewer.certificate.read_bytes() != other
    fewer.private_key.write_bytes(encryption.issue(authority, tmp_path / "else").private_key.read_bytes())
    mended = encryption.issue(encryption.ensure_authority(tmp_path / "other"), folder, ("127.0.0.1",))
    key = serialization.load_pem_private_key(mended.private_key.read_bytes(), password=None)
    assert key.public_key() == load(mended.certificate).public_key()


def test_an_expired_certificate_is_one_clear_message(authority, tmp_path, monkeypatch):
    server = encryption.issue(authority, tmp_path / "server")
    assert encryption.check(server.certificate) == encryption.expiry(server.certificate)
    shift_clock(monkeypatch, 91)
    with pytest.raises(ModelberthError, match=r"server\.pem: the certificate expired on \d{4}-.* UTC; .*`pulumi up`"):
        encryption.check(server.certificate)
    shift_clock(monkeypatch, 3651)
    with pytest.raises(ModelberthError, match=r"ca\.pem: the certificate expired on"):
        encryption.ensure_authority(tmp_path / "tls")


def test_the_end_is_read_without_a_key(authority, tmp_path):
    server = encryption.issue(authority, tmp_path / "server")
    server.private_key.unlink()
    left = encryption.expiry(server.certificate) - datetime.now(UTC)
    assert timedelta(days=89) < left <= timedelta(days=90)


def test_no_certificate_is_one_clear_message(tmp_path):
    with pytest.raises(ModelberthError, match="there is no certificate; run `pulumi up`"):
        encryption.check(tmp_path / "none.pem")


@pytest.mark.server
def test_pythons_own_client_trusts_it(authority, tmp_path):
    server = encryption.issue(authority, tmp_path / "server", encryption.LOCAL_NAMES)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(server.certificate, server.private_key)
    trusting = ssl.create_default_context(cafile=str(authority.certificate))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    here, there = socket.socketpair()
    answering = threading.Thread(target=lambda: serving.wrap_socket(there, server_side=True).close())
    answering.start()
    with trusting.wrap_socket(here, server_hostname="localhost") as client:
        assert client.getpeercert()["subjectAltName"] == (
            ("DNS", "localhost"),
            ("IP Address", "127.0.0.1"),
            ("IP Address", "0:0:0:0:0:0:0:1"),
        )
    answering.join()
