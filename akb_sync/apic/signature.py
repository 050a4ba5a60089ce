"""Requests signed with an X.509 key: no password, no session, nothing to refresh.

The signature covers METHOD, path with query and body without separators, the path *not* percent-encoded
(aci-containers `apic_crypto.go`, the Ansible module and acitoolkit agree; the example in Cisco's guide, with
a blank and a full URL, does not work). RSA, PKCS#1 v1.5, SHA-256, base64. It travels in four cookies.
"""

from __future__ import annotations

import base64

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from akb_sync.errors import SettingsError

from .query import plain


class Signer:
    """Signs requests with one key in the name of one certificate."""

    def __init__(self, key_pem: bytes, certificate_dn: str) -> None:
        """Load the key; raise SettingsError when it is not an RSA key in plain PEM."""
        self._key = _load(key_pem)
        self._certificate_dn = certificate_dn

    def cookie(self, method: str, target: str, body: bytes = b"") -> str:
        """Give the four cookies that sign a request; `target` is the path with its query."""
        signature = self._key.sign(f"{method}{plain(target)}".encode() + body, PKCS1v15(), hashes.SHA256())
        return "; ".join(
            (
                f"APIC-Request-Signature={base64.b64encode(signature).decode()}",
                "APIC-Certificate-Algorithm=v1.0",
                f"APIC-Certificate-DN={self._certificate_dn}",
                "APIC-Certificate-Fingerprint=fingerprint",  # the literal word; the APIC does not compare it
            )
        )


def _load(key_pem: bytes) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause is not chained: a parser's message may quote what it read.
        raise SettingsError(
            "the key for the APIC cannot be read",
            "--apic-key-file wants an RSA key in PEM form, not encrypted",
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError("the key for the APIC is not an RSA key", "the APIC verifies RSA signatures only")
    return key
