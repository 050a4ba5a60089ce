"""A planner that goes on gives the plan that one would give that begins just now, for less work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akb_sync.mark import RELEASED
from akb_sync.model import Desired, Notice, Observed, ObservedEpg, ObservedSubnet
from akb_sync.plan import Memory, Planner, Rules, make_plan
from akb_sync.plan import planner as module
from akb_sync.reasons import Reason

from .builders import ME, applied, binding, cluster, epg, fabric, l3out, pod, workload
from .worlds import Given, worlds

often = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
NOW = 1000.0


@often
@given(st.lists(worlds(), min_size=1, max_size=3), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2))))
def test_what_was_planned_before_does_not_show(history: list[Given], steps: list[tuple[int, int]]) -> None:
    """Both views change together or alone, and come back."""
    planner = Planner(ME)
    for one, other in [(0, 0), *steps]:
        at, there = history[one % len(history)], history[other % len(history)]
        args = (at.desired, there.observed, at.memory, there.rules, NOW)
        fresh = make_plan(ME, at.desired, there.observed, memory=at.memory, rules=there.rules, now=NOW)
        assert planner.plan(*args) == fresh


Edit = Callable[[Desired, Observed, st.DataObject], tuple[Desired, Observed]]


def _at_an_epg(change: Callable[[ObservedEpg, st.DataObject], ObservedEpg | None]) -> Edit:
    """Change one EPG of the fabric, or let it go; everything else is the same objects."""

    def edit(desired: Desired, observed: Observed, data: st.DataObject) -> tuple[Desired, Observed]:
        places = [(key, name) for key, one in observed.l3outs.items() for name in one.epgs]
        if not places:
            return desired, observed
        key, name = data.draw(st.sampled_from(places))
        epgs = dict(observed.l3outs[key].epgs)
        left = change(epgs.pop(name), data)
        epgs |= {name: left} if left else {}
        parent = replace(observed.l3outs[key], epgs=epgs)
        return desired, replace(observed, l3outs={**observed.l3outs, key: parent})

    return edit


def _subnet_gone(one: ObservedEpg, data: st.DataObject) -> ObservedEpg:
    gone = data.draw(st.sampled_from(sorted(one.subnets))) if one.subnets else ""
    return replace(one, subnets={dn: each for dn, each in one.subnets.items() if dn != gone})


def _subnet_edited(one: ObservedEpg, data: st.DataObject) -> ObservedEpg:
    if not one.subnets:
        return one
    dn = data.draw(st.sampled_from(sorted(one.subnets)))
    edited = data.draw(
        st.sampled_from(
            (
                replace(one.subnets[dn], annotation=""),
                replace(one.subnets[dn], scope=frozenset()),
                replace(one.subnets[dn], ip="?", prefix=""),
            )
        )
    )
    return replace(one, subnets={**one.subnets, dn: edited})


def test_what_cannot_be_read_is_in_the_way_as_soon_as_it_comes_and_until_it_goes() -> None:
    planner, desired = Planner(ME), cluster(pod("10.0.0.1"))
    dn = binding().subnet_dn("10.0.0.1/32")
    unreadable = ObservedSubnet(dn, "?", "", "theirs")
    empty = fabric(l3out(epg("A")))
    l3, parent = next(iter(empty.l3outs.items()))
    holding = replace(parent, epgs={"A": replace(parent.epgs["A"], subnets={dn: unreadable})})
    there = replace(empty, l3outs={l3: holding})
    for observed, changes in ((empty, 1), (there, 0), (empty, 1)):
        found = planner.plan(desired, observed, Memory(), Rules(), NOW)
        assert len([item for item in found.changes if item.actionable]) == changes


def _released(one: ObservedEpg, _data: st.DataObject) -> ObservedEpg:
    return replace(one, tags={} if one.tags else {ME.release_tag: RELEASED})


def _unmarked(one: ObservedEpg, _data: st.DataObject) -> ObservedEpg:
    return replace(one, annotation="" if one.annotation else ME.mark(one.dn))


def _in_another_vrf(desired: Desired, observed: Observed, data: st.DataObject) -> tuple[Desired, Observed]:
    if not observed.l3outs:
        return desired, observed
    key = data.draw(st.sampled_from(sorted(observed.l3outs)))
    vrf = data.draw(st.sampled_from(("", "uni/tn-T1/ctx-V1", "uni/tn-T1/ctx-V2")))
    return desired, replace(observed, l3outs={**observed.l3outs, key: replace(observed.l3outs[key], vrf=vrf)})


def _wish_gone(desired: Desired, observed: Observed, data: st.DataObject) -> tuple[Desired, Observed]:
    gone = data.draw(st.sampled_from(sorted(desired.wanted))) if desired.wanted else ""
    left = {prefix: each for prefix, each in desired.wanted.items() if prefix != gone}
    return replace(desired, wanted=left), observed


def _protected(desired: Desired, observed: Observed, data: st.DataObject) -> tuple[Desired, Observed]:
    paused = Notice(Reason.PAUSED, workload().ref, "it is paused")
    some = data.draw(st.sets(st.sampled_from([*desired.wanted, "10.0.0.1/32"]), max_size=2))
    return replace(desired, protected=dict.fromkeys(some, paused)), observed


EDITS: dict[str, Edit] = {
    "an EPG goes": _at_an_epg(lambda _one, _data: None),
    "a subnet goes": _at_an_epg(_subnet_gone),
    "a subnet is edited": _at_an_epg(_subnet_edited),
    "an EPG is released, or taken back": _at_an_epg(_released),
    "an EPG loses its mark, or gets it": _at_an_epg(_unmarked),
    "an L3Out changes its VRF": _in_another_vrf,
    "an address is not wanted any more": _wish_gone,
    "addresses are protected, or not any more": _protected,
}


@pytest.mark.parametrize("what", EDITS)
@often
@given(world=worlds(fresh=True), data=st.data())
def test_one_change_is_followed_as_if_all_were_new(what: str, world: Given, data: st.DataObject) -> None:
    planner, desired, observed = Planner(ME), world.desired, world.observed
    planner.plan(desired, observed, world.memory, world.rules, NOW)
    desired, observed = EDITS[what](desired, observed, data)
    fresh = make_plan(ME, desired, observed, memory=world.memory, rules=world.rules, now=NOW)
    assert planner.plan(desired, observed, world.memory, world.rules, NOW) == fresh


MANY = [pod(f"10.1.{number // 250}.{number % 250}") for number in range(1000)]


def test_one_more_pod_among_thousands_is_all_that_is_looked_at() -> None:
    planner, before = Planner(ME), cluster(*MANY)
    observed = fabric(l3out(epg("A")))
    planner.plan(before, observed, Memory(), Rules(), NOW)
    assert planner.settled == 1000
    after = replace(before, wanted={**before.wanted, **cluster(pod("10.2.0.1")).wanted})
    found = planner.plan(after, observed, Memory(), Rules(), NOW)
    assert planner.settled == 1
    assert found == make_plan(ME, after, observed, now=NOW)


def test_a_look_at_what_did_not_change_looks_at_no_prefix() -> None:
    planner, desired = Planner(ME), cluster(*MANY)
    observed = fabric(l3out(epg("A")))
    planner.plan(desired, observed, Memory(), Rules(), NOW)
    planner.plan(desired, observed, Memory(), Rules(), NOW + 5.0)
    assert planner.settled == 0


def test_a_plan_that_was_given_is_not_changed_by_the_next() -> None:
    planner, desired = Planner(ME), cluster(pod("10.0.0.1"), pod("10.0.0.2"))
    right = applied(make_plan(ME, desired, fabric(l3out(epg("A"))), now=NOW), fabric(l3out(epg("A"))))
    first = planner.plan(desired, right, Memory(), Rules(), NOW)
    assert first.right_count == 2
    planner.plan(cluster(workload()), right, Memory(), Rules(), NOW)
    assert sorted(first.right) == ["10.0.0.1/32", "10.0.0.2/32"]


def test_after_a_defect_the_next_plan_begins_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    planner, desired = Planner(ME), cluster(pod("10.0.0.1"), pod("10.0.0.2"))
    observed = fabric(l3out(epg("A")))

    def broken(*_args: object) -> None:
        raise RuntimeError("a defect")

    with monkeypatch.context() as patch:
        patch.setattr(module, "subnet_items", broken)
        with pytest.raises(RuntimeError):
            planner.plan(desired, observed, Memory(), Rules(), NOW)
    assert planner.plan(desired, observed, Memory(), Rules(), NOW) == make_plan(
        ME, desired, observed, now=NOW
    )
