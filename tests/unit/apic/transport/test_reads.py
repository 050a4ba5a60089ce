"""Reads: whole results out of pages, patience with a busy APIC, and another controller when one is dead."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import Any

import pytest

from akb_sync.apic.query import class_path, mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.errors import (
    ApicAnswerError,
    ApicBusy,
    ApicCertificateError,
    ApicForbidden,
    ApicRejected,
    ApicUnreachable,
)
from tests.unit.apic.transport.scripted import HTML, Asked, Say, ScriptedApic, envelope, error, mo

Connect = Callable[..., ApicSession]
PATH = class_path("fvTenant")
OBJECTS = [mo(f"uni/tn-{n}") for n in range(7)]


def window(asked: Asked, objects: list[dict[str, Any]]) -> Say:
    page, size = (int(re.findall(rf"[?&]{name}=(\d+)", asked.target)[0]) for name in ("page", "page-size"))
    return envelope(*objects[page * size : (page + 1) * size], total=len(objects))


def reads(apic: ScriptedApic) -> int:
    return len(apic.targets(PATH))


def test_a_result_comes_whole_out_of_its_pages(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda asked: window(asked, OBJECTS)
    assert connect(apic.url, page_size=3).get(PATH) == OBJECTS
    assert reads(apic) == 3


def test_a_result_that_fits_in_a_page_takes_one_request(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda asked: window(asked, OBJECTS)
    assert connect(apic.url, page_size=7).get(PATH) == OBJECTS
    assert reads(apic) == 1


def test_an_absent_object_is_an_empty_list(apic: ScriptedApic, connect: Connect) -> None:
    assert connect(apic.url).get(mo_path("uni/tn-none")) == []


@pytest.mark.parametrize(
    "changed",
    [
        [mo("uni/tn-new"), *OBJECTS],  # shifts an object seen before into the next page
        OBJECTS[1:],  # shifts one out of the next page that was never seen
        [mo("uni/tn-new"), *OBJECTS[:-1]],  # as many as before
    ],
)
def test_a_result_that_changes_between_its_pages_is_read_again(
    changed: list[dict[str, Any]], apic: ScriptedApic, connect: Connect
) -> None:
    apic.answer = lambda asked: window(asked, OBJECTS if reads(apic) == 1 else changed)
    assert connect(apic.url, page_size=3).get(PATH) == changed


def test_a_result_that_never_stands_still_is_given_up_as_busy(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda asked: window(
        asked, [mo(f"uni/tn-{reads(apic)}-{n}") for n in range(reads(apic) + 3)]
    )
    with pytest.raises(ApicBusy, match="changes faster"):
        connect(apic.url, page_size=3).get(PATH)


@pytest.mark.parametrize(
    "say", [Say(503, HTML), Say(202, b"slow down"), Say(429), Say(405, HTML), Say(502, HTML)]
)
def test_a_busy_apic_is_asked_again_after_growing_pauses(
    say: Say, apic: ScriptedApic, connect: Connect
) -> None:
    apic.answer = lambda asked: say if reads(apic) < 3 else window(asked, OBJECTS)
    session = connect(apic.url)
    assert session.get(PATH) == OBJECTS
    first, second = session.pauses  # type: ignore[attr-defined]
    assert 0.25 <= first <= 0.75
    assert 0.5 <= second <= 1.5


def test_an_apic_that_stays_busy_is_told_to_the_caller(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda _: Say(503, HTML)
    with pytest.raises(ApicBusy, match="503 Service Unavailable"):
        connect(apic.url).get(PATH)
    assert reads(apic) == 4


def test_objects_that_are_counted_but_not_shown_are_a_busy_apic_and_not_an_empty_fabric(
    apic: ScriptedApic, connect: Connect
) -> None:
    apic.answer = lambda _: envelope(total=3)
    with pytest.raises(ApicBusy, match="counts 3 objects"):
        connect(apic.url).get(PATH)
    apic.answer = lambda asked: envelope(total=7) if reads(apic) == 5 else window(asked, OBJECTS)
    assert connect(apic.url).get(PATH) == OBJECTS


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        b"",
        b"[]",
        b'{"imdata": {}}',
        b'{"imdata": ["x"]}',
        b'{"totalCount": "many", "imdata": []}',
        b"\xff\xfe",
        b'{"imdata": [',
        b'{"totalCount": "0"}',
    ],
)
def test_what_is_no_answer_of_an_apic_is_never_an_empty_result(
    body: bytes, apic: ScriptedApic, connect: Connect
) -> None:
    apic.answer = lambda _: Say(200, body)
    with pytest.raises(ApicAnswerError, match="not as an APIC does") as caught:
        connect(apic.url).get(PATH)
    assert apic.url in caught.value.message


def test_a_wrong_query_is_rejected_with_the_words_of_the_apic(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda _: error(400, "121", "Prop 'cod' not found in class 'faultInst' property table")
    with pytest.raises(ApicRejected, match="property table"):
        connect(apic.url).get(PATH)
    assert reads(apic) == 1


def test_a_forbidden_read_is_not_an_empty_result(apic: ScriptedApic, connect: Connect) -> None:
    apic.answer = lambda _: Say(403, HTML)
    with pytest.raises(ApicForbidden):
        connect(apic.url).get(PATH)


def test_a_connection_that_was_cut_is_made_anew_without_a_new_login(
    apic: ScriptedApic, connect: Connect
) -> None:
    apic.answer = lambda asked: Say(cut=True) if reads(apic) == 1 else window(asked, OBJECTS)
    session = connect(apic.url)
    assert session.get(PATH) == OBJECTS
    assert (apic.logins, session.generation) == (1, 0)


def test_reading_goes_on_with_the_next_controller_that_answers_and_stays_there(
    scripted: Callable[[], ScriptedApic], connect: Connect
) -> None:
    first, third = ScriptedApic(), scripted()
    second = ScriptedApic()
    second.stop()
    session = connect(first.url, second.url, third.url)
    session.get(PATH)
    assert session.controller == first.url
    first.stop()
    session.get(PATH)
    session.get(PATH)
    assert (session.controller, session.generation) == (third.url, 1)
    assert (third.logins, reads(third)) == (1, 2)


def test_a_controller_that_takes_requests_and_never_answers_is_left(
    scripted: Callable[[], ScriptedApic], connect: Connect
) -> None:
    first, second = scripted(), scripted()
    session = connect(first.url, second.url, read_timeout=0.05)
    session.get(PATH)
    first.answer = lambda _: Say(hang=True)
    session.get(PATH)
    assert session.controller == second.url


def test_the_only_controller_that_never_answers_is_told_as_unreachable(
    apic: ScriptedApic, connect: Connect
) -> None:
    apic.answer = lambda _: Say(hang=True)
    with pytest.raises(ApicUnreachable, match="gave no answer to GET"):
        connect(apic.url, read_timeout=0.05).get(PATH)


def test_the_first_controller_that_can_log_us_in_is_used(
    scripted: Callable[[], ScriptedApic], connect: Connect
) -> None:
    busy, hotel, good = scripted(), scripted(), scripted()
    busy.login = lambda _: Say(503, HTML)
    hotel.login = lambda _: Say(200, HTML)
    session = connect(busy.url, hotel.url, good.url)
    session.get(PATH)
    assert session.controller == good.url


def test_when_no_controller_works_the_error_names_each_and_what_is_wrong_with_it(
    scripted: Callable[[], ScriptedApic], connect: Connect
) -> None:
    gone, hotel = ScriptedApic(), scripted()
    gone.stop()
    hotel.login = lambda _: Say(200, HTML)
    with pytest.raises(ApicAnswerError) as caught:
        connect(gone.url, hotel.url).get(PATH)
    assert "connection refused" in caught.value.message
    assert f"{hotel.url} answers 200" in caught.value.message
    assert not isinstance(caught.value, ApicCertificateError)


def test_a_name_that_does_not_exist_is_told_so(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(ApicUnreachable, match="the name cannot be resolved"):
        connect("http://apic.invalid").get(PATH)
