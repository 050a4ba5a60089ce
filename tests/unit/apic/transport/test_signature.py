"""Signed requests, checked with the public key as an APIC does."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from akb_sync.apic.query import class_path, target_of
from akb_sync.apic.signature import Signer
from akb_sync.errors import SettingsError

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
DN = "uni/userext/user-admin/usercert-akb"


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def parts(cookie: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in cookie.split("; "))


def verify(cookie: str, signed: bytes) -> None:
    signature = base64.b64decode(parts(cookie)["APIC-Request-Signature"], validate=True)
    KEY.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())


def test_method_path_and_body_are_signed_without_separators() -> None:
    cookie = Signer(pem(KEY), DN).cookie("POST", "/api/mo/uni/tn-T.json", b'{"fvTenant":{}}')
    verify(cookie, b'POST/api/mo/uni/tn-T.json{"fvTenant":{}}')


def test_what_is_escaped_on_the_wire_is_signed_as_it_was_before() -> None:
    target = target_of(class_path("l3extSubnet"), {"query-target-filter": 'wcard(l3extSubnet.descr, "a&b")'})
    assert "%26" in target
    verify(
        Signer(pem(KEY), DN).cookie("GET", target),
        b'GET/api/class/l3extSubnet.json?query-target-filter=wcard(l3extSubnet.descr, "a&b")',
    )


def test_the_four_cookies_are_there() -> None:
    cookies = parts(Signer(pem(KEY), DN).cookie("GET", "/api/x.json"))
    del cookies["APIC-Request-Signature"]
    assert cookies == {
        "APIC-Certificate-Algorithm": "v1.0",
        "APIC-Certificate-DN": DN,
        "APIC-Certificate-Fingerprint": "fingerprint",
    }


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (b"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n", "cannot be read"),
        (b"", "cannot be read"),
        (pem(KEY, b"password"), "cannot be read"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "not an RSA key"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_and_not_shown(key: bytes, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        Signer(key, DN)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
