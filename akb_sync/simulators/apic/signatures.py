"""X.509 request signatures: four cookies on a request instead of a session.

Signed is METHOD + path with query + body, RSA PKCS#1 v1.5 over SHA-256, base64 in one line; the certificate
is an `aaaUserCert` of the user whose dn is in a cookie (acitoolkit, cisco.aci, aci-containers).
"""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.tree import Mo, Tree

SIGNATURE = "apic-request-signature"
COOKIES = (SIGNATURE, "apic-certificate-algorithm", "apic-certificate-dn", "apic-certificate-fingerprint")
ALGORITHM = "v1.0"


def is_signed(cookies: Mapping[str, str]) -> bool:
    """Whether a request means to be authenticated by signature. Cookie names are in lower case."""
    return SIGNATURE in cookies


def verify(tree: Tree, cookies: Mapping[str, str], method: str, path: str, body: bytes) -> Mo:
    """The user who signed a request; raises 403, also for the least thing wrong.

    The path is signed without percent-encoding; it is accepted as sent too, since both are in use.
    """
    if any(not cookies.get(name) for name in COOKIES) or cookies[COOKIES[1]] != ALGORITHM:
        raise _refused("Signature missing")
    certificate = tree.get(cookies["apic-certificate-dn"])
    if certificate is None or certificate.schema.name != "aaaUserCert":
        raise _refused("Certificate not found")
    user = certificate.parent
    if user is None or user.values.get("accountStatus", "active") != "active":
        raise _refused("User is not active")
    key = _public_key(certificate)
    try:
        signature = base64.b64decode(cookies[SIGNATURE], validate=True)
    except (binascii.Error, ValueError):
        raise _refused("Signature is not base64") from None
    forms = {path, unquote(path)}
    if not any(_fits(key, signature, f"{method}{form}".encode() + body) for form in forms):
        raise _refused("Signature verification failed")
    return user


def _public_key(certificate: Mo) -> rsa.RSAPublicKey:
    try:
        key = x509.load_pem_x509_certificate(certificate.get("data").encode()).public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise _refused("Certificate cannot be read") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise _refused("Certificate has no RSA key")
    return key


def _fits(key: rsa.RSAPublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _refused(reason: str) -> ApicError:
    # The status is what clients act on (403, acitoolkit); the real texts are not on record.
    return ApicError("403", f"Token was invalid (Error: {reason})", 403)
