"""The session against an APIC that misbehaves: lost answers, ended sessions, dead controllers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.query import class_path, mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.clock import SystemClock
from akb_sync.errors import (
    ApicAnswerError,
    ApicBusy,
    ApicError,
    ApicLoginRefused,
    ApicOutcomeUnknown,
    ApicRejected,
    ApicUnreachable,
)
from akb_sync.simulators.apic import ApicSimulator, Canned, Loss
from tests.simulated.apic.transport.inbox import Inbox, Losses

Connect = Callable[..., ApicSession]
L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG = {"l3extInstP": {"attributes": {"name": "E"}}}


@pytest.fixture
def second() -> Iterator[ApicSimulator]:
    with ApicSimulator(users={"admin": "secret"}, tls=False) as simulator:
        yield simulator


@pytest.mark.parametrize("how", list(Loss))
def test_a_commit_whose_answer_is_lost_is_an_unknown_outcome_and_not_repeated(
    how: Loss, apic: ApicSimulator, connect: Connect
) -> None:
    session = connect(read_timeout=0.5)
    session.get(mo_path(L3OUT))
    apic.faults.lose_answers(1, how)
    with pytest.raises(ApicOutcomeUnknown):
        session.post(L3OUT, EPG)
    assert apic.counts["posts"] == 1
    assert len(session.get(mo_path(f"{L3OUT}/instP-E"))) == 1


@pytest.mark.parametrize(
    ("canned", "kind"),
    [
        (Canned.BUSY, ApicBusy),
        (Canned.QUEUE_FULL, ApicBusy),
        (Canned.NOT_ALLOWED, ApicBusy),
        (Canned.HTML, ApicOutcomeUnknown),
    ],
)
def test_a_write_that_is_not_taken_is_told_and_left_to_the_caller(
    canned: Canned, kind: type[ApicError], apic: ApicSimulator, connect: Connect
) -> None:
    session = connect()
    session.get(mo_path(L3OUT))
    apic.faults.answer_next(canned, method="POST")
    with pytest.raises(kind):
        session.post(L3OUT, EPG)
    assert apic.get(f"{L3OUT}/instP-E") is None
    session.post(L3OUT, EPG)


@pytest.mark.parametrize("canned", [Canned.BUSY, Canned.QUEUE_FULL, Canned.NOT_ALLOWED])
def test_a_read_survives_a_busy_moment(canned: Canned, apic: ApicSimulator, connect: Connect) -> None:
    apic.faults.answer_next(canned, 3, method="GET")
    assert len(connect().get(mo_path(L3OUT))) == 1


def test_html_where_json_belongs_is_not_an_empty_fabric(apic: ApicSimulator, connect: Connect) -> None:
    apic.faults.answer_next(Canned.HTML, method="GET")
    with pytest.raises(ApicAnswerError):
        connect().get(mo_path(L3OUT))


def test_a_rejected_object_leaves_nothing_and_its_text_is_told(apic: ApicSimulator, connect: Connect) -> None:
    apic.faults.reject("instP-E", "801", "no such thing")
    with pytest.raises(ApicRejected) as caught:
        connect().post(L3OUT, EPG)
    assert (caught.value.code, caught.value.text) == ("801", "no such thing")


def test_a_session_that_was_ended_is_replaced_and_the_write_goes_through(
    apic: ApicSimulator, connect: Connect
) -> None:
    session = connect()
    session.get(mo_path(L3OUT))
    apic.faults.expire_sessions()
    session.post(L3OUT, EPG)
    assert (apic.counts["logins"], len(apic.journal)) == (2, 1)


def test_a_password_that_was_changed_meanwhile_is_tried_once(apic: ApicSimulator, connect: Connect) -> None:
    session = connect()
    session.get(mo_path(L3OUT))
    apic.faults.refuse_logins = True
    apic.faults.expire_sessions()
    for _ in range(5):
        with pytest.raises(ApicLoginRefused):
            session.get(mo_path(L3OUT))
        session.maintain()
    assert apic.counts["logins_refused"] == 1


def test_many_threads_in_a_session_that_was_ended_make_one_new_login(
    apic: ApicSimulator, connect: Connect
) -> None:
    session = connect()
    session.get(mo_path(L3OUT))
    apic.faults.expire_sessions()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(session.get, [mo_path(L3OUT)] * 40))
    assert all(len(objects) == 1 for objects in found)
    assert apic.counts["logins"] == 2


def test_failover_loses_the_subscriptions_and_says_so(
    apic: ApicSimulator, second: ApicSimulator, connect: Connect
) -> None:
    session, losses, inbox = connect(apic.url, second.url), Losses(), Inbox()
    session.on_lost = losses
    session.subscribe(mo_path("uni"), {}, Inbox())[0].ready()
    apic.stop()
    losses.wait()
    session.subscribe(class_path("fvTenant"), {}, inbox)[0].ready()
    assert session.controller == second.url
    second.small_fabric()
    assert inbox.next() == [("fvTenant", "uni/tn-TEN_K8_C1", "created")]


def test_all_controllers_down_and_back_in_reverse_order(
    apic: ApicSimulator, second: ApicSimulator, connect: Connect
) -> None:
    session = connect(apic.url, second.url)
    session.get(mo_path("uni"))
    apic.stop()
    second.stop()
    with pytest.raises(ApicUnreachable) as caught:
        session.get(mo_path("uni"))
    assert apic.url in caught.value.message
    assert second.url in caught.value.message
    second.start()
    session.get(mo_path("uni"))
    assert session.controller == second.url
    apic.start()
    session.get(mo_path("uni"))
    assert session.controller == second.url


def test_an_idle_connection_that_was_closed_meanwhile_does_not_disturb_a_read(
    apic: ApicSimulator, connect: Connect
) -> None:
    session = connect()
    session.get(mo_path(L3OUT))
    apic.stop()
    apic.start()
    assert len(session.get(mo_path(L3OUT))) == 1


def test_the_upkeep_thread_keeps_a_short_lived_token_fresh() -> None:
    with ApicSimulator(users={"admin": "secret"}, tls=False, refresh_timeout=2) as simulator:
        options = ApicOptions((simulator.url,), "admin", password="secret")
        losses, inbox = Losses(), Inbox()
        with ApicSession(options, SystemClock()) as session:
            session.on_lost = losses
            session.subscribe(class_path("fvTenant"), {}, inbox)[0].ready()
            while not simulator.counts["refreshes"]:
                session.get(mo_path("uni"))
            simulator.small_fabric()
            assert inbox.next() == [("fvTenant", "uni/tn-TEN_K8_C1", "created")]
        assert losses.none
        assert (simulator.counts["logins"], simulator.counts["logouts"]) == (1, 1)
