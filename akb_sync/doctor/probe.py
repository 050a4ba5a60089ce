"""A server's certificate and clock, taken without asking it for anything.

The connection verifies nothing and sends no credential: whether the certificate is trusted is what the real
connections say. Here it only matters until when it is good, and what time the server has.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from cryptography import x509

from akb_sync.clock import Clock
from akb_sync.version import __version__

PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server shows to anybody."""

    url: str
    answers: bool = False
    trouble: str = ""
    expires: datetime | None = None
    """When its certificate ends; None without TLS, or when it could not be read."""
    ahead: float | None = None
    """By how many seconds its clock is ahead of ours; None when it did not say."""

    @property
    def encrypted(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.url.startswith("https://")


def probe(url: str, clock: Clock) -> Probe:
    """Look at a server; an error is part of the answer."""
    parts = urlsplit(url)
    encrypted = parts.scheme == "https"
    connection = (
        _tls(parts.hostname or "", parts.port or 443)
        if encrypted
        else _plain(parts.hostname or "", parts.port or 80)
    )
    try:
        connection.connect()
        expires = _expiry(connection) if encrypted else None
        connection.request("HEAD", "/", headers={"User-Agent": f"akb-sync/{__version__}"})
        date = connection.getresponse().headers.get("Date")
        return Probe(url, answers=True, expires=expires, ahead=_ahead(date, clock))
    except (OSError, HTTPException, ValueError) as error:
        return Probe(url, trouble=str(error) or type(error).__name__)
    finally:
        connection.close()


def certificate_expiry(pem: bytes) -> datetime:
    """Give when a certificate in PEM form ends.

    Raises:
        ValueError: it is none.
    """
    return x509.load_pem_x509_certificate(pem).not_valid_after_utc


def _tls(host: str, port: int) -> HTTPSConnection:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent that a stranger must not read
    return HTTPSConnection(host, port, timeout=PATIENCE, context=context)


def _plain(host: str, port: int) -> HTTPConnection:
    return HTTPConnection(host, port, timeout=PATIENCE)


def _expiry(connection: HTTPConnection) -> datetime | None:
    sock = connection.sock
    der = sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None
    return x509.load_der_x509_certificate(der).not_valid_after_utc if der else None


def _ahead(date: str | None, clock: Clock) -> float | None:
    if not date:
        return None
    theirs = parsedate_to_datetime(date)
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    return (theirs - clock.now()).total_seconds()
