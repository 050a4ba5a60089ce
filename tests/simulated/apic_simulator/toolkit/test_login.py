"""acitoolkit's Session: logging in, staying logged in, and signing requests instead."""

import base64
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from akb_sync.simulators.apic import ApicSimulator
from tests.conformance.key_pairs import self_signed


def test_a_login_with_a_wrong_password_is_not_ok(apic: ApicSimulator, acitoolkit: ModuleType) -> None:
    session = acitoolkit.Session(apic.url, "admin", "wrong")
    assert not session.login(timeout=10).ok
    session.login_thread.join(timeout=10)
    session.close()
    assert not session.logged_in()


def test_an_expired_token_is_answered_by_a_new_login(apic: ApicSimulator, session: Any) -> None:
    apic.faults.expire_sessions()
    assert session.get("/api/class/fvTenant.json").ok
    assert apic.counts["logins"] == 2


def test_a_refresh_gives_the_session_its_next_token(session: Any) -> None:
    before = session.token
    assert session.refresh_login(timeout=10).ok
    assert session.token != before
    assert session.get("/api/class/fvTenant.json").ok


@pytest.fixture
def signing(acitoolkit: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What signing in acitoolkit lacks: pyOpenSSL's functions of old, and text where Python 2 had text."""
    module = acitoolkit.acisession
    monkeypatch.setattr(module, "NO_OPENSSL", False)
    monkeypatch.setattr(module, "FILETYPE_PEM", 1, raising=False)
    monkeypatch.setattr(module, "load_privatekey", _load, raising=False)
    monkeypatch.setattr(module, "sign", _sign, raising=False)
    text = SimpleNamespace(b64encode=lambda data: base64.b64encode(data).decode())
    monkeypatch.setattr(module, "base64", text)
    return acitoolkit


@pytest.fixture
def signed(apic: ApicSimulator, signing: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """A Session that signs its requests as admin."""
    key, certificate = self_signed("toolkit")
    path = tmp_path / "toolkit.key"
    path.write_text(key)
    apic.add_certificate("admin", "toolkit", certificate)
    session = signing.Session(
        apic.url, "admin", cert_name="toolkit", key=str(path), subscription_enabled=False
    )
    assert session.login().ok
    yield session
    session.session.close()


def test_signed_requests_need_no_login(apic: ApicSimulator, acitoolkit: ModuleType, signed: Any) -> None:
    tenant = acitoolkit.Tenant("toolkit")
    acitoolkit.Context("vrf", tenant)
    assert tenant.push_to_apic(signed).ok
    assert [context.name for context in acitoolkit.Context.get(signed, tenant)] == ["vrf"]
    outside = signed.get('/api/class/fvCtx.json?query-target-filter=eq(fvCtx.name,"vrf")')
    assert outside.json()["totalCount"] == "1"
    assert apic.counts["logins"] == 0


def test_a_signature_of_another_key_is_refused(apic: ApicSimulator, signed: Any) -> None:
    _key, certificate = self_signed("other")
    apic.add_certificate("admin", "toolkit", certificate)
    assert signed.session.get(
        f"{apic.url}/api/class/fvTenant.json",
        cookies=signed._prep_x509_header("GET", "/api/class/fvTenant.json"),
        verify=False,
    ).status_code in {401, 403}


def _load(_form: int, text: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(text.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _sign(key: rsa.RSAPrivateKey, payload: str, _digest: str) -> bytes:
    return key.sign(payload.encode(), padding.PKCS1v15(), hashes.SHA256())
