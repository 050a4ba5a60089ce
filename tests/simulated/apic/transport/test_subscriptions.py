"""Subscriptions over a real websocket: events come, are kept alive, and no loss goes unnoticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from akb_sync.apic.query import class_path, mo_path
from akb_sync.apic.session import ApicSession
from akb_sync.errors import ApicBusy, ApicError, ApicRejected
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.transport.inbox import FakeClock, Inbox, Losses

Connect = Callable[..., ApicSession]
L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-E"
BELOW = {"query-target": "subtree", "target-subtree-class": "l3extInstP,l3extSubnet"}


def subnet(number: int) -> dict[str, object]:
    return {"l3extSubnet": {"attributes": {"ip": f"10.0.0.{number}/32"}}}


def epg(*children: dict[str, object]) -> dict[str, object]:
    return {"l3extInstP": {"attributes": {"name": "E"}, "children": list(children)}}


def dn(number: int) -> str:
    return f"{EPG}/extsubnet-[10.0.0.{number}/32]"


def test_a_change_made_by_anybody_is_reported(apic: ApicSimulator, connect: Connect) -> None:
    session, inbox = connect(), Inbox()
    subscription, objects = session.subscribe(mo_path(L3OUT), BELOW, inbox)
    assert objects == []
    subscription.ready()
    session.post(L3OUT, epg(subnet(1)))
    seen = {event for _ in range(2) for event in inbox.next()}
    assert seen == {("l3extInstP", EPG, "created"), ("l3extSubnet", dn(1), "created")}
    apic.delete(dn(1))
    while ("l3extSubnet", dn(1), "deleted") not in inbox.next():
        pass


def test_the_snapshot_comes_whole_over_several_pages_with_one_subscription(
    apic: ApicSimulator, connect: Connect
) -> None:
    apic.post(L3OUT, epg(*map(subnet, range(1, 8))))
    session = connect(page_size=3)
    _, objects = session.subscribe(mo_path(L3OUT), BELOW, Inbox())
    assert len(objects) == 8
    assert (apic.subscriptions, apic.counts["subscriptions"], apic.counts["sockets"]) == (1, 1, 1)


def test_events_wait_for_ready(apic: ApicSimulator, connect: Connect) -> None:
    session, early, witness = connect(), Inbox(), Inbox()
    subscription, _ = session.subscribe(mo_path(L3OUT), BELOW, early)
    session.subscribe(class_path("l3extSubnet"), {}, witness)[0].ready()
    apic.post(L3OUT, epg(subnet(1)))
    witness.next()
    assert early.empty
    subscription.ready()
    assert {name for _ in range(2) for name, _, _ in early.next()} == {"l3extInstP", "l3extSubnet"}


def test_many_subscriptions_share_one_websocket(apic: ApicSimulator, connect: Connect) -> None:
    session = connect()
    for name in ("fvTenant", "fvCtx", "l3extOut"):
        session.subscribe(class_path(name), {}, Inbox())
    assert (apic.subscriptions, apic.counts["sockets"]) == (3, 1)


def test_refreshed_subscriptions_outlive_their_timeout(
    apic: ApicSimulator, connect: Connect, clock: FakeClock
) -> None:
    session, inbox = connect(), Inbox()
    subscription, _ = session.subscribe(mo_path(L3OUT), BELOW, inbox)
    other, _ = session.subscribe(class_path("fvTenant"), {}, Inbox())
    subscription.ready()
    for _ in range(4):
        for let_pass in (clock.turn, apic.clock.advance):
            let_pass(30.0)
        session.maintain()
        session.maintain()
        assert session.confirmed_at(subscription) == session.confirmed_at(other) == clock.seconds
    assert apic.counts["subscription_refreshes"] == 8
    apic.post(L3OUT, epg())
    assert inbox.next() == [("l3extInstP", EPG, "created")]


def test_an_unsubscribed_query_is_refreshed_no_more(
    apic: ApicSimulator, connect: Connect, clock: FakeClock
) -> None:
    session, inbox, witness = connect(), Inbox(), Inbox()
    subscription, _ = session.subscribe(mo_path(L3OUT), BELOW, inbox)
    session.subscribe(class_path("l3extInstP"), {}, witness)[0].ready()
    subscription.ready()
    session.unsubscribe(subscription)
    session.unsubscribe(subscription)
    apic.post(L3OUT, epg())
    witness.next()
    assert inbox.empty
    clock.turn(30)
    session.maintain()
    assert apic.counts["subscription_refreshes"] == 1
    assert session.confirmed_at(subscription) == float("-inf")


def lose_by_closing(apic: ApicSimulator, session: ApicSession, clock: FakeClock) -> None:
    del session, clock
    apic.faults.close_sockets()


def lose_by_forgetting(apic: ApicSimulator, session: ApicSession, clock: FakeClock) -> None:
    apic.clock.advance(61)
    clock.turn(30)
    session.maintain()


def lose_by_ending_the_session(apic: ApicSimulator, session: ApicSession, clock: FakeClock) -> None:
    del clock
    apic.faults.expire_sessions()
    session.get(mo_path(L3OUT))


def lose_by_a_session_that_ends_unseen(apic: ApicSimulator, session: ApicSession, clock: FakeClock) -> None:
    del session, clock
    apic.faults.expire_sessions()


def lose_by_restart(apic: ApicSimulator, session: ApicSession, clock: FakeClock) -> None:
    del session, clock
    apic.stop()
    apic.start()


@pytest.mark.parametrize(
    "lose",
    [
        lose_by_closing,
        lose_by_forgetting,
        lose_by_ending_the_session,
        lose_by_a_session_that_ends_unseen,
        lose_by_restart,
    ],
)
def test_every_loss_is_told_once_and_subscribing_again_works(
    lose: Callable[[ApicSimulator, ApicSession, FakeClock], None],
    apic: ApicSimulator,
    connect: Connect,
    clock: FakeClock,
) -> None:
    session, losses, inbox = connect(), Losses(), Inbox()
    session.on_lost = losses
    subscription, _ = session.subscribe(mo_path(L3OUT), BELOW, Inbox())
    subscription.ready()
    assert (losses.none, session.generation) == (True, 0)
    lose(apic, session, clock)
    losses.wait()
    assert not subscription.alive
    assert session.generation > 0
    apic.post(L3OUT, epg())
    again, objects = session.subscribe(mo_path(L3OUT), BELOW, inbox)
    assert len(objects) == 1
    again.ready()
    apic.delete(EPG)
    assert inbox.next() == [("l3extInstP", EPG, "deleted")]
    assert losses.none


def test_on_lost_may_subscribe_again_by_itself(apic: ApicSimulator, connect: Connect) -> None:
    session, inbox = connect(), Inbox()
    session.subscribe(mo_path(L3OUT), BELOW, Inbox())[0].ready()

    def subscribe_again() -> None:
        session.subscribe(mo_path(L3OUT), BELOW, inbox)[0].ready()

    session.on_lost = subscribe_again
    apic.faults.expire_sessions()
    for number in range(200):
        apic.post(L3OUT, epg(subnet(number + 1)))
        session.get(mo_path(L3OUT))
        if not inbox.empty:
            return
    raise AssertionError("no event came after subscribing again")


def test_a_token_refresh_leaves_socket_and_subscriptions_alone(
    apic: ApicSimulator, connect: Connect, clock: FakeClock
) -> None:
    session, losses, inbox = connect(), Losses(), Inbox()
    session.on_lost = losses
    session.subscribe(mo_path(L3OUT), BELOW, inbox)[0].ready()
    for _ in range(30):
        for let_pass in (clock.turn, apic.clock.advance):
            let_pass(30.0)
        session.maintain()
    assert apic.counts["refreshes"] == 3
    apic.post(L3OUT, epg())
    assert inbox.next() == [("l3extInstP", EPG, "created")]
    assert (losses.none, apic.counts["logins"], apic.counts["sockets"]) == (True, 1, 1)


def test_a_busy_apic_delays_a_subscription_and_a_refresh(
    apic: ApicSimulator, connect: Connect, clock: FakeClock
) -> None:
    session = connect()
    apic.faults.answer_next("busy", 2, path="subscription=yes")
    subscription, _ = session.subscribe(mo_path(L3OUT), BELOW, Inbox())
    apic.faults.answer_next("busy", 1, path="subscriptionRefresh")
    began = session.confirmed_at(subscription)
    clock.turn(30)
    session.maintain()
    assert session.confirmed_at(subscription) == began
    clock.turn(5)
    session.maintain()
    assert session.confirmed_at(subscription) == clock.seconds


def test_a_subscription_to_nonsense_is_rejected(connect: Connect) -> None:
    with pytest.raises(ApicRejected):
        connect().subscribe(class_path("noSuchClass"), {}, Inbox())


def test_an_apic_that_stays_busy_is_told_to_who_subscribes(apic: ApicSimulator, connect: Connect) -> None:
    apic.faults.answer_next("busy", 4, path="subscription=yes")
    with pytest.raises(ApicBusy):
        connect().subscribe(mo_path(L3OUT), BELOW, Inbox())


def test_a_frame_that_comes_twice_is_delivered_twice_and_one_that_is_lost_not_at_all(
    apic: ApicSimulator, connect: Connect
) -> None:
    session, inbox = connect(), Inbox()
    session.subscribe(
        mo_path(L3OUT), {"query-target": "subtree", "target-subtree-class": "l3extSubnet"}, inbox
    )[0].ready()
    apic.post(L3OUT, epg())
    apic.faults.duplicate_events(1)
    apic.post(EPG, subnet(1))
    assert inbox.next() == inbox.next() == [("l3extSubnet", dn(1), "created")]
    apic.faults.drop_events(1)
    apic.post(EPG, subnet(2))
    apic.post(EPG, subnet(3))
    assert inbox.next() == [("l3extSubnet", dn(3), "created")]


def test_closing_tells_no_loss_and_ends_the_threads(apic: ApicSimulator, connect: Connect) -> None:
    session, losses = connect(), Losses()
    session.on_lost = losses
    subscription, _ = session.subscribe(mo_path(L3OUT), BELOW, Inbox())
    session.close()
    assert losses.none
    assert not subscription.alive
    assert apic.counts["logouts"] == 1
    with pytest.raises(ApicError, match="closed"):
        session.get(mo_path(L3OUT))
