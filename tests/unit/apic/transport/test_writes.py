"""What a caller may conclude from a write that did not end with 200."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import pytest

from akb_sync.apic.query import mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.errors import (
    ApicAnswerError,
    ApicBusy,
    ApicError,
    ApicLoginRefused,
    ApicOutcomeUnknown,
    ApicRejected,
    ApicUnreachable,
)
from tests.unit.apic.transport.scripted import HTML, Say, ScriptedApic, error

Connect = Callable[..., ApicSession]
DN = "uni/tn-T/out-O"


def unused_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def writes(apic: ScriptedApic) -> int:
    return sum(asked.target == mo_path(DN) for asked in apic.asked)


def test_a_write_answered_200_is_done(apic: ScriptedApic, connect: Connect) -> None:
    connect(apic.url).post(DN, {})
    assert writes(apic) == 1


def test_a_rejected_write_carries_the_code_and_the_words_of_the_apic(
    apic: ScriptedApic, connect: Connect
) -> None:
    apic.answer = lambda _: error(400, "801", "property descr of uni/tn-T failed validation")
    with pytest.raises(ApicRejected) as caught:
        connect(apic.url).post(DN, {})
    assert (caught.value.code, caught.value.text) == ("801", "property descr of uni/tn-T failed validation")
    assert DN in str(caught.value)


def test_an_error_in_an_answer_of_200_is_a_rejection_too(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda _: error(200, "103", "exists")
    with pytest.raises(ApicRejected):
        connect(apic.url).post(DN, {})


@pytest.mark.parametrize(
    ("say", "kind"),
    [
        (Say(503, HTML), ApicBusy),
        (error(503, "503", "Unable to deliver the message, destination is not available"), ApicBusy),
        (Say(429, HTML), ApicBusy),
        (Say(202, b"APIC queue is full, slow down"), ApicBusy),
        (Say(405, HTML), ApicBusy),
        (error(400, "202", "Request in progress"), ApicBusy),
        (error(503, "503", "Unable to deliver the message, Resolve timeout"), ApicOutcomeUnknown),
        (Say(500, HTML), ApicOutcomeUnknown),
        (Say(502, HTML), ApicOutcomeUnknown),
        (Say(504, HTML), ApicOutcomeUnknown),
        (Say(200, HTML), ApicOutcomeUnknown),
        (Say(cut=True), ApicOutcomeUnknown),
        (Say(413, HTML), ApicRejected),
        (Say(400, HTML), ApicAnswerError),
        (Say(404, HTML), ApicAnswerError),
        (Say(301, b"", {"Location": "https://elsewhere.example/"}), ApicAnswerError),
        (error(401, "401", "signature"), ApicLoginRefused),
    ],
)
def test_each_answer_says_what_became_of_the_write_and_it_is_sent_once(
    say: Say, kind: type[ApicError], apic: ScriptedApic, connect: Connect
) -> None:
    session = connect(apic.url)
    session.get(mo_path("uni"))
    apic.answer = lambda _: say
    with pytest.raises(kind) as caught:
        session.post(DN, {})
    assert type(caught.value) is kind or issubclass(type(caught.value), kind)
    assert writes(apic) == 1
    assert "<" not in str(caught.value)


def test_html_is_quoted_by_its_first_words_with_host_and_status(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda _: Say(503, HTML)
    with pytest.raises(ApicBusy, match=f"{apic.url} answers 503 to {DN}: 503 Service Unavailable"):
        connect(apic.url).post(DN, {})


def test_a_write_without_an_answer_in_time_has_an_unknown_outcome(
    apic: ScriptedApic, connect: Connect
) -> None:
    session = connect(apic.url, read_timeout=0.05)
    session.get(mo_path("uni"))
    apic.answer = lambda _: Say(hang=True)
    with pytest.raises(ApicOutcomeUnknown, match="timed out"):
        session.post(DN, {})


def test_a_write_to_a_controller_that_is_gone_was_not_sent(connect: Connect) -> None:
    apic = ScriptedApic()
    session = connect(apic.url)
    session.get(mo_path("uni"))
    apic.stop()
    with suppress(ApicOutcomeUnknown, ApicUnreachable):
        session.post(DN, {})  # the idle connection may be found closed only when it is written to
    with pytest.raises(ApicUnreachable, match=r"cannot connect to http://127.0.0.1:\d+: connection refused"):
        session.post(DN, {})


def test_a_write_never_goes_to_another_controller_by_itself(
    scripted: Callable[[], ScriptedApic], connect: Connect
) -> None:
    first, second = ScriptedApic(), scripted()
    session = connect(first.url, second.url)
    session.get(mo_path("uni"))
    first.stop()
    for _ in range(3):
        try:
            session.post(DN, {})
        except (ApicUnreachable, ApicOutcomeUnknown):
            assert writes(second) == 0
            continue
        break
    assert writes(second) == 1
    assert (session.controller, session.generation) == (second.url, 1)


def test_a_write_is_refused_at_once_when_no_controller_can_be_reached(connect: Connect) -> None:
    ports = unused_port(), unused_port()
    session = connect(*(f"http://127.0.0.1:{port}" for port in ports))
    with pytest.raises(ApicUnreachable) as caught:
        session.post(DN, {})
    assert all(str(port) in caught.value.message for port in ports)


def test_https_spoken_to_a_port_without_tls_is_told_as_unreachable(
    apic: ScriptedApic, connect: Connect
) -> None:
    session = connect(apic.url.replace("http:", "https:"))
    with pytest.raises(ApicUnreachable, match="cannot connect to https"):
        session.post(DN, {})
