"""Unknown is not empty: what acts, and what waits, while views are stale or were never read."""

from __future__ import annotations

import pytest

from akb_sync.item import Action
from akb_sync.model import Desired, Freshness, Observed, Source
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .builders import (
    FRESH,
    NEVER,
    OF_POD,
    OF_SERVICE,
    STALE,
    binding,
    cluster,
    does,
    epg,
    fabric,
    holds,
    item,
    l3out,
    plan,
    pod,
    service,
    subnet,
    views,
    workload,
)

HERE = fabric(l3out(epg("A", "10.0.0.9", subnet("10.0.0.3", name="x")), epg("B")))


def _with(source: Source, freshness: Freshness) -> Plan:
    """Two new addresses, a drifted one, a leftover, a leftover EPG and a new EPG; one kind is not fresh."""
    sources = views() | {source: views(freshness)[source]}
    desired = cluster(
        pod("10.0.0.1"),
        service("10.0.0.2"),
        pod("10.0.0.3"),
        workload("set", binding("C"), kind="StatefulSet"),
        sources=sources,
    )
    return plan(desired, HERE, now=1000.0)


@pytest.mark.parametrize("freshness", [STALE, NEVER])
@pytest.mark.parametrize("source", list(Source))
def test_each_item_rests_on_its_own_kinds_and_a_delete_on_all(source: Source, freshness: Freshness) -> None:
    found = _with(source, freshness)
    waiting = {dn for dn, reason in holds(found).items() if reason == Reason.NOT_FRESH}
    expected = {binding("A").subnet_dn("10.0.0.9/32"), binding("B").dn}
    if source in OF_POD:
        expected |= {binding("A").subnet_dn("10.0.0.1/32"), binding("A").subnet_dn("10.0.0.3/32")}
    if source in OF_SERVICE:
        expected |= {binding("A").subnet_dn("10.0.0.2/32")}
    if source is Source.STATEFULSETS:
        expected |= {binding("C").dn}
    assert waiting == expected
    assert not any(one.removes for one in found.actionable)


def test_with_all_kinds_fresh_everything_goes_but_what_only_time_holds() -> None:
    found = _with(Source.PODS, FRESH)
    assert len(found.actionable) == 5
    assert holds(found) == {binding("B").dn: Reason.HOLD_DOWN}


@pytest.mark.parametrize("freshness", [STALE, NEVER])
def test_nothing_is_written_to_an_l3out_whose_view_is_not_fresh(freshness: Freshness) -> None:
    observed = fabric(
        l3out(epg("A", "10.0.0.9", subnet("10.0.0.1", name="x")), epg("B"), freshness=freshness)
    )
    found = plan(cluster(pod("10.0.0.1"), pod("10.0.0.2")), observed, now=1000.0)
    assert not found.actionable
    assert set(holds(found).values()) == {Reason.NOT_FRESH}
    assert len(found.held) == 4


def test_one_l3out_that_is_not_fresh_does_not_stop_another_vrf() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.9"), freshness=STALE, vrf="uni/tn-T1/ctx-x"), l3out(name="L2"))
    found = plan(cluster(workload("web", binding("A", "L2"))), observed)
    assert does(found) == ["create A"]


def test_an_empty_desire_that_was_never_read_deletes_nothing() -> None:
    found = plan(Desired(), fabric(l3out(epg("A", "10.0.0.1"))), now=10_000.0)
    assert not found.actionable
    assert {one.action for one in found.items} == {Action.DELETE}
    assert set(holds(found).values()) == {Reason.NOT_FRESH}


def test_nothing_at_all_is_a_plan_too() -> None:
    found = plan(Desired(), Observed())
    assert found.items == ()
    assert found.settled
    assert (found.revisit_at, found.reread_at, found.approval_id) == (None, None, "")


def test_a_hold_names_the_view_that_is_missing() -> None:
    hold = item(_with(Source.SERVICES, STALE), binding("A"), "10.0.0.2").hold
    assert hold
    assert "services" in hold.message
    stale = plan(cluster(pod("10.0.0.1")), fabric(l3out(freshness=STALE)))
    hold = item(stale, binding("A"), "10.0.0.1").hold
    assert hold
    assert "T1/L1" in hold.message


def test_while_the_other_l3outs_of_the_vrf_are_not_known_new_prefixes_wait_and_the_rest_goes_on() -> None:
    unknown = Observed(HERE.l3outs, complete=False)
    found = plan(cluster(pod("10.0.0.1"), pod("10.0.0.3")), unknown, now=1000.0)
    hold = item(found, binding("A"), "10.0.0.1").hold
    assert hold is not None
    assert (hold.reason, hold.message) == (Reason.NOT_FRESH, "which L3Outs share the VRF is not known")
    assert "delete A 10.0.0.9/32" in does(found)
