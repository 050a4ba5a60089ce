"""A small certificate authority, made at start: clients verify the simulators as they verify the real ones.

A simulator without TLS, or with a certificate that nobody can verify, would teach people to switch the
check off. So each run has an authority of its own; its certificate is written where the user can point
a client at it.
"""

import ipaddress
import ssl
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DEFAULT_HOSTS = ("127.0.0.1", "localhost", "::1")
LIFETIME = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=5)

_ENCODING = serialization.Encoding.PEM


class Authority:
    """A certificate authority that lives in memory; only its certificate is ever written to a file.

    Attributes:
        pem: the authority's certificate, what a client trusts.
    """

    def __init__(self, common_name: str = "akb-sync simulator CA") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = (
            _builder(name, name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
        )
        self._certificate = builder.sign(self._key, hashes.SHA256())
        self.pem: bytes = self._certificate.public_bytes(_ENCODING)

    def write(self, directory: Path) -> Path:
        """Write the certificate as `ca.pem` into the directory, made if absent, and return its path."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "ca.pem"
        path.write_bytes(self.pem)
        return path

    def issue_server(self, hosts: Sequence[str] = DEFAULT_HOSTS) -> tuple[bytes, bytes]:
        """Issue a server certificate for names and IP addresses; return (certificate, key) as PEM."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        return self._issue(subject, ExtendedKeyUsageOID.SERVER_AUTH, names)

    def issue_client(self, common_name: str, organization: str | None = None) -> tuple[bytes, bytes]:
        """Issue a client certificate; Kubernetes reads the user from CN and the group from O."""
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
        if organization is not None:
            attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        return self._issue(x509.Name(attributes), ExtendedKeyUsageOID.CLIENT_AUTH, None)

    def _issue(
        self, subject: x509.Name, usage: x509.ObjectIdentifier, names: x509.SubjectAlternativeName | None
    ) -> tuple[bytes, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(subject, self._certificate.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        private = key.private_bytes(
            _ENCODING, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(_ENCODING), private


def ssl_context(
    authority: Authority, hosts: Sequence[str] = DEFAULT_HOSTS, *, ask_client: bool = False
) -> ssl.SSLContext:
    """A server's TLS context with a fresh certificate of the authority.

    With `ask_client` a client may (and need not) show a certificate of the same authority.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    renew(context, authority, hosts)
    if ask_client:
        context.load_verify_locations(cadata=authority.pem.decode())
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def renew(context: ssl.SSLContext, authority: Authority, hosts: Sequence[str] = DEFAULT_HOSTS) -> None:
    """Give a server's TLS context a fresh certificate; connections that are made from now on meet it."""
    certificate, key = authority.issue_server(hosts)
    with tempfile.TemporaryDirectory() as directory:
        # The ssl module reads keys from files only.
        path = Path(directory) / "server.pem"
        path.touch(mode=0o600)
        path.write_bytes(certificate + key)
        context.load_cert_chain(path)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
