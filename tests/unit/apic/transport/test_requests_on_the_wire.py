"""What goes on the wire, byte for byte: DNs and filters raw, one cookie, nothing from the environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from akb_sync.apic.query import class_path, mo_path, plain, target_of
from akb_sync.apic.session import ApicSession
from akb_sync.apic.wire import Call
from tests.unit.apic.transport.scripted import ScriptedApic

Connect = Callable[..., ApicSession]
SUBNET = "uni/tn-T/out-O/instP-E/extsubnet-[10.0.0.0/8]"


def test_brackets_and_slashes_of_a_dn_stay_as_they_are(apic: ScriptedApic, connect: Connect) -> None:
    connect(apic.url).get(mo_path(SUBNET))
    assert apic.asked[-1].target.split("?")[0] == f"/api/mo/{SUBNET}.json"


def test_ipv6_dns_stay_as_they_are(apic: ScriptedApic, connect: Connect) -> None:
    dn = "uni/tn-T/out-O/instP-E/extsubnet-[2001:db8::1/128]"
    connect(apic.url).post(dn, {"l3extSubnet": {"attributes": {}}})
    assert apic.asked[-1].target == f"/api/mo/{dn}.json"


def test_quotes_bars_and_commas_of_a_filter_stay_as_they_are(apic: ScriptedApic, connect: Connect) -> None:
    params = {
        "query-target-filter": 'or(eq(l3extSubnet.ip,"10.0.0.0/8"),wcard(l3extSubnet.annotation,"a:b[c]"))',
        "order-by": "l3extSubnet.dn|asc",
    }
    connect(apic.url).get(class_path("l3extSubnet"), params)
    assert apic.asked[-1].target == (
        '/api/class/l3extSubnet.json?query-target-filter=or(eq(l3extSubnet.ip,"10.0.0.0/8"),'
        'wcard(l3extSubnet.annotation,"a:b[c]"))&order-by=l3extSubnet.dn|asc&page=0&page-size=20000'
    )


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ("a b", "a%20b"),
        ("a&b", "a%26b"),
        ("a+b", "a%2Bb"),
        ("a#b", "a%23b"),
        ("a%5Bb", "a%255Bb"),
        ("a\r\nHost: x", "a%0D%0AHost:%20x"),
        ("ä", "%C3%A4"),
        ('"<[]>|^{}\\', '"<[]>|^{}\\'),
    ],
)
def test_only_what_would_change_the_request_line_is_escaped(
    raw: str, sent: str, apic: ScriptedApic, connect: Connect
) -> None:
    connect(apic.url).get(class_path("fvTenant"), {"x": raw})
    assert apic.asked[-1].target == f"/api/class/fvTenant.json?x={sent}&page=0&page-size=20000"
    assert plain(target_of("/p", {"x": raw})) == f"/p?x={raw}"


def test_a_password_session_sends_one_cookie_header_with_one_cookie(
    apic: ScriptedApic, connect: Connect
) -> None:
    log_in = apic.login

    def with_set_cookie(asked: object) -> object:
        say = log_in(asked)  # type: ignore[arg-type]
        say.headers["Set-Cookie"] = "APIC-cookie=from-set-cookie; path=/; HttpOnly"
        return say

    apic.login = with_set_cookie  # type: ignore[assignment]
    session = connect(apic.url)
    session.get(mo_path("uni"))
    session.get(mo_path("uni"))
    assert [asked.cookie for asked in apic.asked[1:]] == ["APIC-cookie=tok/en+1=="] * 2
    assert "cookie" not in apic.asked[0].headers


def test_a_write_is_json_without_blanks_and_says_so(apic: ScriptedApic, connect: Connect) -> None:
    connect(apic.url).post("uni/tn-T", {"fvTenant": {"attributes": {"name": "T"}}})
    asked = apic.asked[-1]
    assert (asked.method, asked.body) == ("POST", b'{"fvTenant":{"attributes":{"name":"T"}}}')
    assert asked.headers["content-type"] == ["application/json"]
    assert asked.headers["user-agent"][0].startswith("akb-sync/")


def test_proxies_and_netrc_of_the_environment_are_left_alone(
    apic: ScriptedApic, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    connect(apic.url).get(mo_path("uni"))
    assert all("authorization" not in asked.headers for asked in apic.asked)


def test_a_call_does_not_show_its_cookie_or_its_body() -> None:
    call = Call("POST", "/api/aaaLogin.json", b"the password", "the token")
    assert "the" not in repr(call)
