"""What holds for every plan, whatever the world looks like."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akb_sync.item import Action, Item
from akb_sync.mark import Identity, Owner
from akb_sync.model import Desired, Freshness, L3Out, Observed, ObservedEpg, by_prefix
from akb_sync.plan import MassDelete, Memory, Plan, Policy, Rules, make_plan
from akb_sync.plan.memory import after_planning, after_writing, notice_departures
from akb_sync.reasons import Reason

from .builders import GREATER, ME, Run, applied
from .worlds import Given, classified, clusters, fabrics, odd, shuffled, strangers, worlds

NOW = 100.0
often = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
seldom = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def planned(world: Given) -> Plan:
    return make_plan(ME, world.desired, world.observed, memory=world.memory, rules=world.rules, now=NOW)


def is_ours(one: Item) -> bool:
    found = one.observed
    assert found is not None
    return ME.owner(found.annotation, found.dn) is Owner.MANAGED


def told(found: Plan) -> Plan:
    """The plan without what the fabric has, which is in the order in which it was shuffled."""
    return found.of(replace(one, observed=None) for one in found.items)


@often
@given(worlds())
def test_every_object_has_one_line_and_every_hold_a_change(world: Given) -> None:
    found = planned(world)
    assert all(amount == 1 for amount in Counter(one.dn for one in found.items).values())
    for one in found.items:
        assert one.is_epg == (one.dn == one.binding.dn)
        assert one.hold is None or one.changes
        assert one.leaves is None or one.action is Action.MOVE
        assert str(one.hold) or one.reason.meaning


@often
@given(worlds(), st.lists(st.text(max_size=12), max_size=3))
def test_no_input_makes_it_raise(world: Given, texts: list[str]) -> None:
    wants = tuple(odd(text) for text in texts)
    workloads = tuple(want.workload for want in wants)
    desired = replace(
        world.desired,
        wanted=by_prefix(world.desired.exposures + wants),
        workloads=world.desired.workloads + workloads,
    )
    found = planned(replace(world, desired=desired))
    memory = after_planning(world.memory, found.notable, NOW, 300.0)
    memory = notice_departures(memory, desired, world.desired)
    after_writing(memory, found.actionable, [(one, "no") for one in found.held], NOW)


@often
@given(worlds(), st.integers(0, 1000))
def test_the_order_of_what_is_told_does_not_matter(world: Given, seed: int) -> None:
    assert told(planned(shuffled(world, random.Random(seed)))) == told(planned(world))


@often
@given(worlds())
def test_nothing_without_our_mark_is_changed_but_an_emptied_mark(world: Given) -> None:
    found = planned(world)
    for one in found.actionable:
        if one.action is Action.CREATE or one.action is Action.MOVE:
            assert one.observed is None
            epg = world.observed.epg(one.binding)
            assert epg is None or one.dn not in epg.subnets
            if one.leaves is not None:
                assert ME.owner(one.leaves.annotation, one.leaves.dn) is Owner.MANAGED
        elif one.reason is Reason.MARK_RESTORED:
            assert one.observed is not None
            assert one.observed.annotation == ""
            epg = world.observed.epg(one.binding)
            assert epg is not None
            assert ME.owner(epg.annotation, epg.dn) is Owner.MANAGED
        else:
            assert is_ours(one)
    before, after = strangers(world.observed, ME), strangers(applied(found, world.observed), ME)
    restored = {one.dn for one in found.actionable if one.reason is Reason.MARK_RESTORED}
    assert {dn: what for dn, what in before.items() if dn not in restored} == after


@often
@given(worlds())
def test_a_released_epg_is_not_touched(world: Given) -> None:
    for one in planned(world).actionable:
        left = one.leaves.dn if one.leaves else one.dn
        for l3out in world.observed.l3outs.values():
            for epg in l3out.epgs.values():
                if epg.tags:
                    assert not (one.dn + "/").startswith(epg.dn + "/")
                    assert not left.startswith(epg.dn + "/")


@often
@given(worlds())
def test_an_epg_goes_only_when_it_is_empty_and_ours(world: Given) -> None:
    for one in planned(world).actionable:
        if one.is_epg and one.action is Action.DELETE:
            assert isinstance(one.observed, ObservedEpg)
            assert is_ours(one)
            there = one.observed
            assert (len(there.subnets), there.contracts, there.others) == (0, (), ())
            assert not there.preferred_group
            assert not world.desired.undecided
            assert one.binding not in {each.binding for each in world.desired.workloads}


@often
@given(worlds())
def test_no_prefix_gets_into_a_second_epg_of_its_vrf_by_us(world: Given) -> None:
    before = classified(world.observed)
    for key, epgs in classified(applied(planned(world), world.observed)).items():
        assert len(epgs) == 1 or epgs <= before.get(key, set()), key


@often
@given(worlds())
def test_what_is_not_fresh_removes_nothing_and_is_not_written_to(world: Given) -> None:
    found = planned(world)
    if not world.desired.fresh:
        assert not any(one.removes for one in found.actionable)
    for one in found.actionable:
        for dn in (one.dn, one.leaves.dn if one.leaves else one.dn):
            l3out = L3Out.of_dn(dn)
            assert l3out
            assert world.observed.of(l3out).freshness is Freshness.FRESH


@often
@given(worlds())
def test_a_policy_is_kept(world: Given) -> None:
    allowed = {
        Policy.SYNC: set(Action),
        Policy.UPSERT_ONLY: {Action.CREATE, Action.UPDATE},
        Policy.CREATE_ONLY: {Action.CREATE},
    }
    for policy, actions in allowed.items():
        found = planned(replace(world, rules=replace(world.rules, policy=policy)))
        assert {one.action for one in found.actionable} <= actions


@often
@given(worlds())
def test_a_held_move_does_neither_half_and_no_subnet_leaves_twice(world: Given) -> None:
    found = planned(world)
    leaving = [one.leaves.dn for one in found.items if one.leaves]
    assert len(leaving) == len(set(leaving))
    gone = {one.dn for one in found.items if one.action is Action.DELETE}
    assert gone.isdisjoint(leaving)


@often
@given(worlds())
def test_a_protected_address_is_left_as_it_is(world: Given) -> None:
    for one in planned(world).actionable:
        assert one.prefix not in world.desired.protected


@often
@given(worlds())
def test_no_l3out_is_filled_beyond_the_limit(world: Given) -> None:
    rules = replace(world.rules, max_prefixes=2)
    found = planned(replace(world, rules=rules))
    arrivals = Counter(
        one.binding.parent
        for one in found.actionable
        if one.prefix
        and (
            one.action is Action.CREATE
            or (one.leaves is not None and L3Out.of_dn(one.leaves.dn) != one.binding.parent)
        )
    )
    for l3out, count in arrivals.items():
        held = sum(
            ME.owner(one.annotation, one.dn) is Owner.MANAGED and not epg.tags
            for epg in world.observed.of(l3out).epgs.values()
            for one in epg.subnets.values()
        )
        assert held + count <= 2


@often
@given(worlds(fresh=True))
def test_in_block_mode_no_more_than_the_threshold_goes_unseen(world: Given) -> None:
    rules = Rules(mass_delete=MassDelete.BLOCK, guard_count=1, guard_share=0.0)
    found = planned(replace(world, rules=rules, memory=Memory()))
    gone = Counter(
        one.binding.parent
        for one in found.actionable
        if one.prefix and one.action is Action.DELETE and one.reason is Reason.NOT_WANTED
    )
    assert all(count <= 1 for count in gone.values())


@seldom
@given(clusters(), fabrics())
def test_it_settles_in_a_few_rounds_writes_no_object_twice_and_then_nothing(
    desired: Desired, observed: Observed
) -> None:
    run = Run(desired, observed)
    for _ in range(6):
        run.turn(31.0)
        run.reread()
    done = len(run.written)
    for _ in range(20):
        assert run.turn(31.0).actionable == ()
    assert len(run.written) == done
    repeated = Counter((one.dn, one.action) for one in run.written)
    assert all(amount == 1 for amount in repeated.values())
    assert make_plan(ME, run.desired, run.observed, now=run.now).actionable == ()


@seldom
@given(clusters(), clusters(), fabrics())
def test_from_any_state_the_engine_comes_to_where_a_fresh_one_comes(
    before: Desired, after: Desired, observed: Observed
) -> None:
    run = Run(before, observed)
    for desired in (before, after, before, after):
        run.wants(desired)
        for _ in range(6):
            run.turn(31.0)
            run.reread()
    assert make_plan(ME, run.desired, run.observed, now=run.now).actionable == ()


@seldom
@given(clusters(), clusters(), fabrics())
def test_two_clusters_on_one_fabric_come_to_rest(ours: Desired, theirs: Desired, observed: Observed) -> None:
    wants: dict[Identity, Desired] = {ME: ours, GREATER: theirs}
    memories = {ME: Memory(), GREATER: Memory()}
    rules = Rules(guard_share=1.0, hold_down=0.0)
    for number in range(16):
        before = observed
        for who, desired in wants.items():
            found = make_plan(who, desired, observed, memory=memories[who], rules=rules, now=31.0 * number)
            memory = after_planning(memories[who], found.items, 31.0 * number, 300.0)
            observed = applied(found, observed)
            memories[who] = after_writing(memory, found.actionable, (), 31.0 * number)
        if observed == before:
            return
    raise AssertionError("they are still at it")
