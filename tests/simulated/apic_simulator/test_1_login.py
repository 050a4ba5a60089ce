"""Login, refresh and logout (facts, section 1)."""

import json

import pytest
import requests

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.faults import read_text
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


def test_the_suffix_of_the_url_chooses_the_form_of_a_login_and_the_content_type_is_ignored(
    apic: ApicSimulator,
) -> None:
    with Client(apic) as client:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for suffix, body in (
            ("json", json.dumps(mo("aaaUser", name="admin", pwd="secret"))),
            ("xml", '<aaaUser name="admin" pwd="secret"/>'),
        ):
            url = f"{apic.url}/api/aaaLogin.{suffix}"
            answer = client.http.post(url, data=body, headers=headers, timeout=10)
            assert (answer.status_code, suffix in answer.headers["Content-Type"]) == (200, True)
            assert client.get("class/fvTenant").status_code == 200
            client.http.cookies.clear()


def test_the_cookie_is_also_known_as_apic_cookie_with_a_capital_letter(
    apic: ApicSimulator, client: Client
) -> None:
    headers = {"Cookie": f"APIC-Cookie={client.token}"}
    url = f"{apic.url}/api/class/fvTenant.json"
    assert requests.get(url, headers=headers, verify=str(apic.ca_file), timeout=10).status_code == 200


def test_a_refresh_may_be_a_post_too_and_each_gives_another_token(client: Client) -> None:
    answers = [client.get("aaaRefresh"), client.post("aaaRefresh", "{}")]
    tokens = {attributes(answer.json()["imdata"][0])["token"] for answer in answers}
    assert len(tokens | {client.token}) == 3


def test_the_token_before_a_refresh_lives_to_its_own_end(apic: ApicSimulator, client: Client) -> None:
    apic.clock.advance(400)
    client.get("aaaRefresh")
    headers = {"Cookie": f"APIC-cookie={client.token}"}

    def old() -> int:
        url = f"{apic.url}/api/class/fvTenant.json"
        return requests.get(url, headers=headers, verify=str(apic.ca_file), timeout=10).status_code

    assert old() == 200
    apic.clock.advance(201)
    assert old() == 403
    assert client.get("class/fvTenant").status_code == 200


def test_a_refresh_needs_no_new_websocket(apic: ApicSimulator, client: Client) -> None:
    client.open_socket().subscribe("class/fvTenant")
    apic.clock.advance(30)
    client.get("aaaRefresh")
    apic.post("uni", mo("fvTenant", name="new"))
    assert client.event()[:2] == ("fvTenant", "created")


def test_a_login_names_the_roles_in_each_security_domain(apic: ApicSimulator) -> None:
    apic.add_user("ops", "pw", {"all": {"read-all": "readPriv"}, "DOM": {"tenant-admin": "writePriv"}})
    with Client(apic) as client:
        answer = client.post("aaaLogin", mo("aaaUser", name="ops", pwd="pw"))
        children = answer.json()["imdata"][0]["aaaLogin"]["children"]
        assert [attributes(child) for child in children] == [
            {"name": "all", "rolesR": "read-all", "rolesW": ""},
            {"name": "DOM", "rolesR": "tenant-admin", "rolesW": "tenant-admin"},
        ]


def test_a_login_for_a_browser_gives_a_second_token_that_every_request_has_to_bear(
    apic: ApicSimulator,
) -> None:
    with Client(apic) as client:
        login = mo("aaaUser", name="admin", pwd="secret")
        answer = client.post("aaaLogin", login, **{"gui-token-request": "yes"})
        challenge = attributes(answer.json()["imdata"][0])["urlToken"]
        assert client.get("class/fvTenant").status_code == 403
        assert client.get("class/fvTenant", challenge=challenge).status_code == 200
        client.http.headers["APIC-challenge"] = challenge
        assert client.get("class/fvTenant").status_code == 200
        assert attributes(client.get("aaaRefresh").json()["imdata"][0])["urlToken"] == challenge


def test_anybody_may_list_the_login_domains(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        answer = client.get("aaaListDomains").json()
        assert {"name": "fallback"} in answer["imdata"]
        assert 'name="fallback"' in client.raw_get("/api/aaaListDomains.xml").text


def test_a_login_domain_that_does_not_exist_is_refused_with_401(apic: ApicSimulator) -> None:
    with Client(apic) as client:
        body = mo("aaaUser", name="apic:nowhere\\admin", pwd="secret")
        assert error_of(client.post("aaaLogin", body))[:2] == (401, "401")


def test_a_user_who_is_switched_off_cannot_log_in_and_has_no_session_any_more(apic: ApicSimulator) -> None:
    apic.add_user("ops", "pw")
    with Client(apic) as client:
        client.login("ops", "pw").open_socket()
        apic.post("uni/userext/user-ops", mo("aaaUser", accountStatus="inactive"))
        assert client.socket is not None
        assert client.socket.recv() == ""
        assert error_of(client.get("class/fvTenant"))[:2] == (403, "403")
        assert client.post("aaaLogin", mo("aaaUser", name="ops", pwd="pw")).status_code == 401


def test_the_sessions_of_a_deleted_user_end(apic: ApicSimulator) -> None:
    apic.add_user("ops", "pw")
    with Client(apic) as client:
        client.login("ops", "pw")
        apic.delete("uni/userext/user-ops")
        assert client.get("class/fvTenant").status_code == 403
        assert client.get("aaaRefresh").status_code == 403


def test_a_login_throttle_answers_503_with_a_page_of_nginx(apic: ApicSimulator) -> None:
    throttle = "faults: [{do: {throttle: {rate: 4, burst: 4}}, match: {path: aaaLogin}}]"
    apic.load_faults(read_text(throttle))
    with Client(apic) as client:
        login = mo("aaaUser", name="admin", pwd="secret")
        answers = [client.post("aaaLogin", login) for _ in range(6)]
        assert [answer.status_code for answer in answers[:4]] == [200] * 4
        assert answers[-1].status_code == 503
        assert answers[-1].headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "{}", '{"aaaUser": {}}', '{"aaaUser": {"attributes": {"name": 1}}}'),
        r'{"aaaUser": {"attributes": {"name": "admin", "pwd": "\ud800"}}}',
    ],
)
def test_a_login_without_name_and_password_is_a_bad_request(apic: ApicSimulator, body: str) -> None:
    with Client(apic) as client:
        assert error_of(client.post("aaaLogin", body))[:2] == (400, "400")


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
