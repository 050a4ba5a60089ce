"""Login, refresh, logout and certificate authentication (facts, section 1)."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
import requests
import websocket
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, attributes, error_of, mo


def test_a_login_gives_a_token_in_the_body_and_in_a_cookie(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        answer = client.post("aaaLogin", mo("aaaUser", name="admin", pwd="secret"))
        found = attributes(answer.json()["imdata"][0])
        assert list(answer.json()) == ["totalCount", "imdata"]
        assert all(isinstance(value, str) for value in found.values())
        assert answer.headers["Set-Cookie"] == f"APIC-cookie={found['token']}; path=/; HttpOnly; secure"
        assert set("/+=") <= set(found["token"])
        assert (found["refreshTimeoutSeconds"], found["maximumLifetimeSeconds"]) == ("600", "86400")
        assert found["userName"] == "admin"


def test_answers_bear_the_headers_of_an_apic(client: Client) -> None:
    headers = client.get("class/fvTenant").headers
    assert headers["Server"] == "Cisco APIC"
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == 'no-cache="Set-Cookie, Set-Cookie2"'
    assert headers["Client-Cert-Enabled"] == "false"
    assert headers["Access-Control-Allow-Methods"] == "POST,GET,OPTIONS,DELETE"


def test_a_login_domain_before_the_name_is_accepted(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        client.login(user="apic:fallback\\\\admin")
        client.login(user="apic#fallback\\admin")


@pytest.mark.parametrize("name", ["admin", "nobody", ""])
def test_a_wrong_password_is_refused_with_401(apic: ApicSimulator, name: str) -> None:
    with Client(apic) as client:
        answer = client.post("aaaLogin", mo("aaaUser", name=name, pwd="wrong"))
        text = "Username or password is incorrect - FAILED local authentication"
        assert error_of(answer) == (401, "401", text)
        assert apic.counts["logins_refused"] == 1


def test_a_request_without_a_cookie_is_refused_with_403(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        status, code, text = error_of(client.get("class/fvTenant"))
        assert (status, code) == (403, "403")
        assert text.startswith("Token was invalid (Error: ")


def test_a_token_ends_after_the_refresh_timeout(apic: ApicSimulator, client: Client) -> None:
    apic.clock.advance(599)
    assert client.get("class/fvTenant").status_code == 200
    apic.clock.advance(2)
    expected = (403, "403", "Token was invalid (Error: Token timeout)")
    assert error_of(client.get("class/fvTenant")) == expected


def test_a_refresh_gives_a_new_token_as_aaa_login_and_as_a_cookie(
    apic: ApicSimulator, client: Client
) -> None:
    apic.clock.advance(599)
    answer = client.get("aaaRefresh")
    token = answer.json()["imdata"][0]["aaaLogin"]["attributes"]["token"]
    assert token != client.token
    assert token in answer.headers["Set-Cookie"]
    apic.clock.advance(2)
    assert client.get("class/fvTenant").status_code == 200


def test_a_session_ends_after_its_maximum_lifetime_however_often_it_is_refreshed() -> None:
    with ApicSimulator(maximum_lifetime=1000) as apic, Client(apic) as client:
        client.login()
        for _ in range(2):
            apic.clock.advance(499)
            assert client.get("aaaRefresh").status_code == 200
        apic.clock.advance(3)
        assert client.get("aaaRefresh").status_code == 403


def test_traffic_prolongs_a_token_only_where_that_is_switched_on() -> None:
    with ApicSimulator(extend_on_use=True) as apic, Client(apic) as client:
        client.login()
        for _ in range(3):
            apic.clock.advance(400)
            assert client.get("class/fvTenant").status_code == 200


def test_a_logout_ends_the_session(client: Client) -> None:
    assert client.post("aaaLogout", mo("aaaUser", name="admin")).status_code == 200
    assert client.get("class/fvTenant").status_code == 403


def test_login_below_the_mo_path_is_refused_with_403(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        assert client.post("mo/aaaLogin", mo("aaaUser", name="admin", pwd="secret")).status_code == 403


def test_a_user_made_over_rest_can_log_in_and_the_password_is_never_read_back(
    apic: ApicSimulator, client: Client
) -> None:
    user = mo("aaaUser", name="ops", pwd="Pa55word")
    assert client.post("mo/uni/userext", user).status_code == 200
    assert "pwd" not in attributes(client.imdata("mo/uni/userext/user-ops")[0])
    with Client(apic) as other:
        other.login("ops", "Pa55word")


def test_xml_gets_an_honest_error(client: Client) -> None:
    answer = client.raw_get("/api/class/fvTenant.xml")
    assert error_of(answer)[0] == 400
    assert "XML" in answer.text


# ---- signatures


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


# ---- pitfalls


def test_two_token_cookies_get_an_id_but_never_an_event(apic: ApicSimulator, client: Client) -> None:
    client.open_socket()
    double = {"Cookie": f"APIC-cookie={client.token}; APIC-Cookie={client.token}"}
    url = f"{apic.url}/api/class/fvTenant.json?subscription=yes"
    answer = requests.get(url, headers=double, verify=str(apic.ca_file), timeout=10)
    assert answer.json()["subscriptionId"]
    client.subscribe("class/fvBD")
    apic.post("uni", mo("fvTenant", [mo("fvBD", name="b")], name="t"))
    assert client.event()[0] == "fvBD"


def test_a_websocket_with_an_unknown_token_is_refused(apic: ApicSimulator) -> None:
    with Client(apic) as client, pytest.raises(websocket.WebSocketBadStatusException, match=re.escape("403")):
        client.open_socket("nonsense==")
