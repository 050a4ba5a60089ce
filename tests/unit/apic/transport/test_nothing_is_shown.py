"""Tokens are in no text that ends up in a log, and in no request that they do not belong in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from websocket import WebSocketBadStatusException

from akb_sync.apic.login import Login
from akb_sync.apic.query import mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.apic.websockets import _refusal
from akb_sync.errors import ApicBusy

from .scripted import ScriptedApic
from .test_login import accepting_only

TOKEN = "dG9rZW4tb2YtYS10ZXN0"


def test_a_login_does_not_show_its_token() -> None:
    assert TOKEN not in repr(Login("https://one.example.com", TOKEN))


def test_a_refused_handshake_does_not_show_the_path_that_it_asked_for() -> None:
    told = _refusal(
        "https://one.example.com", WebSocketBadStatusException(f"Handshake status 503 /socket{TOKEN}", 503)
    )
    assert isinstance(told, ApicBusy)
    assert TOKEN not in str(told)
    assert "503" in str(told)


def test_a_second_login_bears_no_cookie_of_the_session_before(
    apic: ScriptedApic, connect: Callable[..., ApicSession]
) -> None:
    accepting_only(apic, "tok/en+2==")
    log_in = apic.login

    def with_set_cookie(asked: Any) -> Any:
        say = log_in(asked)
        say.headers["Set-Cookie"] = "APIC-cookie=from-set-cookie; path=/; HttpOnly"
        return say

    apic.login = with_set_cookie
    connect(apic.url).get(mo_path("uni"))
    logins = [asked for asked in apic.asked if "aaaLogin" in asked.target]
    assert len(logins) == 2
    assert all("cookie" not in asked.headers for asked in logins)
