"""How an APIC is reached and with which credential: everything the session is told, checked once.

A mistake in a setting is best found where it is made, so this refuses what cannot work and says how to
mend it. Secrets are kept out of `repr`, because options end up in logs and test failures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from akb_sync.errors import SettingsError

MOST_PER_QUERY = 100_000
"""A query with more objects is refused as too big (Cisco APIC REST API Configuration Guide)."""


@dataclass(frozen=True, slots=True)
class ApicOptions:
    """Controllers of one fabric, a credential, trust, and patience (seconds)."""

    controllers: tuple[str, ...]
    """`host`, `host:port`, `https://host` or `http://host:port`; kept as `https://host[:port]`. A bare host
    means https. Tried in this order."""
    username: str
    password: str = field(default="", repr=False)
    key_pem: bytes | None = field(default=None, repr=False)
    """A private RSA key, PEM, not encrypted: then every request is signed and there is no password."""
    certificate_name: str = ""
    """The name under which the key's certificate is stored on the APIC user (`usercert-<name>`), or the whole
    DN of a certificate, as an app user has it (`uni/userext/appuser-x/usercert-y`)."""
    ca_file: Path | None = None
    """PEM file with the CA of the APIC's certificate; None means the CAs of the machine."""
    ca_digest: str = ""
    """Differs when the content of `ca_file` does: options with another one are others, and are taken over."""
    insecure: bool = False
    """Whether any certificate will do. Whoever sits on the path can then read the password."""
    connect_timeout: float = 5.0
    read_timeout: float = 95.0
    """A little over the 90 s after which the APIC itself gives up on a request (`restTimeoutSeconds`)."""
    page_size: int = 20_000
    """Objects in one answer. Larger results are read in several pages."""
    subscription_refresh: float = 30.0
    """How often a subscription is refreshed; the APIC forgets one after 60 s without."""
    rate: float = 0.0
    """Requests a second in the long run (see `pace`); 0 is no limit."""
    burst: int = 30
    """Requests at once, after a while without any."""

    def __post_init__(self) -> None:
        """Normalise the controllers and refuse what cannot work."""
        if isinstance(self.controllers, str) or not self.controllers:
            raise SettingsError("no APIC is named", "give --apic HOST[,HOST...] or set ACI_APIC")
        unique = dict.fromkeys(controller_url(text) for text in self.controllers)
        object.__setattr__(self, "controllers", tuple(unique))
        self._check_credential()
        self._check_trust()
        self._check_numbers()

    def _check_credential(self) -> None:
        if not self.username or any(ord(char) < 32 for char in self.username):
            raise SettingsError("the APIC user name is empty or malformed", "set ACI_USERNAME")
        if self.password and self.key_pem:
            raise SettingsError(
                "both a password and a key are given for the APIC",
                "keep one of ACI_PASSWORD, --apic-password-file and --apic-key-file",
            )
        if not self.password and not self.key_pem:
            raise SettingsError(
                f"there is no password and no key for the APIC user {self.username}",
                "set ACI_PASSWORD, or give --apic-password-file or --apic-key-file",
            )
        if self.key_pem and not self.certificate_name:
            raise SettingsError(
                "a key is given for the APIC, but not the name of its certificate there",
                "give the name that it has on the APIC user with --apic-certificate-name",
            )

    def _check_trust(self) -> None:
        if self.insecure and self.ca_file:
            raise SettingsError(
                "--apic-ca-file and --apic-insecure contradict each other", "drop --apic-insecure"
            )

    def _check_numbers(self) -> None:
        for name in ("connect_timeout", "read_timeout", "subscription_refresh"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name} must be more than 0 seconds", "give seconds, such as 10")
        if not 0 <= self.rate < math.inf:
            raise SettingsError(f"--apic-rate {self.rate:g} is out of range", "give 0 for no limit")
        if self.burst < 1:
            raise SettingsError(f"--apic-burst {self.burst} is less than 1", "give 1 or more, such as 30")
        if not 1 <= self.page_size <= MOST_PER_QUERY:
            raise SettingsError(f"page_size {self.page_size} is out of range", f"give 1 to {MOST_PER_QUERY}")

    @property
    def credential(self) -> tuple[str, str, bytes | None, str]:
        """What a login depends on: equal when a refused login would be refused again. Secret."""
        return (self.username, self.password, self.key_pem, self.certificate_name)

    @property
    def certificate_dn(self) -> str:
        """The DN of the certificate that belongs to the key."""
        if self.certificate_name.startswith("uni/"):
            return self.certificate_name
        return f"uni/userext/user-{self.username}/usercert-{self.certificate_name}"


def controller_url(text: str) -> str:
    """Give `scheme://host[:port]` for a controller as people write it; raise SettingsError."""
    text = text.strip().removesuffix("/")
    if text.count(":") > 1 and "://" not in text and not text.startswith("["):
        text = f"[{text}]"  # a bare IPv6 address
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        raise _not_a_controller(text) from None
    odd = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or odd or " " in text:
        raise _not_a_controller(text)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def _not_a_controller(text: str) -> SettingsError:
    shown = text.rpartition("@")[2]  # what stands before an @ may be a password
    return SettingsError(
        f"{shown!r} is not an APIC", "write a host, host:port or https://host:port; no path and no user"
    )
