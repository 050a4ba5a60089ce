"""Options refuse what cannot work, and say how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.session import ApicSession
from akb_sync.apic.tls import tls_context
from akb_sync.errors import SettingsError
from tests.unit.apic.transport.scripted import FakeClock


def options(**changes: Any) -> ApicOptions:
    settings: dict[str, Any] = {"controllers": ("apic1",), "username": "admin", "password": "s3cret"}
    return ApicOptions(**{**settings, **changes})


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("apic1", "https://apic1"),
        ("apic1:8443", "https://apic1:8443"),
        (" https://apic1/ ", "https://apic1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("APIC1.example.com", "https://apic1.example.com"),
        ("10.0.0.1", "https://10.0.0.1"),
        ("fd00::1", "https://[fd00::1]"),
        ("[fd00::1]:8443", "https://[fd00::1]:8443"),
    ],
)
def test_a_controller_is_kept_as_a_url(written: str, kept: str) -> None:
    assert options(controllers=(written,)).controllers == (kept,)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "https://",
        "ftp://apic1",
        "apic1/api",
        "https://apic1/api",
        "apic1:port",
        "apic1:99999",
        "a b",
        "apic1?x",
    ],
)
def test_what_is_no_controller_is_refused(written: str) -> None:
    with pytest.raises(SettingsError, match="is not an APIC"):
        options(controllers=(written,))


def test_a_password_written_into_a_url_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        options(controllers=("https://admin:hunter2@apic1",))
    assert "hunter2" not in str(caught.value)


def test_the_same_controller_counts_once_and_order_is_kept() -> None:
    assert options(controllers=("b", "a", "https://b/")).controllers == ("https://b", "https://a")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"controllers": ()}, "no APIC is named"),
        ({"controllers": "apic1"}, "no APIC is named"),
        ({"username": ""}, "user name"),
        ({"username": "a\r\nb"}, "user name"),
        ({"password": ""}, "no password and no key"),
        ({"key_pem": b"k"}, "both a password and a key"),
        ({"password": "", "key_pem": b"k"}, "not the name of its certificate"),
        ({"insecure": True, "ca_file": Path("ca.pem")}, "contradict"),
        ({"connect_timeout": 0}, "connect_timeout"),
        ({"read_timeout": -1}, "read_timeout"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": 100_001}, "page_size"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        options(**changes)


def test_secrets_are_not_in_the_repr() -> None:
    shown = repr(options()) + repr(options(password="", key_pem=b"PRIVATE", certificate_name="c"))
    assert "s3cret" not in shown
    assert "PRIVATE" not in shown


def test_the_certificate_of_a_user_or_of_an_app_is_named_by_its_dn() -> None:
    def dn(name: str) -> str:
        return options(password="", key_pem=b"k", certificate_name=name).certificate_dn

    assert dn("akb") == "uni/userext/user-admin/usercert-akb"
    assert dn("uni/userext/appuser-x/usercert-y") == "uni/userext/appuser-x/usercert-y"


def test_a_ca_file_that_is_missing_or_holds_no_certificate_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        tls_context(options(ca_file=tmp_path / "none.pem"))
    (tmp_path / "empty.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match="holds no CA certificate"):
        ApicSession(options(ca_file=tmp_path / "empty.pem"), FakeClock(), upkeep=False)
