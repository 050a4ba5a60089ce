"""A prefix may stand in one external EPG of a VRF only: who has it, who waits, who gives way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from akb_sync.item import Action
from akb_sync.model import IMPORT_SECURITY
from akb_sync.reasons import Reason

from .builders import (
    COPIED,
    GREATER,
    LESSER,
    ME,
    NEVER,
    OTHER_VRF,
    STALE,
    VRF,
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

A, B = binding("A"), binding("B")
OLD, YOUNG = workload("old", A, age=9), workload("young", B, age=1)


def test_of_two_wishes_of_ours_the_oldest_workload_gets_the_address() -> None:
    desired = cluster(pod("10.0.0.1", YOUNG), pod("10.0.0.1", OLD))
    found = plan(desired, fabric(l3out()))
    assert does(found) == ["create A", "create A 10.0.0.1/32", "create B"]
    assert holds(found) == {B.subnet_dn("10.0.0.1/32"): Reason.CONFLICT}
    assert "T1/L1/A" in str(item(found, B, "10.0.0.1").hold)
    assert not found.settled


def test_of_two_wishes_of_ours_the_holder_keeps_the_address_over_a_hundred_rounds() -> None:
    desired = cluster(pod("10.0.0.1", YOUNG), pod("10.0.0.1", OLD))
    run = Run(desired, fabric(l3out(epg("A"), epg("B", "10.0.0.1"))))
    for _ in range(100):
        run.turn(30.0)
    assert run.written == []


@pytest.mark.parametrize(
    "damage", [subnet("10.0.0.1", scope=()), subnet("10.0.0.1", None), subnet("10.0.0.1", name="x")]
)
def test_what_somebody_does_to_the_holders_subnet_does_not_hand_its_address_on(damage: object) -> None:
    desired = cluster(pod("10.0.0.1", YOUNG), pod("10.0.0.1", OLD))
    run = Run(desired, fabric(l3out(epg("A"), epg("B", damage))))  # type: ignore[arg-type]
    for _ in range(5):
        run.turn(30.0)
    assert [(one.action, one.binding) for one in run.written] == [(Action.UPDATE, B)]


def test_of_two_subnets_of_ours_the_one_that_classifies_is_the_holder() -> None:
    desired = cluster(pod("10.0.0.1", YOUNG), pod("10.0.0.1", OLD))
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", scope=())), epg("B", "10.0.0.1")))
    found = plan(desired, observed)
    assert does(found) == ["delete A 10.0.0.1/32"]
    assert item(found, A, "10.0.0.1").reason is Reason.CONFLICT


def test_l3outs_whose_vrfs_are_not_known_are_not_taken_for_one_vrf() -> None:
    there = workload("young", binding("B", "L2"))
    here = l3out(epg("A", "10.0.0.1"), vrf="")
    observed = fabric(here, l3out(epg("B", "10.0.0.1"), name="L2", vrf=""))
    assert plan(cluster(pod("10.0.0.1", OLD), pod("10.0.0.1", there)), observed).settled


def test_the_loser_gets_the_address_when_the_holder_gives_it_up() -> None:
    run = Run(cluster(pod("10.0.0.1", YOUNG), pod("10.0.0.1", OLD)), fabric(l3out()))
    run.turn()
    run.wants(cluster(pod("10.0.0.1", YOUNG), OLD))
    assert does(run.turn(1.0)) == ["move B 10.0.0.1/32"]


def test_two_l3outs_that_come_into_one_vrf_keep_the_address_of_the_oldest_only() -> None:
    there = binding("B", "L2")
    desired = cluster(pod("10.0.0.1", OLD), pod("10.0.0.1", workload("young", there)))
    apart = fabric(l3out(epg("A", "10.0.0.1")), l3out(epg("B", "10.0.0.1"), name="L2", vrf=OTHER_VRF))
    assert plan(desired, apart).settled
    joined = fabric(l3out(epg("A", "10.0.0.1")), l3out(epg("B", "10.0.0.1"), name="L2"))
    found = plan(desired, joined)
    assert does(found) == ["delete B 10.0.0.1/32"]
    assert item(found, there, "10.0.0.1").reason is Reason.CONFLICT
    again = plan(desired, applied(found, joined))
    assert not again.actionable
    assert holds(again) == {there.subnet_dn("10.0.0.1/32"): Reason.CONFLICT}


@pytest.mark.parametrize("mark", [None, GREATER, LESSER, COPIED, "orchestrator:terraform"])
@pytest.mark.parametrize("where", [binding("X"), binding("X", "L2"), binding("X", "L3", "T2")])
def test_an_address_that_somebody_else_has_in_the_vrf_is_not_written(mark: str, where: object) -> None:
    theirs = epg("X", subnet("10.0.0.1", mark), mark=None)
    l1, l2, l3 = (l3out(), l3out(name="L2"), l3out(name="L3", tenant="T2"))
    made = [
        replace(one, epgs={"X": theirs.at(one.l3out)}) if one.l3out == where.parent else one  # type: ignore[attr-defined]
        for one in (l1, l2, l3)
    ]
    run = Run(cluster(pod("10.0.0.1")), fabric(*made))
    first = run.turn()
    assert does(first) == ["create A"]
    hold = item(first, A, "10.0.0.1").hold
    assert hold
    assert hold.reason is Reason.CONFLICT
    assert str(where) in hold.message
    for _ in range(100):
        assert not run.turn(30.0).actionable


def test_a_subnet_of_others_that_takes_no_part_in_policy_is_no_conflict() -> None:
    theirs = epg("X", subnet("10.0.0.1", None, scope=("export-rtctrl",)), mark=None)
    assert "create A 10.0.0.1/32" in does(plan(cluster(pod("10.0.0.1")), fabric(l3out(theirs))))


def test_the_same_address_in_another_vrf_is_no_conflict() -> None:
    theirs = l3out(epg("X", subnet("10.0.0.1", None), mark=None), name="L2", vrf=OTHER_VRF)
    assert "create A 10.0.0.1/32" in does(plan(cluster(pod("10.0.0.1")), fabric(l3out(), theirs)))


def test_a_wider_subnet_of_others_is_no_conflict() -> None:
    theirs = epg("X", subnet("10.0.0.0/8", None), mark=None)
    assert "create A 10.0.0.1/32" in does(plan(cluster(pod("10.0.0.1")), fabric(l3out(theirs))))


def test_a_conflict_in_another_spelling_is_a_conflict() -> None:
    theirs = epg("X", subnet("2001:DB8:0:0::1/128", None), mark=None)
    found = plan(cluster(pod("2001:db8::1")), fabric(l3out(theirs)))
    assert holds(found) == {A.subnet_dn("2001:db8::1/128"): Reason.CONFLICT}


def test_a_conflict_that_goes_away_lets_the_address_in() -> None:
    theirs = epg("X", subnet("10.0.0.1", None), mark=None)
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out(theirs)))
    run.turn()
    run.finds(fabric(l3out(epg("A"))))
    assert does(run.turn(1.0)) == ["create A 10.0.0.1/32"]


def test_the_scope_is_not_put_back_while_somebody_else_has_the_address() -> None:
    drifted = epg("A", subnet("10.0.0.1", scope=()))
    theirs = epg("X", subnet("10.0.0.1", None), mark=None)
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(drifted, theirs)))
    assert not found.actionable
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.CONFLICT}


def test_a_mark_is_put_back_but_not_a_scope_that_would_be_a_conflict() -> None:
    theirs = epg("X", subnet("10.0.0.1", None), mark=None)
    lost_both = epg("A", subnet("10.0.0.1", None, scope=()))
    assert set(holds(plan(cluster(pod("10.0.0.1")), fabric(l3out(lost_both, theirs)))).values()) == {
        Reason.CONFLICT
    }
    lost_mark = epg("A", subnet("10.0.0.1", None))
    assert does(plan(cluster(pod("10.0.0.1")), fabric(l3out(lost_mark, theirs)))) == ["update A 10.0.0.1/32"]


def test_the_scope_waits_until_our_own_leftover_elsewhere_is_gone() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", scope=())), epg("B", "10.0.0.1")))
    desired = cluster(pod("10.0.0.1"), YOUNG)
    first = plan(desired, observed)
    assert does(first) == ["delete B 10.0.0.1/32"]
    assert holds(first) == {A.subnet_dn("10.0.0.1/32"): Reason.AWAITING_REMOVAL}
    observed = applied(first, observed)
    second = plan(desired, observed)
    assert does(second) == ["update A 10.0.0.1/32"]
    assert plan(desired, applied(second, observed)).settled


def test_of_two_clusters_that_wrote_at_once_the_greater_mark_withdraws() -> None:
    ours = epg("A", "10.0.0.1")
    against = {
        mark: plan(
            cluster(pod("10.0.0.1")), fabric(l3out(ours, epg("X", subnet("10.0.0.1", mark), mark=mark)))
        )
        for mark in (LESSER, GREATER)
    }
    withdrawn = item(against[LESSER], A, "10.0.0.1")
    assert (withdrawn.action, withdrawn.reason) == (Action.DELETE, Reason.WITHDRAWN)
    stays = item(against[GREATER], A, "10.0.0.1")
    assert (stays.action, stays.reason) == (Action.NONE, Reason.DUPLICATE)
    assert not against[GREATER].settled


def test_what_was_withdrawn_stays_withdrawn_while_the_other_has_it() -> None:
    theirs = epg("X", subnet("10.0.0.1", LESSER), mark=LESSER)
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", "10.0.0.1"), theirs)))
    for _ in range(100):
        run.turn(30.0)
    assert len(run.written) == 1


def test_the_other_cluster_looks_at_the_same_fabric_and_decides_the_other_way() -> None:
    both = fabric(l3out(epg("A", "10.0.0.1"), epg("X", subnet("10.0.0.1", LESSER), mark=LESSER)))
    ours = plan(cluster(pod("10.0.0.1")), both)
    from akb_sync.plan import make_plan  # noqa: PLC0415 (as the other cluster sees it)

    theirs = make_plan(LESSER, cluster(pod("10.0.0.1", workload("web", binding("X")))), both)
    assert [len(ours.actionable), len(theirs.actionable)] == [1, 0]


@pytest.mark.parametrize("stale", [STALE, NEVER])
def test_nothing_is_withdrawn_for_a_view_that_is_not_fresh(stale: object) -> None:
    theirs = l3out(epg("X", subnet("10.0.0.1", LESSER), mark=LESSER), name="L2", freshness=stale)  # type: ignore[arg-type]
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", "10.0.0.1")), theirs))
    assert not found.actionable
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.NOT_FRESH}


@pytest.mark.parametrize("mark", [None, "orchestrator:terraform", COPIED])
def test_a_persons_later_duplicate_is_reported_and_both_stay(mark: str) -> None:
    theirs = epg("X", subnet("10.0.0.1", mark), mark=None)
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", "10.0.0.1"), theirs)))
    for _ in range(10):
        found = run.turn(30.0)
        assert item(found, A, "10.0.0.1").reason is Reason.DUPLICATE
        assert not found.settled
    assert run.written == []


def test_creates_wait_while_the_vrf_is_not_known_but_the_epg_is_made() -> None:
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(vrf="")))
    assert does(found) == ["create A"]
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.VRF_UNKNOWN}


def test_without_a_vrf_names_are_repaired_and_leftovers_removed_but_no_scope_is_put_back() -> None:
    here = epg("A", subnet("10.0.0.1", name="x"), subnet("10.0.0.2", scope=()), "10.0.0.3")
    found = plan(cluster(pod("10.0.0.1"), pod("10.0.0.2")), fabric(l3out(here, vrf="")))
    assert does(found) == ["update A 10.0.0.1/32", "delete A 10.0.0.3/32"]
    assert holds(found) == {A.subnet_dn("10.0.0.2/32"): Reason.VRF_UNKNOWN}


@pytest.mark.parametrize("member", [l3out(name="L2", freshness=STALE), l3out(name="L2", freshness=NEVER)])
def test_a_new_prefix_rests_on_every_l3out_of_the_vrf(member: object) -> None:
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(), member))  # type: ignore[arg-type]
    assert does(found) == ["create A"]
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.NOT_FRESH}


def test_a_new_prefix_does_not_rest_on_an_l3out_of_another_vrf() -> None:
    member = l3out(name="L2", vrf=OTHER_VRF, freshness=STALE)
    assert len(plan(cluster(pod("10.0.0.1")), fabric(l3out(), member)).actionable) == 2


def test_a_new_prefix_waits_for_the_first_read_of_an_l3out_that_may_share_the_vrf() -> None:
    unread = l3out(name="L2", vrf="", freshness=NEVER)
    assert set(holds(plan(cluster(pod("10.0.0.1")), fabric(l3out(), unread))).values()) == {Reason.NOT_FRESH}


def test_a_new_prefix_waits_for_an_l3out_whose_first_read_failed_for_now() -> None:
    busy = l3out(name="L2", vrf="", freshness=NEVER, trouble="HTTP 503")
    assert set(holds(plan(cluster(pod("10.0.0.1")), fabric(l3out(), busy))).values()) == {Reason.NOT_FRESH}


def test_an_l3out_that_the_apic_refuses_to_show_stops_nobody_else() -> None:
    refused = l3out(name="L2", vrf="", freshness=NEVER, trouble="HTTP 403", refused=True)
    assert len(plan(cluster(pod("10.0.0.1")), fabric(l3out(), refused)).actionable) == 2


def test_wishes_in_l3outs_whose_vrf_is_unknown_do_not_block_each_other() -> None:
    there = workload("young", binding("B", "L2"))
    observed = fabric(l3out(), l3out(name="L2", vrf=""))
    found = plan(cluster(pod("10.0.0.1", OLD), pod("10.0.0.1", there)), observed)
    assert "create A 10.0.0.1/32" in does(found)
    assert holds(found) == {there.binding.subnet_dn("10.0.0.1/32"): Reason.VRF_UNKNOWN}


def test_an_absent_l3out_is_no_rival() -> None:
    there = workload("older", binding("B", "L2"), age=10)
    found = plan(cluster(pod("10.0.0.1", OLD), pod("10.0.0.1", there)), fabric(l3out(), absent("L2")))
    assert "create A 10.0.0.1/32" in does(found)


def test_an_adopted_looking_loser_is_told_that_it_is_unmanaged() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1"), epg("B", subnet("10.0.0.1", None, name="x"), mark=None)))
    found = plan(cluster(pod("10.0.0.1", OLD), pod("10.0.0.1", YOUNG)), observed)
    assert not found.changes
    assert item(found, B, "10.0.0.1").reason is Reason.UNMANAGED
    assert item(found, A, "10.0.0.1").reason is Reason.DUPLICATE


@pytest.mark.parametrize(
    "leftover",
    [epg("B", "10.0.0.1"), epg("B", "10.0.0.1", contracts=("web",)), epg("B", "10.0.0.1", mark=None)],
)
def test_a_leftover_beside_the_winner_goes_although_a_loser_waits(leftover: Epg) -> None:
    third = binding("C")
    desired = cluster(pod("10.0.0.1", OLD), pod("10.0.0.1", workload("third", third)), YOUNG)
    observed = fabric(l3out(epg("A", "10.0.0.1"), leftover, epg("C")))
    found = plan(desired, observed)
    assert does(found) == ["delete B 10.0.0.1/32"]
    assert holds(found) == {third.subnet_dn("10.0.0.1/32"): Reason.CONFLICT}


def test_our_own_mark_is_what_withdrawal_compares() -> None:
    ours, theirs = ME.mark("x"), LESSER.mark("x")
    assert ours > theirs, "or the tests above show nothing"
    assert VRF != OTHER_VRF
    assert IMPORT_SECURITY
