"""TLS on one machine: an authority of the machine's own, and server certificates that it signs.

A client trusts the authority's certificate once. Names are limited to this machine, in the authority itself, so that
whoever steals its key can impersonate nothing else.
"""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from modelberth.core.errors import ModelberthError
from modelberth.core.files import write_atomically

AUTHORITY_DAYS = 3650
SERVER_DAYS = 90
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: where its certificate and its key are."""

    certificate: Path
    """PEM; what clients trust."""
    private_key: Path
    """PEM, readable by this user only."""


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A server's certificate: where it and its key are."""

    certificate: Path
    """PEM, with the authority's certificate after it."""
    private_key: Path
    """PEM, readable by this user only."""


def ensure_authority(directory: Path) -> Authority:
    """The authority in a folder; made on first use, whole or not at all, also when two ask at once.

    EC P-256, ten years, limited to this machine's names. Raises `ModelberthError` where it has expired.
    """
    folder = directory / "authority"
    if not folder.exists():
        _make_authority(folder)
    authority = Authority(folder / "ca.pem", folder / "ca-key.pem")
    check(authority.certificate)
    return authority


def _make_authority(folder: Path) -> None:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".authority."))
    try:
        write_atomically(draft / "ca-key.pem", _pem_of(key))
        write_atomically(draft / "ca.pem", _pem(_self_signed(key)))
        with contextlib.suppress(OSError):  # another was faster, and its authority is as good
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if not folder.is_dir():
        raise ModelberthError(f"{folder}: could not be made; give this user the right to write there")


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "modelberth local authority")])
    permitted = [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_network("127.0.0.1/32")),
        x509.IPAddress(ip_network("::1/128")),
    ]
    return (
        _builder(name, name, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def issue(authority: Authority, directory: Path, names: tuple[str, ...] = ("localhost",)) -> ServerCertificate:
    """The server certificate in a folder: the one that is there while it is good, else a new one for 90 days.

    Good: signed by this authority, for these names, with its key, and more than a third of its time is left.
    `names` are of `localhost`, `127.0.0.1`, `::1`; others raise `ModelberthError`. Left out: `localhost`, because
    clients on BoringSSL (Chrome, gRPC) refuse an address that an authority with limits on addresses has signed.
    """
    strange = sorted(set(names) - set(LOCAL_NAMES))
    if strange or not names:
        got = ", ".join(strange) or "no name"
        raise ModelberthError(
            f"local certificate: got {got}; allowed: {', '.join(LOCAL_NAMES)}; use one of these names"
        )
    server = ServerCertificate(directory / "server.pem", directory / "server-key.pem")
    if not is_good(server, authority.certificate, names):
        check(authority.certificate)
        _sign(server, authority, names)
    return server


def _sign(server: ServerCertificate, authority: Authority, names: tuple[str, ...]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = _load(authority.certificate)
    signer = _key(authority.private_key)
    certificate = (
        _builder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]),
            issuer.subject,
            key.public_key(),
            SERVER_DAYS,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    server.certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(server.private_key, _pem_of(key))
    write_atomically(server.certificate, _pem(certificate) + authority.certificate.read_text())


def is_good(server: ServerCertificate, authority: Path, names: tuple[str, ...] = ("localhost",)) -> bool:
    """Whether a server certificate may stay, in the sense of `issue`. `authority`: the authority's certificate (PEM).

    False also for one that is gone or damaged, and after a crash between the two files, when certificate and key do not
    belong together.
    """
    try:
        certificate, key = _load(server.certificate), _key(server.private_key)
        certificate.verify_directly_issued_by(_load(authority))
        covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound, ModelberthError):
        return False
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    return (
        left > life / 3 and certificate.public_key() == key.public_key() and set(covered) == {_name(n) for n in names}
    )


def expiry(certificate: Path) -> datetime:
    """When a certificate ends, in UTC. Needs no key."""
    return _load(certificate).not_valid_after_utc


def check(certificate: Path) -> datetime:
    """When a certificate ends. Raises `ModelberthError` where that is past."""
    end = expiry(certificate)
    if end <= datetime.now(UTC):
        raise ModelberthError(
            f"{certificate}: the certificate expired on {end:%Y-%m-%d %H:%M} UTC; allowed: one that is valid now; "
            "run `pulumi up`, which renews a server's; an authority's folder must be deleted first"
        )
    return end


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    return x509.DNSName(name) if name == "localhost" else x509.IPAddress(ip_address(name))


def _load(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except FileNotFoundError:
        raise ModelberthError(f"{path}: there is no certificate; run `pulumi up`, which makes it") from None
    except ValueError:
        raise ModelberthError(
            f"{path}: not a certificate (PEM); run `pulumi up`, which mends a server's; an authority's folder must be "
            "deleted first"
        ) from None


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ModelberthError(f"{path}: not an elliptic-curve key; delete its folder and run `pulumi up`")
    return key


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return content.decode()
