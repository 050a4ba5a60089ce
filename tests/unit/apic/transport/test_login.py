"""Logging in, staying in, and not locking anybody out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.query import mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.errors import ApicAnswerError, ApicForbidden, ApicLoginRefused, ApicUnreachable
from tests.unit.apic.transport.scripted import (
    Asked,
    FakeClock,
    Say,
    ScriptedApic,
    cookie_of,
    envelope,
    error,
    session_of,
)

Connect = Callable[..., ApicSession]
UNI = mo_path("uni")
TOKEN_TIMEOUT = "Token was invalid (Error: Token timeout)"


def refusing(apic: ScriptedApic) -> None:
    def refuse(_: Asked) -> Say:
        apic.logins += 1
        return error(401, "401", "Username or password is incorrect - FAILED local authentication")

    apic.login = refuse


def accepting_only(apic: ScriptedApic, *tokens: str) -> None:
    """Refuse every token but these."""

    def answer(asked: Asked) -> Say:
        return Say() if asked.cookie in map(cookie_of, tokens) else error(403, "403", TOKEN_TIMEOUT)

    apic.answer = answer


def test_nothing_is_sent_before_it_is_needed(apic: ScriptedApic, connect: Connect) -> None:
    session = connect(apic.url)
    session.maintain()
    assert apic.asked == []
    session.get(UNI)
    assert apic.asked[0].target == "/api/aaaLogin.json"
    assert apic.asked[0].body == b'{"aaaUser": {"attributes": {"name": "admin", "pwd": "s3cret"}}}'


def test_one_login_serves_many_requests(apic: ScriptedApic, connect: Connect) -> None:
    session = connect(apic.url)
    for _ in range(3):
        session.get(UNI)
    assert apic.logins == 1


def test_the_token_is_refreshed_at_half_of_its_time(
    apic: ScriptedApic, connect: Connect, clock: FakeClock
) -> None:
    session = connect(apic.url)
    session.get(UNI)
    clock.turn(299)
    session.maintain()
    assert apic.refreshes == 0
    clock.turn(1)
    session.maintain()
    session.maintain()
    session.get(UNI)
    assert (apic.refreshes, apic.logins, session.generation) == (1, 1, 0)
    assert apic.asked[-1].cookie == cookie_of("fresh+1==")


def test_a_refresh_that_fails_is_tried_again_later_and_the_session_goes_on(
    apic: ScriptedApic, connect: Connect, clock: FakeClock
) -> None:
    session = connect(apic.url)
    session.get(UNI)
    good = apic.refresh
    apic.refresh = lambda _: Say(503, b"<html>busy</html>")
    clock.turn(300)
    session.maintain()
    session.maintain()
    assert len(apic.targets("aaaRefresh")) == 1
    apic.refresh = good
    clock.turn(10)
    session.maintain()
    session.get(UNI)
    assert apic.asked[-1].cookie == cookie_of("fresh+1==")


def test_a_refresh_answered_in_the_class_of_older_releases_is_understood(
    apic: ScriptedApic, connect: Connect, clock: FakeClock
) -> None:
    apic.refresh = lambda _: envelope({"aaaRefresh": {"attributes": {"token": "older"}}})
    session = connect(apic.url)
    session.get(UNI)
    clock.turn(300)
    session.maintain()
    session.get(UNI)
    assert apic.asked[-1].cookie == cookie_of("older")


def test_a_new_login_comes_before_the_longest_life_ends(
    apic: ScriptedApic, connect: Connect, clock: FakeClock
) -> None:
    apic.login = lambda _: session_of("first", refresh="600", lifetime="1000")
    session = connect(apic.url)
    session.get(UNI)
    clock.turn(949)
    session.maintain()
    assert (len(apic.targets("aaaLogin")), session.generation) == (1, 0)
    apic.login = lambda _: session_of("second")
    clock.turn(1)
    session.maintain()
    session.get(UNI)
    assert apic.asked[-1].cookie == cookie_of("second")
    assert session.generation == 1


def test_a_refused_token_leads_to_one_login_and_the_request_again(
    apic: ScriptedApic, connect: Connect
) -> None:
    accepting_only(apic, "tok/en+2==")
    session = connect(apic.url)
    session.get(UNI)
    assert (apic.logins, session.generation) == (2, 1)
    session.post("uni/tn-T", {})
    assert apic.logins == 2


def test_a_token_that_is_refused_again_and_again_makes_no_storm_of_logins(
    apic: ScriptedApic, connect: Connect, clock: FakeClock
) -> None:
    accepting_only(apic)
    session = connect(apic.url)
    for _ in range(10):
        with pytest.raises(ApicForbidden):
            session.get(UNI)
    assert apic.logins == 4
    clock.turn(60)
    with pytest.raises(ApicForbidden):
        session.get(UNI)
    assert apic.logins == 5


def test_a_missing_right_is_no_reason_to_log_in_again(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda _: error(403, "403", "user does not have access")
    with pytest.raises(ApicForbidden, match="user does not have access") as caught:
        connect(apic.url).post("uni/tn-T", {})
    assert apic.logins == 1
    assert "role" in caught.value.next_step


def test_a_refused_login_is_answered_from_memory_for_five_minutes_doubling_to_thirty(
    apic: ScriptedApic, connect: Connect, clock: FakeClock
) -> None:
    refusing(apic)
    session = connect(apic.url)
    for attempt, hold in enumerate((300, 600, 1200, 1800, 1800), start=1):
        for seconds in (0, 1, hold - 2):
            clock.turn(seconds)
            with pytest.raises(ApicLoginRefused, match="incorrect"):
                session.get(UNI)
            assert apic.logins == attempt
        clock.turn(1)


def test_a_refusal_does_not_show_the_password(apic: ScriptedApic, connect: Connect) -> None:
    refusing(apic)
    with pytest.raises(ApicLoginRefused) as caught:
        connect(apic.url).get(UNI)
    assert "s3cret" not in f"{caught.value!r} {caught.value}"


def test_a_refused_login_is_not_tried_on_the_other_controllers(
    scripted: Callable[[], ScriptedApic], connect: Connect
) -> None:
    first, second = scripted(), scripted()
    refusing(first)
    with pytest.raises(ApicLoginRefused):
        connect(first.url, second.url).get(UNI)
    assert second.asked == []


def test_a_changed_password_is_tried_at_once(apic: ScriptedApic, connect: Connect) -> None:
    good = apic.login
    refusing(apic)
    session = connect(apic.url)
    with pytest.raises(ApicLoginRefused):
        session.get(UNI)
    apic.login = good
    session.use(ApicOptions((apic.url,), "admin", password="s3cret"))
    with pytest.raises(ApicLoginRefused):
        session.get(UNI)
    session.use(ApicOptions((apic.url,), "admin", password="n3w"))
    session.get(UNI)
    assert b"n3w" in apic.asked[-2].body


def test_a_password_rotated_while_in_is_used_with_the_next_request(
    apic: ScriptedApic, connect: Connect
) -> None:
    session = connect(apic.url)
    session.get(UNI)
    session.use(ApicOptions((apic.url,), "admin", password="n3w"))
    session.get(UNI)
    assert (apic.logins, session.generation) == (2, 1)


@pytest.mark.parametrize(
    "say",
    [
        envelope(),
        envelope({"aaaLogin": {"attributes": {}}}),
        envelope({"aaaLogin": {"attributes": {"token": "a; APIC-cookie=b"}}}),
        envelope({"aaaLogin": {"attributes": {"token": "a\r\nX: y"}}}),
        Say(body=b"<html>Welcome to the hotel</html>"),
        Say(302, b"", {"Location": "https://elsewhere.example/"}),
    ],
)
def test_a_login_without_a_usable_token_is_no_login(say: Say, apic: ScriptedApic, connect: Connect) -> None:
    apic.login = lambda _: say
    with pytest.raises((ApicAnswerError, ApicUnreachable)):
        connect(apic.url).get(UNI)
    assert len(apic.asked) == 1


def test_closing_logs_out_once_and_ends_the_session(apic: ScriptedApic, connect: Connect) -> None:
    session = connect(apic.url)
    session.get(UNI)
    session.close()
    session.close()
    (logout,) = [asked for asked in apic.asked if "aaaLogout" in asked.target]
    assert logout.body == b'{"aaaUser": {"attributes": {"name": "admin"}}}'
    assert logout.cookie == cookie_of("tok/en+1==")


def test_closing_without_a_login_sends_nothing(apic: ScriptedApic, connect: Connect) -> None:
    connect(apic.url).close()
    assert apic.asked == []


def test_a_controller_that_fails_to_log_out_does_not_disturb_the_close(
    apic: ScriptedApic, connect: Connect
) -> None:
    session = connect(apic.url)
    session.get(UNI)
    apic.answer = lambda _: Say(cut=True)
    session.close()
    with pytest.raises(ApicUnreachable, match="closed"):
        session.post("uni", {})
