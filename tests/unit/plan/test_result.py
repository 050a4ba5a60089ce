"""What a plan tells beside its items."""

from __future__ import annotations

from akb_sync.item import Action, Hold
from akb_sync.plan import Rules
from akb_sync.reasons import Reason

from .builders import absent, binding, cluster, epg, fabric, item, l3out, plan, pod, subnet, workload


def test_changes_are_what_differs_held_or_not() -> None:
    found = plan(
        cluster(pod("10.0.0.1"), pod("10.0.0.2")),
        fabric(l3out(epg("A", "10.0.0.1"))),
        rules=Rules(max_prefixes=1),
    )
    assert [one.prefix for one in found.changes] == ["10.0.0.2/32"]
    assert found.actionable == ()
    assert found.held == found.changes
    assert not found.settled


def test_a_plan_can_be_narrowed_to_some_of_its_items() -> None:
    found = plan(cluster(pod("10.0.0.1"), pod("10.0.0.2")), fabric(l3out()))
    narrowed = found.narrowed(lambda one: one.prefix == "10.0.0.2/32")
    assert [one.prefix for one in narrowed.items] == ["10.0.0.2/32"]
    assert narrowed.shifts == found.shifts


def test_a_plan_is_to_be_made_again_when_the_first_hold_ends_or_the_cluster_changes_by_itself() -> None:
    desired = cluster(workload("b", binding("B")))
    observed = fabric(l3out(epg("A"), epg("B")))
    assert plan(desired, observed, now=10.0).revisit_at == 40.0
    object.__setattr__(desired, "revisit_at", 20.0)
    assert plan(desired, observed, now=10.0).revisit_at == 20.0
    assert plan(desired, observed, now=20.0).revisit_at == 50.0


def test_an_item_keeps_its_first_hold() -> None:
    found = item(plan(cluster(workload()), fabric(absent())), binding())
    assert found.held(Hold(Reason.POLICY)) is found
    assert found.action is Action.CREATE


def test_an_item_says_what_it_is() -> None:
    found = plan(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", subnet("10.0.0.1", name="x"), "10.0.0.2"))))
    kept, drifted, gone = found.items
    assert (kept.is_epg, kept.changes, kept.actionable, kept.removes) == (True, False, False, False)
    assert (drifted.is_epg, drifted.changes, drifted.actionable, drifted.removes) == (
        False,
        True,
        True,
        False,
    )
    assert (gone.is_epg, gone.changes, gone.actionable, gone.removes) == (False, True, True, True)
