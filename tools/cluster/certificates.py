"""Self-signed certificates and keys of a control plane that lives for one test run on loopback."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = datetime.timedelta(days=7)
ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Certificates:
    """Files in PEM that the API server and its callers read."""

    authority: Path
    """Certificate of the authority that signed the server's; callers trust it."""

    server: Path
    """The API server's certificate, for loopback."""

    server_key: Path
    """The private key to it."""

    accounts_key: Path
    """Private key by which tokens of service accounts are signed and checked."""


def make(folder: Path) -> Certificates:
    """Writes new certificates and keys into `folder`, which must be there. Keys are readable by their owner only."""
    made = Certificates(*(folder / name for name in ("ca.pem", "server.pem", "server.key", "accounts.key")))
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("modelberth test authority")
    _write_certificate(made.authority, _authority(issuer, authority).sign(authority, hashes.SHA256()))
    _write_certificate(made.server, _server(issuer, authority, server).sign(authority, hashes.SHA256()))
    _write_key(made.server_key, server)
    _write_key(made.accounts_key, ec.generate_private_key(ec.SECP256R1()))
    return made


def _authority(issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    may_sign = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    known_by = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    built = _unsigned(issuer, issuer, key).add_extension(may_sign, critical=True)
    built = built.add_extension(known_by, critical=False)
    return built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)


def _server(
    issuer: x509.Name, authority: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(ADDRESS))]
    built = _unsigned(_name("kube-apiserver"), issuer, key)
    built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    # Python 3.13's default context refuses a chain without it.
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    return built.add_extension(signer, critical=False)


def _unsigned(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number())
    # An hour back: a machine whose clock is set back during the run must not refuse it.
    return built.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + LIFE)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
