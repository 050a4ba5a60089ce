"""The guard against many prefixes gone because we saw wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from akb_sync.model import Desired, Exposure, Observed, Source, Workload
from akb_sync.plan import Cause, MassDelete, Memory, Plan, Policy, Rules
from akb_sync.plan.memory import Quarantine, notice_departures
from akb_sync.reasons import Reason

from .builders import (
    LESSER,
    Run,
    applied,
    binding,
    cluster,
    epg,
    fabric,
    holds,
    l3out,
    plan,
    pod,
    service,
    subnet,
    views,
    workload,
)

WEB, OTHER = workload("web"), workload("other", binding("B"))
BLOCK = Rules(mass_delete=MassDelete.BLOCK)


def ips(count: int, net: int = 0) -> list[str]:
    return [f"10.0.{net}.{number}" for number in range(1, count + 1)]


def pods(addresses: list[str], of: Workload = WEB) -> list[Exposure]:
    return [pod(ip, of) for ip in addresses]


def holding(addresses: list[str]) -> Observed:
    return fabric(l3out(epg("A", *addresses), epg("B")))


def removed(found: Plan) -> int:
    return sum(one.removes and not one.is_epg for one in found.actionable)


@pytest.mark.parametrize(
    ("managed", "going", "held"),
    [
        (10, 10, False),
        (11, 11, True),
        (36, 11, True),
        (37, 11, False),
        (100, 30, False),
        (100, 31, True),
        (1000, 300, False),
        (1000, 301, True),
    ],
)
def test_more_than_ten_and_more_than_thirty_percent_are_held(managed: int, going: int, held: bool) -> None:
    addresses = [f"10.0.{number // 250}.{number % 250 + 1}" for number in range(managed)]
    desired = cluster(WEB, OTHER, *pods(addresses[going:]))
    found = plan(desired, holding(addresses))
    assert removed(found) == (0 if held else going)
    assert set(holds(found).values()) == ({Reason.MASS_DELETE} if held else set())
    assert len(found.awaiting_approval) == (going if held else 0)


def test_adds_moves_and_repairs_go_on_while_removals_are_held() -> None:
    addresses = ips(20)
    observed = fabric(l3out(epg("A", *addresses, subnet("10.0.9.1", name="x"), "10.0.9.2"), epg("B")))
    desired = cluster(WEB, pod("10.0.9.1", WEB), pod("10.0.9.2", OTHER), pod("10.0.9.3", WEB))
    found = plan(desired, observed)
    assert sorted(str(one.action) for one in found.actionable) == ["create", "move", "update"]
    assert len(found.held) == 20


def test_a_mass_delete_is_done_when_a_second_look_after_the_hold_down_agrees() -> None:
    run = Run(cluster(*pods(ips(20)), OTHER), fabric(l3out()))
    run.turn()
    run.wants(cluster(WEB, OTHER))
    run.desired = replace(run.desired, sources=views(lists=2))
    run.memory = replace(run.memory, causes={})
    first = run.turn(100.0)
    assert removed(first) == 0
    assert (first.reread_at, first.revisit_at) == (130.0, 130.0)
    run.reread()
    assert removed(run.turn(29.0)) == 0, "read again, but before the hold-down was over"
    late = run.turn(1.0)
    assert removed(late) == 0, "the hold-down is over, but nobody has looked again"
    assert late.reread_at == 130.0
    assert late.revisit_at is None, "time alone changes nothing any more"
    run.reread()
    assert removed(run.turn(0.0)) == 20


@pytest.mark.parametrize("left_out", [*Source, None])
def test_the_second_look_needs_every_kind_and_the_l3out(left_out: Source | None) -> None:
    addresses = ips(20)
    memory = Memory(
        unwanted_since={binding().subnet_dn(f"{ip}/32"): 0.0 for ip in addresses},
    )
    sources = views(listed_at=40.0)
    if left_out:
        sources[left_out] = replace(sources[left_out], listed_at=29.9)
    read_at = 40.0 if left_out else 29.9
    observed = fabric(l3out(epg("A", *addresses), epg("B"), read_at=read_at))
    found = plan(cluster(WEB, OTHER, sources=sources), observed, memory=memory, now=41.0)
    assert removed(found) == 0
    complete = plan(
        cluster(WEB, OTHER, sources=views(listed_at=30.0)),
        fabric(l3out(epg("A", *addresses), epg("B"), read_at=30.0)),
        memory=memory,
        now=41.0,
    )
    assert removed(complete) == 20


def test_a_second_look_that_disagrees_keeps_everything() -> None:
    run = Run(cluster(WEB, OTHER), holding(ips(20)))
    run.turn()
    run.wants(cluster(*pods(ips(20)), OTHER)).reread()
    assert run.turn(31.0).settled
    assert run.written == []


def test_views_that_were_not_fresh_are_no_first_look() -> None:
    run = Run(Desired(), holding(ips(20)))
    for _ in range(10):
        run.turn(30.0)
    run.desired = cluster(WEB, OTHER, sources=views(listed_at=run.now))
    run.observed = fabric(l3out(epg("A", *ips(20)), epg("B"), read_at=run.now))
    assert removed(run.turn(1.0)) == 0, "this is the first look that can be believed"
    assert removed(run.reread().turn(1.0)) == 0
    run.now += 30.0
    assert removed(run.reread().turn(0.0)) == 20


def test_an_epg_that_looked_unwanted_before_anything_was_read_still_has_its_whole_hold_down() -> None:
    run = Run(Desired(), fabric(l3out(epg("A"), epg("B"))))
    run.turn(1000.0)
    run.desired = cluster(OTHER)
    assert not run.turn(100.0).actionable
    assert not run.turn(29.0).actionable
    assert len(run.turn(1.0).actionable) == 1


def test_in_block_mode_a_mass_delete_waits_for_a_person_for_ever() -> None:
    run = Run(cluster(WEB, OTHER), holding(ips(20)), BLOCK)
    for _ in range(100):
        found = run.reread().turn(60.0)
        assert removed(found) == 0
        assert found.reread_at is None
    assert run.written == []


def test_a_pods_own_end_seen_on_a_live_watch_is_not_counted() -> None:
    run = Run(cluster(*pods(ips(100)), OTHER), fabric(l3out()), BLOCK)
    run.turn()
    run.wants(cluster(WEB, OTHER))
    assert removed(run.turn(1.0)) == 100


def test_ends_that_were_seen_go_on_while_others_are_held() -> None:
    run = Run(cluster(*pods(ips(100)), OTHER), fabric(l3out()), BLOCK)
    run.turn()
    run.wants(cluster(*pods(ips(60)), OTHER))
    run.memory = replace(run.memory, causes=dict(run.memory.causes))
    relisted = replace(cluster(*pods(ips(20)), OTHER), sources=views(lists=2))
    found = run.wants(relisted).turn(1.0)
    assert removed(found) == 40
    assert len(found.awaiting_approval) == 40


def gone(after: Desired, before: Desired | None = None) -> Cause:
    before = before or cluster(pod("10.0.0.1"), OTHER)
    memory = notice_departures(Memory(), before, after)
    return memory.cause(binding(), "10.0.0.1/32")


def test_what_follows_from_an_annotation_a_workload_or_a_service_counts() -> None:
    assert gone(cluster(workload("web"), OTHER)) is Cause.ENDED
    assert gone(cluster(OTHER)) is Cause.WITHDRAWN, "the workload went, or its annotation"
    elsewhere = cluster(pod("10.0.0.1", workload("web", binding("B"))))
    assert gone(elsewhere) is Cause.WITHDRAWN, "the annotation names another EPG; the Pod lives"
    assert gone(cluster(WEB, OTHER), cluster(service("10.0.0.1"), OTHER)) is Cause.WITHDRAWN
    relisted = cluster(WEB, OTHER, sources=views(lists=2))
    assert gone(relisted) is Cause.INFERRED
    assert gone(cluster(WEB, OTHER, sources={})) is Cause.INFERRED


@pytest.mark.parametrize("mode", list(MassDelete))
def test_thirty_percent_of_the_workloads_that_lose_their_annotation_are_held(mode: MassDelete) -> None:
    apps = [workload(f"app{number}") for number in range(40)]
    exposures = [pod(f"10.0.0.{number + 1}", app) for number, app in enumerate(apps)]
    run = Run(cluster(*exposures), fabric(l3out()), Rules(mass_delete=mode))
    run.turn()
    found = run.wants(cluster(*exposures[13:])).turn(1.0)
    assert removed(found) == 0
    assert len(found.awaiting_approval) == 13
    hold = found.awaiting_approval[0].hold
    assert hold
    assert "13 of 40" in hold.message


def test_removals_count_together_over_a_sliding_window() -> None:
    addresses = ips(30)
    run = Run(cluster(*pods(addresses), OTHER), fabric(l3out()), BLOCK)
    run.turn()
    for left in (24, 18):
        run.desired = cluster(WEB, OTHER, *pods(addresses[:left]))
        run.turn(60.0)
    assert len(run.observed.of(binding().parent).epgs["A"].subnets) == 24, "the second six made twelve of 30"
    assert removed(run.turn(200.0)) == 0
    assert removed(run.turn(60.0)) == 6, "the first six are five minutes old"


def test_one_l3out_does_not_count_for_another() -> None:
    there = binding("B", "L2")
    desired = cluster(WEB, workload("other", there))
    observed = fabric(l3out(epg("A", *ips(8))), l3out(epg("B", *ips(8, net=1)), name="L2"))
    assert removed(plan(desired, observed)) == 16


def test_removals_that_are_held_for_another_reason_do_not_count() -> None:
    addresses = ips(15)
    refused = {binding().subnet_dn(f"{ip}/32"): Quarantine("no", 60.0, 60.0) for ip in addresses[:5]}
    found = plan(cluster(WEB, OTHER), holding(addresses), memory=Memory(quarantine=refused))
    assert removed(found) == 10
    assert set(holds(found).values()) == {Reason.REJECTED}


def test_what_went_before_belongs_to_the_whole_of_which_a_share_goes() -> None:
    memory = Memory(removals={binding().parent: (0.0,) * 10})
    addresses = ips(30)
    found = plan(cluster(WEB, OTHER, *pods(addresses[2:])), holding(addresses), memory=memory)
    assert removed(found) == 2, "12 of 40 are thirty percent; 12 of 30 would be more"


def test_one_approval_covers_the_epgs_of_an_l3out_that_vanished() -> None:
    run = Run(cluster(), fabric(l3out(epg("A", "10.0.0.1"))))
    shown = run.turn()
    assert len(shown.awaiting_approval) == 2
    run.memory = replace(run.memory, approved=frozenset(one.dn for one in shown.awaiting_approval))
    assert removed(run.turn(1.0)) == 1
    assert set(holds(run.turn(1.0)).values()) == {Reason.HOLD_DOWN}
    assert [one.is_epg for one in run.turn(30.0).actionable] == [True]


def test_a_kind_that_lists_empty_always_waits_for_a_person() -> None:
    sources = views() | {Source.SERVICES: views(doubtful="listed empty, and it was not")[Source.SERVICES]}
    run = Run(cluster(WEB, OTHER, sources=sources), fabric(l3out(epg("A", "10.0.0.1"), epg("B"))))
    for _ in range(5):
        found = run.reread().turn(60.0)
        assert not found.actionable
        assert "services: listed empty" in str(holds(found) and found.held[0].hold)
    assert found.approval_id


def test_an_l3out_whose_whole_wanted_set_vanishes_unseen_waits_for_a_person() -> None:
    run = Run(cluster(), fabric(l3out(epg("A", "10.0.0.1"))))
    for _ in range(5):
        found = run.reread().turn(60.0)
        assert not found.actionable
    assert Reason.MASS_DELETE in holds(found).values()


def test_an_l3out_whose_last_workload_was_seen_to_go_is_cleaned_up() -> None:
    run = Run(cluster(pod("10.0.0.1")), fabric(l3out()))
    run.turn()
    run.wants(cluster())
    assert removed(run.turn(1.0)) == 1
    assert len(run.turn(31.0).actionable) == 1
    assert run.turn(600.0).settled


def test_empty_epgs_that_vanish_unseen_with_all_of_their_l3out_wait_too() -> None:
    run = Run(cluster(), fabric(l3out(epg("A"), epg("B"))))
    run.turn()
    found = run.turn(31.0)
    assert set(holds(found).values()) == {Reason.MASS_DELETE}


def test_a_person_approves_exactly_the_removals_that_were_shown() -> None:
    shown = plan(cluster(WEB, OTHER), holding(ips(20)), rules=BLOCK)
    memory = Memory(approved=frozenset(one.dn for one in shown.awaiting_approval))
    assert removed(plan(cluster(WEB, OTHER), holding(ips(20)), rules=BLOCK, memory=memory)) == 20
    more = plan(cluster(WEB, OTHER), holding([*ips(20), *ips(20, net=1)]), rules=BLOCK, memory=memory)
    assert removed(more) == 20
    assert len(more.awaiting_approval) == 20


def test_an_approval_ends_when_the_object_is_wanted_again() -> None:
    run = Run(cluster(WEB, OTHER), holding(ips(20)), BLOCK)
    shown = run.turn()
    run.wants(cluster(*pods(ips(20)), OTHER))
    run.memory = replace(run.memory, approved=frozenset(one.dn for one in shown.awaiting_approval))
    run.look()
    run.desired, run.memory = cluster(WEB, OTHER), replace(run.memory, causes={})
    assert removed(run.turn(1.0)) == 0


def test_an_approval_does_not_help_against_views_that_are_not_fresh() -> None:
    approved = Memory(approved=frozenset(binding().subnet_dn(f"{ip}/32") for ip in ips(20)))
    blind = cluster(WEB, OTHER, sources={})
    assert removed(plan(blind, holding(ips(20)), memory=approved)) == 0


def test_the_plan_id_names_the_removals_and_nothing_else() -> None:
    first = plan(cluster(WEB, OTHER), holding(ips(20)), rules=BLOCK)
    later = plan(cluster(WEB, OTHER, pod("10.9.9.9", OTHER)), holding(ips(20)[::-1]), rules=BLOCK, now=500.0)
    assert first.approval_id == later.approval_id
    other = plan(cluster(WEB, OTHER), holding(ips(21)), rules=BLOCK)
    assert other.approval_id != first.approval_id
    assert len(first.approval_id) == 12


@pytest.mark.parametrize("policy", [Policy.UPSERT_ONLY, Policy.CREATE_ONLY])
def test_what_the_policy_never_does_waits_for_no_approval(policy: Policy) -> None:
    found = plan(cluster(WEB, OTHER), holding(ips(20)), rules=replace(BLOCK, policy=policy))
    assert set(holds(found).values()) == {Reason.POLICY}
    assert found.approval_id == ""


def test_what_gives_way_to_another_cluster_is_no_mass_delete() -> None:
    theirs = epg("X", *(subnet(ip, LESSER) for ip in ips(20)), mark=LESSER)
    observed = fabric(l3out(epg("A", *ips(20)), theirs))
    found = plan(cluster(*pods(ips(20))), observed)
    assert removed(found) == 20
    assert not applied(found, observed).of(binding().parent).epgs["A"].subnets
