"""An address that goes from one EPG to another: one transaction, or none of its halves."""

from __future__ import annotations

import pytest

from akb_sync.item import Action
from akb_sync.model import Notice, Source
from akb_sync.plan import MassDelete, Memory, Policy, Rules
from akb_sync.plan.memory import Quarantine
from akb_sync.reasons import Reason

from .builders import (
    FRESH,
    ME,
    NEVER,
    OTHER_VRF,
    STALE,
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
    views,
    workload,
)

A, B = binding("A"), binding("B")
IN_B = cluster(pod("10.0.0.1", workload("web", B)), workload("stays", A))


def test_an_edited_annotation_moves_the_addresses_and_then_the_empty_epg_goes() -> None:
    other = workload("other", binding("C"))
    run = Run(cluster(pod("10.0.0.1", workload("web", A)), other), fabric(l3out()))
    run.turn()
    run.wants(cluster(pod("10.0.0.1", workload("web", B)), other))
    moved = run.turn(1.0)
    assert does(moved) == ["create B", "move B 10.0.0.1/32"]
    line = item(moved, B, "10.0.0.1")
    assert line.leaves
    assert line.leaves.dn == A.subnet_dn("10.0.0.1/32")
    assert line.reason is Reason.MOVED
    assert "T1/L1/A" in line.message
    assert (line.name, line.mark) == ("apps::pod-10.0.0.1", ME.mark(line.dn))
    assert does(run.turn(31.0)) == ["delete A"]
    assert run.turn(1.0).settled


def test_a_move_is_one_line_of_the_plan() -> None:
    found = plan(IN_B, fabric(l3out(epg("A", "10.0.0.1"), epg("B"))))
    assert [one.prefix for one in found.changes] == ["10.0.0.1/32"]


def test_two_workloads_that_swap_their_epgs_swap_their_addresses() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1"), epg("B", "10.0.0.2")))
    desired = cluster(pod("10.0.0.1", workload("web", B)), pod("10.0.0.2", workload("db", A)))
    found = plan(desired, observed)
    assert does(found) == ["move A 10.0.0.2/32", "move B 10.0.0.1/32"]
    assert plan(desired, applied(found, observed)).settled


@pytest.mark.parametrize("vrf", ["uni/tn-common/ctx-main", OTHER_VRF])
def test_a_move_between_two_l3outs_of_a_tenant_is_one_line_whatever_their_vrfs(vrf: str) -> None:
    there = binding("A", "L2")
    observed = fabric(l3out(epg("A", "10.0.0.1")), l3out(name="L2", vrf=vrf))
    desired = cluster(pod("10.0.0.1", workload("web", there)), workload("stays", A))
    found = plan(desired, observed)
    assert [one.action for one in found.actionable] == [Action.CREATE, Action.MOVE]
    assert plan(desired, applied(found, observed)).settled


def test_a_move_between_tenants_removes_first_and_creates_then() -> None:
    there = binding("B", "L9", "T2")
    observed = fabric(l3out(epg("A", "10.0.0.1")), l3out(name="L9", tenant="T2"))
    desired = cluster(pod("10.0.0.1", workload("web", there)), workload("stays", A))
    first = plan(desired, observed)
    assert does(first) == ["delete A 10.0.0.1/32", "create B"]
    assert holds(first) == {there.subnet_dn("10.0.0.1/32"): Reason.AWAITING_REMOVAL}
    observed = applied(first, observed)
    second = plan(desired, observed)
    assert does(second) == ["create B 10.0.0.1/32"]
    assert plan(desired, applied(second, observed)).settled


def test_a_removal_between_tenants_waits_while_the_other_side_cannot_be_made() -> None:
    there = binding("B", "L9", "T2")
    desired = cluster(pod("10.0.0.1", workload("web", there)), workload("stays", A))
    here = l3out(epg("A", "10.0.0.1"))
    for observed, rules, reason in (
        (fabric(here, absent("L9", "T2")), Rules(), Reason.PARENT_MISSING),
        (fabric(here, l3out(name="L9", tenant="T2", vrf="")), Rules(), Reason.VRF_UNKNOWN),
        (fabric(here, l3out(name="L9", tenant="T2")), Rules(require_contract=True), Reason.NO_CONTRACT),
    ):
        found = plan(desired, observed, rules=rules)
        assert not any(one.removes for one in found.actionable)
        assert holds(found)[A.subnet_dn("10.0.0.1/32")] == reason
        hold = item(found, A, "10.0.0.1").hold
        assert hold
        assert str(there) in hold.message


def test_a_mistyped_l3out_takes_nothing_away() -> None:
    mistyped = cluster(pod("10.0.0.1", workload("web", binding("A", "L11"))))
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out(), absent("L11")))
    run.turn()
    run.wants(mistyped)
    assert not run.turn(1.0).actionable
    assert not any(one.prefix for one in run.turn(1000.0).actionable)


HELD = {
    "the pods are stale": (views() | {Source.PODS: views(STALE)[Source.PODS]}, l3out, Rules(), Memory()),
    "a kind that it does not come from is stale": (
        views() | {Source.SERVICES: views(NEVER)[Source.SERVICES]},
        l3out,
        Rules(),
        Memory(),
    ),
    "upsert-only": (views(), l3out, Rules(policy=Policy.UPSERT_ONLY), Memory()),
    "create-only": (views(), l3out, Rules(policy=Policy.CREATE_ONLY), Memory()),
    "no contract": (views(), l3out, Rules(require_contract=True), Memory()),
    "the APIC refused it": (
        views(),
        l3out,
        Rules(),
        Memory(quarantine={B.subnet_dn("10.0.0.1/32"): Quarantine("no", 60.0, 60.0)}),
    ),
    "the APIC refused the EPG": (
        views(),
        l3out,
        Rules(),
        Memory(quarantine={B.dn: Quarantine("no", 60.0, 60.0)}),
    ),
    "the EPG was deleted by others": (views(), l3out, Rules(), Memory(seen_unmanaged=frozenset({B.dn}))),
    "quarrel": (
        views(),
        l3out,
        Rules(),
        Memory(repairs={B.subnet_dn("10.0.0.1/32"): (0.0,) * 5}),
    ),
}


@pytest.mark.parametrize("why", HELD)
def test_a_held_move_does_neither_half(why: str) -> None:
    sources, make, rules, memory = HELD[why]
    desired = cluster(pod("10.0.0.1", workload("web", B)), workload("stays", A), sources=sources)
    found = plan(desired, fabric(make(epg("A", "10.0.0.1"))), rules=rules, memory=memory)
    assert not any(one.prefix for one in found.actionable)
    assert [one.action for one in found.held if one.prefix] == [Action.MOVE]


@pytest.mark.parametrize(
    ("here", "there"),
    [(STALE, FRESH), (NEVER, FRESH), (FRESH, STALE), (FRESH, NEVER)],
)
def test_a_move_rests_on_both_l3outs(here: object, there: object) -> None:
    observed = fabric(
        l3out(epg("A", "10.0.0.1"), freshness=here),  # type: ignore[arg-type]
        l3out(epg("B"), name="L2", vrf=OTHER_VRF, freshness=there),  # type: ignore[arg-type]
    )
    desired = cluster(pod("10.0.0.1", workload("web", binding("B", "L2"))), workload("stays", A))
    found = plan(desired, observed)
    assert not found.actionable
    assert set(holds(found).values()) == {Reason.NOT_FRESH}


@pytest.mark.parametrize("release", [True, False])
def test_a_move_into_a_released_epg_or_beside_a_stranger_leaves_the_address_where_it_is(
    release: bool,
) -> None:
    target = epg("B", mark=None, tags={ME.release_tag: "released"} if release else {})
    stranger = [] if release else [epg("X", subnet("10.0.0.1", None), mark=None)]
    found = plan(IN_B, fabric(l3out(epg("A", "10.0.0.1"), target, *stranger)))
    assert not found.actionable
    assert set(holds(found).values()) == {Reason.RELEASED if release else Reason.CONFLICT}


def test_a_move_waits_while_the_vrf_is_not_known() -> None:
    found = plan(IN_B, fabric(l3out(epg("A", "10.0.0.1"), epg("B"), vrf="")))
    assert not found.actionable
    assert set(holds(found).values()) == {Reason.VRF_UNKNOWN}


def test_a_protected_address_is_not_moved() -> None:
    notice = Notice(Reason.PAUSED, workload().ref, "it is paused")
    desired = cluster(
        pod("10.0.0.1", workload("web", B)), workload("stays", A), protected={"10.0.0.1/32": notice}
    )
    found = plan(desired, fabric(l3out(epg("A", "10.0.0.1"), epg("B"))))
    assert not found.actionable
    assert holds(found) == {B.subnet_dn("10.0.0.1/32"): Reason.PAUSED}
    assert item(found, A, "10.0.0.1").reason is Reason.PAUSED


def test_an_address_that_stands_in_two_epgs_moves_when_it_is_in_one_only() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1"), epg("B"), epg("C", "10.0.0.1")))
    desired = cluster(pod("10.0.0.1", workload("web", B)), workload("a", A), workload("c", binding("C")))
    first = plan(desired, observed)
    assert does(first) == ["delete C 10.0.0.1/32"]
    observed = applied(first, observed)
    assert does(plan(desired, observed)) == ["move B 10.0.0.1/32"]


def test_an_address_that_is_wanted_in_two_vrfs_is_made_in_the_second_and_leaves_nothing() -> None:
    there = binding("B", "L2")
    observed = fabric(l3out(epg("A", "10.0.0.1")), l3out(epg("B"), name="L2", vrf=OTHER_VRF))
    desired = cluster(pod("10.0.0.1"), pod("10.0.0.1", workload("db", there)))
    found = plan(desired, observed)
    assert does(found) == ["create B 10.0.0.1/32"]
    assert plan(desired, applied(found, observed)).settled


def test_a_second_leftover_goes_although_the_move_of_the_first_is_held() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.1"), epg("B"), epg("C", "10.0.0.1")))
    desired = cluster(pod("10.0.0.1", workload("web", B)), workload("a", A), workload("c", binding("C")))
    found = plan(desired, observed, rules=Rules(require_contract=True))
    assert does(found) == ["delete C 10.0.0.1/32"]
    assert holds(found) == {B.subnet_dn("10.0.0.1/32"): Reason.NO_CONTRACT}


def test_a_removal_that_ends_a_conflict_waits_for_no_creation_elsewhere() -> None:
    far = binding("C", "L2")
    desired = cluster(
        pod("10.0.0.1", workload("old", A, age=9)),
        pod("10.0.0.1", workload("young", B)),
        pod("10.0.0.1", workload("far", far)),
    )
    observed = fabric(
        l3out(epg("A", "10.0.0.1"), epg("B", "10.0.0.1")), l3out(epg("C"), name="L2", vrf=OTHER_VRF)
    )
    found = plan(desired, observed, rules=Rules(require_contract=True))
    assert does(found) == ["delete B 10.0.0.1/32"]
    assert holds(found) == {far.subnet_dn("10.0.0.1/32"): Reason.NO_CONTRACT}


def test_a_leftover_goes_for_one_address_only_and_in_its_own_vrf_first() -> None:
    far, near = binding("N", "L0"), binding("N", "L2")
    observed = fabric(
        l3out(epg("N"), name="L0", vrf=OTHER_VRF),
        l3out(epg("A", "10.0.0.1")),
        l3out(epg("N"), name="L2"),
    )
    desired = cluster(
        pod("10.0.0.1", workload("far", far)), pod("10.0.0.1", workload("near", near)), workload("a", A)
    )
    found = plan(desired, observed)
    assert item(found, near, "10.0.0.1").action is Action.MOVE
    assert item(found, far, "10.0.0.1").action is Action.CREATE
    assert plan(desired, applied(found, observed)).settled


def test_moves_are_no_mass_delete() -> None:
    addresses = [f"10.0.0.{number}" for number in range(1, 101)]
    observed = fabric(l3out(epg("A", *addresses), epg("B")))
    desired = cluster(*(pod(ip, workload("web", B)) for ip in addresses), workload("stays", A))
    found = plan(desired, observed, rules=Rules(mass_delete=MassDelete.BLOCK))
    assert len(found.actionable) == 100
    assert plan(desired, applied(found, observed)).settled


def test_an_address_that_another_pod_uses_again_moves_if_its_epg_is_another() -> None:
    web, db = workload("web", A), workload("db", B)
    run = Run(cluster(pod("10.0.0.1", web, name="old"), db), fabric(l3out()))
    run.turn()
    run.wants(cluster(web, pod("10.0.0.1", db, name="new")))
    assert does(run.turn(1.0)) == ["move B 10.0.0.1/32"]
    assert run.turn(1.0).settled


def test_moving_to_and_fro_by_our_own_wish_is_no_quarrel() -> None:
    run = Run(IN_B, fabric(l3out()))
    back = cluster(pod("10.0.0.1", workload("web", A)), workload("stays", B))
    for number in range(40):
        found = run.wants(IN_B if number % 2 else back).turn(1.0)
        assert not found.held
    assert len(run.written) == 42
