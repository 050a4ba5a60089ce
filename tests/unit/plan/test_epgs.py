"""External EPGs: made, left alone, made again, and taken away."""

from __future__ import annotations

import pytest

from akb_sync.item import Action
from akb_sync.model import Freshness, L3Out, Notice, ObservedL3Out, Source
from akb_sync.plan import MassDelete, Memory, Rules
from akb_sync.reasons import Reason

from .builders import (
    GREATER,
    ME,
    OTHER_VRF,
    Epg,
    Run,
    absent,
    applied,
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
    subnet,
    workload,
)


def test_an_absent_epg_is_made_with_its_subnets_and_the_mark_and_nothing_else() -> None:
    found = plan(cluster(pod("10.0.0.1"), pod("2001:db8::1")), fabric(l3out()))
    assert does(found) == ["create A", "create A 10.0.0.1/32", "create A 2001:db8::1/128"]
    made = item(found, binding())
    assert made.mark == ME.mark(binding().dn)
    assert (made.name, made.scope, made.reason) == (None, None, Reason.WANTED)
    after = applied(found, fabric(l3out()))
    assert plan(cluster(pod("10.0.0.1"), pod("2001:db8::1")), after).settled


def test_a_workload_without_addresses_still_gets_its_epg() -> None:
    assert does(plan(cluster(workload()), fabric(l3out()))) == ["create A"]


def test_a_workload_with_no_replica_left_keeps_its_epg() -> None:
    found = plan(cluster(workload()), fabric(l3out(epg("A", "10.0.0.1"))), now=1000.0)
    assert does(found) == ["delete A 10.0.0.1/32"]


def test_workloads_of_two_tenants_and_l3outs_are_kept_apart() -> None:
    here, there = binding("A", "L1", "T1"), binding("A", "L9", "T2")
    desired = cluster(pod("10.0.0.1", workload("web", here)), pod("10.0.0.2", workload("db", there)))
    observed = fabric(l3out(), l3out(name="L9", tenant="T2", vrf=OTHER_VRF))
    found = plan(desired, observed)
    assert {one.dn for one in found.actionable} == {
        here.dn,
        here.subnet_dn("10.0.0.1/32"),
        there.dn,
        there.subnet_dn("10.0.0.2/32"),
    }
    assert plan(desired, applied(found, observed)).settled


@pytest.mark.parametrize("missing", ["uni/tn-T1", "uni/tn-T1/out-L1"])
def test_a_missing_parent_is_never_made_and_everything_below_waits_for_it(missing: str) -> None:
    desired = cluster(pod("10.0.0.1"))
    found = plan(desired, fabric(absent(missing=missing)))
    assert not found.actionable
    assert set(holds(found).values()) == {Reason.PARENT_MISSING}
    assert missing in (item(found, binding()).hold or pytest.fail("not held")).message
    assert plan(desired, applied(plan(desired, fabric(l3out())), fabric(l3out()))).settled


def test_an_l3out_that_was_read_and_is_not_there_counts_as_missing_whatever_else_is_said() -> None:
    found = plan(cluster(workload()), fabric(ObservedL3Out(L3Out("T1", "L1"), Freshness.FRESH)))
    assert set(holds(found).values()) == {Reason.PARENT_MISSING}


def test_an_l3out_that_was_never_read_is_not_missing_but_unknown() -> None:
    found = plan(cluster(pod("10.0.0.1")), fabric())
    assert set(holds(found).values()) == {Reason.NOT_FRESH}


@pytest.mark.parametrize("mark", [None, GREATER, "orchestrator:terraform", "copied"])
def test_an_epg_that_is_not_ours_gets_our_subnets_and_is_not_touched_itself(mark: str) -> None:
    observed = fabric(l3out(epg("A", mark=mark)))
    found = plan(cluster(pod("10.0.0.1")), observed)
    assert does(found) == ["create A 10.0.0.1/32"]
    assert item(found, binding()).reason is Reason.UNMANAGED
    gone = plan(cluster(), applied(found, observed), now=1000.0)
    assert not any(one.is_epg for one in gone.items)


def test_an_unmanaged_epg_that_the_engine_saw_is_not_made_again_until_somebody_else_does() -> None:
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", mark=None))))
    run.turn()
    deleted = run.finds(fabric(l3out())).turn(10.0)
    assert not deleted.actionable
    assert set(holds(deleted).values()) == {Reason.EPG_DELETED}
    assert does(run.finds(fabric(l3out(epg("A", mark=None)))).turn(10.0)) == ["create A 10.0.0.1/32"]


def test_a_fresh_process_makes_an_absent_epg_that_is_wanted() -> None:
    assert does(plan(cluster(workload()), fabric(l3out()), memory=Memory())) == ["create A"]


def test_an_epg_that_was_adopted_meanwhile_comes_back_when_it_is_deleted() -> None:
    run = Run(cluster(workload()), fabric(l3out(epg("A", mark=None))))
    run.turn()
    run.finds(fabric(l3out(epg("A")))).turn(1.0)
    assert does(run.finds(fabric(l3out())).turn(1.0)) == ["create A"]


def test_an_epg_that_was_released_and_then_deleted_is_not_made_again() -> None:
    run = Run(cluster(workload()), fabric(l3out(epg("A", mark=None, tags={ME.release_tag: "released"}))))
    run.turn()
    assert set(holds(run.finds(fabric(l3out())).turn(1.0)).values()) == {Reason.EPG_DELETED}


def test_a_managed_epg_that_was_deleted_comes_back_with_its_subnets() -> None:
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out()))
    run.turn()
    assert does(run.finds(fabric(l3out())).turn(1.0)) == ["create A", "create A 10.0.0.1/32"]


def test_an_epg_goes_only_after_it_was_not_wanted_for_the_hold_down() -> None:
    run = Run(cluster(pod("10.0.0.1", workload("web")), workload("other", binding("B"))), fabric(l3out()))
    run.turn()
    run.wants(cluster(workload("other", binding("B"))))
    assert does(run.turn(100.0)) == ["delete A 10.0.0.1/32"]
    waiting = run.turn(10.0)
    assert holds(waiting) == {binding().dn: Reason.HOLD_DOWN}
    assert waiting.revisit_at == 130.0, "30 s from when it was first not wanted"
    assert does(run.turn(19.0)) == []
    assert does(run.turn(1.0)) == ["delete A"]
    assert run.turn(1.0).settled


def test_an_epg_that_is_wanted_again_in_between_starts_its_hold_down_anew() -> None:
    two = cluster(workload("web"), workload("other", binding("B")))
    run = Run(two, fabric(l3out(epg("A"), epg("B"))))
    one = cluster(workload("other", binding("B")))
    run.turn()
    run.wants(one).turn(1.0)
    run.wants(two).turn(20.0)
    run.wants(one).turn(20.0)
    assert does(run.turn(29.0)) == []
    assert does(run.turn(1.0)) == ["delete A"]


def test_of_two_workloads_of_one_epg_the_last_one_takes_it_along() -> None:
    web, api, other = workload("web"), workload("api"), workload("other", binding("B"))
    run = Run(cluster(pod("10.0.0.1", web), pod("10.0.0.2", api), other), fabric(l3out()))
    run.turn()
    run.wants(cluster(pod("10.0.0.2", api), other))
    assert does(run.turn(60.0)) == ["delete A 10.0.0.1/32"]
    assert not run.turn(600.0).changes
    run.wants(cluster(other))
    run.turn(1.0)
    assert does(run.turn(31.0)) == ["delete A"]


@pytest.mark.parametrize(
    "in_use",
    [
        epg("A", contracts=("web",), others=("uni/tn-T1/out-L1/instP-A/rsprov-web",)),
        epg("A", others=("uni/tn-T1/out-L1/instP-A/rssecInherited-x",)),
        epg("A", preferred_group=True),
        epg("A", subnet("10.9.0.0/16", None)),
        epg("A", subnet("10.0.0.9", GREATER)),
        epg("A", subnet("10.0.0.9", "copied")),
        epg("A", tags={"owner": "people"}),
        epg("A", tags={GREATER.release_tag: "released"}),
    ],
)
def test_an_epg_with_other_peoples_work_stays_and_says_why(in_use: Epg) -> None:
    run = Run(cluster(workload("other", binding("B"))), fabric(l3out(in_use, epg("B"))))
    run.turn()
    found = run.turn(1000.0)
    assert not found.actionable
    assert holds(found) == {binding().dn: Reason.IN_USE}
    hold = item(found, binding()).hold
    assert hold
    assert hold.message


def test_our_own_tag_with_another_value_is_nobodys_work() -> None:
    run = Run(
        cluster(workload("other", binding("B"))),
        fabric(l3out(epg("A", tags={ME.release_tag: "kept"}), epg("B"))),
    )
    run.turn()
    assert does(run.turn(30.0)) == ["delete A"]


def test_an_epg_does_not_take_along_a_subnet_whose_removal_is_held() -> None:
    paused = Notice(Reason.PAUSED, workload().ref, "it is paused")
    other = workload("other", binding("B"))
    protected = cluster(other, protected={"10.0.0.1/32": paused})
    many = [f"10.0.0.{number}" for number in range(1, 21)]
    stays, waits = (protected, ["10.0.0.1"], Reason.PAUSED), (cluster(other), many, Reason.HOLD_DOWN)
    for desired, held, reason in (stays, waits):
        rules = Rules(mass_delete=MassDelete.BLOCK)
        run = Run(desired, fabric(l3out(epg("A", *held), epg("B"))), rules)
        run.turn()
        found = run.turn(1000.0)
        assert not found.actionable
        assert holds(found)[binding().dn] == reason


def test_an_epg_in_use_loses_our_own_subnets_all_the_same() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1", contracts=("web",)), epg("B")))
    assert does(plan(cluster(workload("other", binding("B"))), observed)) == ["delete A 10.0.0.1/32"]


def test_no_epg_goes_while_an_annotation_cannot_be_read() -> None:
    other = workload("other", binding("B"))
    notice = Notice(Reason.INVALID_ANNOTATION, workload("torn").ref, "the annotation cannot be read")
    run = Run(cluster(other, undecided=(notice,)), fabric(l3out(epg("A"), epg("B"))))
    run.turn()
    found = run.turn(1000.0)
    assert holds(found) == {binding().dn: Reason.INVALID_ANNOTATION}
    assert does(run.wants(cluster(other)).turn(1.0)) == ["delete A"], "its hold-down is long over"


def test_an_epg_whose_workloads_are_all_paused_is_not_made() -> None:
    paused = workload("web", paused=True)
    found = plan(cluster(pod("10.0.0.1", paused)), fabric(l3out()))
    assert set(holds(found).values()) == {Reason.PAUSED}
    assert does(plan(cluster(paused, workload("api")), fabric(l3out()))) == ["create A"]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_an_epg_rests_on_the_kind_of_its_oldest_workload_only(kind: str) -> None:
    own = Source(f"{kind.lower()}s")
    for stale in Source:
        sources = {s: v for s, v in cluster(workload()).sources.items() if s is not stale}
        found = plan(cluster(workload("web", kind=kind), sources=sources), fabric(l3out()))
        assert bool(found.actionable) is (stale is not own)


def test_an_epg_of_a_workload_of_an_unknown_kind_rests_on_all_of_them() -> None:
    desired = cluster(workload("web", kind="CloneSet"))
    assert does(plan(desired, fabric(l3out()))) == ["create A"]
    blind = cluster(workload("web", kind="CloneSet"), sources={})
    assert set(holds(plan(blind, fabric(l3out()))).values()) == {Reason.NOT_FRESH}


def test_an_epg_of_another_cluster_is_none_of_our_business() -> None:
    found = plan(cluster(), fabric(l3out(epg("A", subnet("10.0.0.1", GREATER), mark=GREATER))))
    assert found.items == ()


def test_an_epg_comes_before_its_subnets_in_the_plan() -> None:
    found = plan(cluster(pod("10.0.0.1"), pod("10.0.0.2", workload("b", binding("B")))), fabric(l3out()))
    assert [(one.binding.epg, one.is_epg) for one in found.items] == [
        ("A", True),
        ("A", False),
        ("B", True),
        ("B", False),
    ]
    assert all(one.action is Action.CREATE for one in found.items)


def test_an_epg_with_a_subnet_that_is_protected_waits_for_that_and_is_not_offered_for_approval() -> None:
    paused = Notice(Reason.PAUSED, workload().ref, "it is paused")
    desired = cluster(workload("other", binding("B")), protected={"10.0.0.1/32": paused})
    found = plan(desired, fabric(l3out(epg("A", "10.0.0.1"), epg("B"))))
    (held,) = found.held
    assert held.hold is not None
    assert (held.hold.reason, held.hold.message) == (
        Reason.PAUSED,
        "its subnet 10.0.0.1/32 stays: it is paused",
    )
    assert not found.awaiting_approval
