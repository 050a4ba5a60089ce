"""What was adopted unasked goes only after a person agreed; what is in use goes when a person prunes it."""

from __future__ import annotations

from dataclasses import replace

from akb_sync.item import Action
from akb_sync.plan import Cause, Memory, Rules
from akb_sync.plan.memory import Quarantine
from akb_sync.reasons import Reason

from .builders import (
    GREATER,
    ME,
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

TAGGED = {ME.release_tag: "adopted"}
STALE = binding().subnet_dn("10.0.0.9/32")


def test_stale_subnets_of_an_adopted_epg_wait_for_a_person_and_the_rest_goes_on() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.9", tags=TAGGED)))
    found = plan(cluster(pod("10.0.0.1")), observed)
    assert does(found) == ["create A 10.0.0.1/32"]
    assert holds(found) == {STALE: Reason.UNCONFIRMED}
    assert [one.dn for one in found.awaiting_approval] == [STALE]


def test_a_pods_own_end_is_not_held_in_an_adopted_epg() -> None:
    memory = Memory(causes={(binding(), "10.0.0.9/32"): Cause.ENDED})
    found = plan(cluster(workload()), fabric(l3out(epg("A", "10.0.0.9", tags=TAGGED))), memory=memory)
    assert does(found) == ["delete A 10.0.0.9/32"]


def test_an_adopted_epg_that_nobody_names_is_approved_together_with_its_subnets() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.9", tags=TAGGED), epg("B")))
    desired = cluster(workload("b", binding("B")))
    found = plan(desired, observed)
    assert holds(found) == {binding().dn: Reason.UNCONFIRMED, STALE: Reason.UNCONFIRMED}
    agreed = Memory(approved=frozenset(holds(found)), confirmed=frozenset({binding()}))
    assert does(plan(desired, observed, memory=agreed)) == ["delete A 10.0.0.9/32"]


def test_an_epg_is_not_offered_for_approval_while_a_subnet_in_it_is_held_by_what_no_approval_ends() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.8", "10.0.0.9", tags=TAGGED), epg("B")))
    refused = Memory(quarantine={STALE: Quarantine("the APIC says no", 2000.0, 60.0)})
    found = plan(cluster(workload("b", binding("B"))), observed, memory=refused)
    assert holds(found)[binding().dn] == Reason.HOLD_DOWN
    assert [one.prefix for one in found.awaiting_approval] == ["10.0.0.8/32"]


def test_the_tag_goes_once_a_person_agreed_and_nothing_stale_is_left() -> None:
    desired, agreed = cluster(pod("10.0.0.1")), Memory(confirmed=frozenset({binding()}))
    right = fabric(l3out(epg("A", "10.0.0.1", tags=TAGGED)))
    gone = item(plan(desired, right, memory=agreed), binding())
    assert (gone.action, gone.reason, gone.tags) == (Action.UPDATE, Reason.ADOPTED, ((ME.release_tag, ""),))
    assert (gone.mark, gone.name, gone.scope) == (None, None, None)
    stale = fabric(l3out(epg("A", "10.0.0.1", "10.0.0.9", tags=TAGGED)))
    assert item(plan(desired, stale, memory=agreed), binding()).action is Action.NONE
    assert item(plan(desired, right), binding()).action is Action.NONE


def test_without_the_tag_a_stale_subnet_goes_as_ever() -> None:
    found = plan(
        cluster(workload()), fabric(l3out(epg("A", "10.0.0.9", tags={GREATER.release_tag: "adopted"})))
    )
    assert does(found) == ["delete A 10.0.0.9/32"]


def test_an_epg_in_use_goes_when_a_person_prunes_it_and_the_plan_says_what_goes_along() -> None:
    in_use = epg("A", subnet("192.0.2.1", None), contracts=("web",))
    observed, desired = fabric(l3out(in_use, epg("B"))), cluster(workload("b", binding("B")))
    assert holds(plan(desired, observed)) == {binding().dn: Reason.IN_USE}
    rules = Rules(prune_in_use=True, hold_down=0.0)
    seen = Memory(causes={(binding(), ""): Cause.WITHDRAWN})
    found = plan(desired, observed, rules=rules, memory=seen)
    assert does(found) == ["delete A"]
    expected = "with it go: contracts web; 1 subnet(s) of others such as 192.0.2.1/32"
    assert item(found, binding()).message == expected
    assert holds(plan(desired, observed, rules=replace(rules, hold_down=30.0), memory=seen)) == {
        binding().dn: Reason.HOLD_DOWN
    }
