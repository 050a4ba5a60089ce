"""The certificate authority and the keys of one control plane.

Why: what is tested verifies TLS, so the apiserver needs a certificate from a CA that clients are given.
Making them here (P-256, a few milliseconds) also saves the seconds that each program needs to make its own
RSA pair.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALIDITY = dt.timedelta(days=2)
_CLOCK_SKEW = dt.timedelta(hours=1)
_NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


@dataclass(frozen=True)
class CertificateFiles:
    """Paths of PEM files.

    Attributes:
        ca: the CA's certificate; what clients verify servers with.
        server: the certificate of every server of the control plane, for loopback and the in-cluster names.
        server_key: its private key.
        service_account_key: the private key that signs ServiceAccount tokens.
        service_account_public_key: the key that they are verified with.
        ca_key: the CA's private key, for certificates that are made later.
    """

    ca: Path
    server: Path
    server_key: Path
    service_account_key: Path
    service_account_public_key: Path
    ca_key: Path


def write_certificates(folder: Path, service_address: str) -> CertificateFiles:
    """Makes a CA, a server certificate from it and a key pair for ServiceAccount tokens.

    Args:
        folder: where the files go.
        service_address: the cluster IP of the Service `kubernetes`, which clients in a cluster dial.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = ("ca.pem", "server.pem", "server.key", "sa.key", "sa.pub", "ca.key")
    files = CertificateFiles(*(folder / name for name in names))
    token_key = ec.generate_private_key(ec.SECP256R1())
    renew_authority(files)
    renew_server(files, service_address)
    _write_private_key(files.service_account_key, token_key)
    files.service_account_public_key.write_bytes(_public_key_pem(token_key))
    return files


def renew_authority(files: CertificateFiles) -> None:
    """Puts a new CA in the place of the old one; the server's certificate is still the old one's."""
    key = ec.generate_private_key(ec.SECP256R1())
    files.ca.write_bytes(_certificate_pem(_authority(key)))
    _write_private_key(files.ca_key, key)


def renew_server(files: CertificateFiles, service_address: str) -> None:
    """Puts a new key and certificate of the CA in the place of the servers' old ones."""
    ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
    ca_key = serialization.load_pem_private_key(files.ca_key.read_bytes(), None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    files.server.write_bytes(_certificate_pem(_server(ca, ca_key, key, service_address)))
    _write_private_key(files.server_key, key)


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("akb-sync end-to-end tests CA")
    usage = x509.KeyUsage(**{**_NO_USAGE, "key_cert_sign": True, "crl_sign": True})
    builder = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    return builder.sign(key, hashes.SHA256())


def _server(
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    service_address: str,
) -> x509.Certificate:
    usage = x509.KeyUsage(**{**_NO_USAGE, "digital_signature": True})
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    builder = (
        _builder(_name("kube-apiserver"), ca.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(x509.SubjectAlternativeName(_server_names(service_address)), critical=False)
    )
    return builder.sign(ca_key, hashes.SHA256())


def _server_names(service_address: str) -> list[x509.GeneralName]:
    names = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
    addresses = ("127.0.0.1", "::1", service_address)
    return [*map(x509.DNSName, names), *(x509.IPAddress(ipaddress.ip_address(text)) for text in addresses)]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _VALIDITY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _public_key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _write_private_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
