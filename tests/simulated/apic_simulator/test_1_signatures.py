"""Requests that are signed with a certificate instead of a login (facts, section 1.4)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, mo


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def certificate(apic: ApicSimulator, key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "admin")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return apic.add_certificate("admin", "akb", built.public_bytes(serialization.Encoding.PEM))


def signed(key: rsa.RSAPrivateKey, certificate: str, text: str, **more: str) -> dict[str, str]:
    signature = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return {
        "APIC-Request-Signature": signature,
        "APIC-Certificate-Algorithm": "v1.0",
        "APIC-Certificate-DN": certificate,
        "APIC-Certificate-Fingerprint": "fingerprint",
        **more,
    }


def test_a_signed_query_needs_no_session(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str
) -> None:
    path = '/api/class/fvTenant.json?query-target-filter=eq(fvTenant.name,"common")'
    with Client(apic) as client:
        answer = client.raw_get(path, cookies=signed(key, certificate, f"GET{unquote(path)}"))
        assert answer.json()["totalCount"] == "1"
        assert apic.counts["logins"] == 0


def test_a_signed_post_is_the_users_write(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str
) -> None:
    path, body = "/api/mo/uni.json", json.dumps(mo("fvTenant", name="signed"))
    with Client(apic) as client:
        cookies = signed(key, certificate, f"POST{path}{body}")
        answer = client.http.post(f"{apic.url}{path}", data=body, cookies=cookies, timeout=10)
        assert answer.status_code == 200
        assert apic.journal[-1].user == "admin"


@pytest.mark.parametrize("wrong", ["GET/api/class/fvBD.json", "POST/api/class/fvTenant.json", ""])
def test_a_signature_of_something_else_is_refused(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str, wrong: str
) -> None:
    with Client(apic) as client:
        answer = client.raw_get("/api/class/fvTenant.json", cookies=signed(key, certificate, wrong))
        assert answer.status_code == 403


def test_a_certificate_that_is_not_registered_is_refused(apic: ApicSimulator, key: rsa.RSAPrivateKey) -> None:
    with Client(apic) as client:
        cookies = signed(key, "uni/userext/user-admin/usercert-none", "GET/api/class/fvTenant.json")
        assert client.raw_get("/api/class/fvTenant.json", cookies=cookies).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"APIC-Certificate-Algorithm": "v2.0"},
        {"APIC-Certificate-Fingerprint": ""},
        {"APIC-Certificate-DN": "uni/userext/user-admin"},
        {"APIC-Request-Signature": "bm90IGl0"},
        {"APIC-Request-Signature": "!!"},
    ],
    ids=["algorithm", "fingerprint", "dn", "signature", "base64"],
)
def test_the_least_thing_wrong_with_a_signature_is_refused_with_403(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str, change: dict[str, str]
) -> None:
    with Client(apic) as client:
        path = "/api/class/fvTenant.json"
        cookies = signed(key, certificate, f"GET{path}")
        assert client.raw_get(path, cookies=cookies).status_code == 200
        client.http.cookies.clear()
        assert client.raw_get(path, cookies=cookies | change).status_code == 403


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("2a864886f70d010101", "2a864886f70d010163"), ("a003020102", "a003020109")],
    ids=["a kind of key", "a version"],
)
def test_a_certificate_with_what_nobody_knows_is_refused_with_403(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str, right: str, wrong: str
) -> None:
    built = x509.load_pem_x509_certificate((apic.get(certificate) or {})["data"].encode())
    der = built.public_bytes(serialization.Encoding.DER)
    odd = base64.encodebytes(der.replace(bytes.fromhex(right), bytes.fromhex(wrong))).decode()
    pem = f"-----BEGIN CERTIFICATE-----\n{odd}-----END CERTIFICATE-----\n"
    apic.post("uni/userext/user-admin", mo("aaaUserCert", name="odd", data=pem))
    path = "/api/class/fvTenant.json"
    cookies = signed(key, certificate.replace("-akb", "-odd"), f"GET{path}")
    with Client(apic) as client:
        answer = client.raw_get(path, cookies=cookies)
        assert (answer.status_code, "Certificate cannot be read" in answer.text) == (403, True)


def test_the_signature_covers_the_body(apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str) -> None:
    path, body = "/api/mo/uni.json", json.dumps(mo("fvTenant", name="signed"))
    with Client(apic) as client:
        cookies = signed(key, certificate, f"POST{path}{body}")
        other = body.replace("signed", "forged")
        answer = client.http.post(f"{apic.url}{path}", data=other, cookies=cookies, timeout=10)
        assert (answer.status_code, apic.get("uni/tn-forged")) == (403, None)


def test_a_signature_of_a_user_who_is_switched_off_is_refused(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str
) -> None:
    path = "/api/class/fvTenant.json"
    apic.post("uni/userext/user-admin", mo("aaaUser", accountStatus="inactive"))
    with Client(apic) as client:
        assert client.raw_get(path, cookies=signed(key, certificate, f"GET{path}")).status_code == 403


def test_an_app_signs_with_a_certificate_of_its_own_name_and_asks_for_a_token_to_subscribe(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str
) -> None:
    data = (apic.get(certificate) or {})["data"]
    rights = mo("aaaUserDomain", [mo("aaaUserRole", name="admin", privType="writePriv")], name="all")
    app = mo("aaaAppUser", [mo("aaaUserCert", name="Acme_App", data=data), rights], name="Acme_App")
    apic.post("uni/userext", app)
    dn = "uni/userext/appuser-Acme_App/usercert-Acme_App"
    with Client(apic) as client:
        path, body = "/api/requestAppToken.json", json.dumps(mo("aaaAppToken", appName="Acme_App"))
        cookies = signed(key, dn, f"POST{path}{body}")
        answer = client.http.post(f"{apic.url}{path}", data=body, cookies=cookies, timeout=10)
        found = attributes(answer.json()["imdata"][0])
        assert (answer.status_code, found["userName"]) == (200, "Acme_App")
        client.http.cookies.clear()
        client.http.headers["Cookie"] = f"APIC-cookie={found['token']}"
        client.open_socket(found["token"]).subscribe("class/fvTenant")
        apic.post("uni", mo("fvTenant", name="new"))
        assert client.event()[:2] == ("fvTenant", "created")


def test_a_certificate_user_subscribes_with_a_web_token(
    apic: ApicSimulator, key: rsa.RSAPrivateKey, certificate: str
) -> None:
    with Client(apic) as client:
        path = "/api/webtokenSession.json"
        answer = client.raw_get(path, cookies=signed(key, certificate, f"GET{path}"))
        token = answer.json()["imdata"][0]["webtokenSession"]["attributes"]["token"]
        client.open_socket(token)
        path = "/api/class/fvTenant.json?subscription=yes"
        cookies = signed(key, certificate, f"GET{path}", **{"APIC-WebSocket-Session": token})
        assert "subscriptionId" in client.raw_get(path, cookies=cookies).json()
        apic.post("uni", mo("fvTenant", name="new"))
        assert client.event()[:2] == ("fvTenant", "created")
