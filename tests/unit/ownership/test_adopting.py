"""What `adopt` would write, as a function of both views."""

from __future__ import annotations

import pytest

from akb_sync.model import Desired, Observed
from akb_sync.ownership.adopt import Terms, adoption
from akb_sync.ownership.deed import verb
from akb_sync.ownership.origin import Origin
from akb_sync.plan.world import World
from tests.unit.plan.builders import (
    COPIED,
    GREATER,
    LESSER,
    ME,
    binding,
    cluster,
    epg,
    fabric,
    l3out,
    pod,
    subnet,
    workload,
)

PRIOR = "orchestrator:aci-k8-haystack"
FROM_PRIOR = Terms(Origin())
KEY = ME.release_tag


def lines(desired: Desired, observed: Observed, terms: Terms | None = None) -> list[str]:
    """One line for each item: what, which EPG, prefix, tag, and `held`."""
    world = World.of(ME, desired, observed, 0.0)
    every = [one.binding for one in world.epgs()]
    return [
        " ".join(
            part
            for part in (
                verb(item),
                item.binding.epg,
                item.prefix,
                *(f"{key}={value}" for key, value in item.tags),
                "held" if item.hold else "",
            )
            if part
        )
        for item in adoption(world, every, terms or Terms())
    ]


@pytest.mark.parametrize("mark", [None, COPIED])
def test_what_bears_no_mark_or_a_copied_one_of_ours_is_free(mark: str | None) -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", mark), mark=mark)))
    assert lines(cluster(pod("10.0.0.1")), observed) == ["mark A", "mark A 10.0.0.1/32"]


def test_what_is_ours_already_has_no_line() -> None:
    assert lines(cluster(pod("10.0.0.1")), fabric(l3out(epg("A", "10.0.0.1", "10.0.0.2")))) == []


def test_a_subnet_that_nobody_asks_for_is_left_unless_all_are_asked_for() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.9", None), mark=None)))
    assert lines(cluster(workload()), observed) == ["mark A"]
    assert lines(cluster(workload()), observed, Terms(all_subnets=True)) == [
        f"mark A {KEY}=adopted",
        "mark A 10.0.0.9/32",
    ]


def test_an_epg_that_no_workload_names_gets_the_tag_that_makes_the_engine_ask() -> None:
    assert lines(cluster(), fabric(l3out(epg("A", mark=None)))) == [f"mark A {KEY}=adopted"]


def test_the_tag_is_not_set_for_leftovers_that_were_ours_before() -> None:
    observed = fabric(l3out(epg("A", "10.0.0.9", subnet("10.0.0.1", None))))
    assert lines(cluster(pod("10.0.0.1")), observed) == ["mark A 10.0.0.1/32"]


def test_a_released_epg_is_taken_back_and_its_tag_goes() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", None), mark=None, tags={KEY: "released"})))
    assert lines(cluster(pod("10.0.0.1")), observed) == [f"mark A {KEY}=", "mark A 10.0.0.1/32"]


@pytest.mark.parametrize("mark", [PRIOR, GREATER, "orchestrator:terraform"])
def test_anybody_elses_mark_is_held_unless_a_person_forces_it(mark: str) -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", mark), mark=mark)))
    assert lines(cluster(pod("10.0.0.1")), observed) == ["mark A held", "mark A 10.0.0.1/32 held"]
    forced = lines(cluster(pod("10.0.0.1")), observed, Terms(force=True))
    assert forced == ["mark A", "mark A 10.0.0.1/32"]


@pytest.mark.parametrize(("mark", "origin"), [(PRIOR, Origin()), (GREATER, Origin(GREATER))])
def test_of_the_party_that_is_named_everything_comes_along(mark: str, origin: Origin) -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", mark), subnet("10.0.0.9", mark), mark=mark)))
    found = lines(cluster(pod("10.0.0.1")), observed, Terms(origin))
    assert found == [f"mark A {KEY}=adopted", "mark A 10.0.0.1/32", "mark A 10.0.0.9/32"]


def test_another_party_than_the_one_that_is_named_is_held() -> None:
    observed = fabric(l3out(epg("A", subnet("10.0.0.1", LESSER), mark=PRIOR)))
    found = lines(cluster(pod("10.0.0.1")), observed, FROM_PRIOR)
    assert found == ["mark A", "mark A 10.0.0.1/32 held"]


def test_taking_over_a_whole_fabric_touches_nothing_but_what_the_party_had() -> None:
    observed = fabric(
        l3out(
            epg("A", subnet("10.0.0.1", PRIOR), subnet("10.0.0.2", None), mark=PRIOR),
            epg("B", subnet("10.0.1.1", PRIOR), subnet("10.0.1.2", None), mark=None),
            epg("C", subnet("10.0.2.1", PRIOR), mark="orchestrator:terraform"),
        )
    )
    desired = cluster(pod("10.0.0.1"), pod("10.0.0.2"), *(workload(one, binding(one)) for one in ("B", "C")))
    assert lines(desired, observed, Terms(Origin(), only_origin=True)) == [
        "mark A",
        "mark A 10.0.0.1/32",
        "mark A 10.0.0.2/32",
        f"tag B {KEY}=adopted",
        "mark B 10.0.1.1/32",
        f"tag C {KEY}=adopted",
        "mark C 10.0.2.1/32",
    ]


def test_the_tag_of_the_cluster_that_is_taken_over_goes() -> None:
    observed = fabric(l3out(epg("A", mark=GREATER, tags={GREATER.release_tag: "adopted"})))
    assert lines(cluster(workload()), observed, Terms(Origin(GREATER))) == [
        f"mark A {GREATER.release_tag}=",
    ]


def test_the_prior_application_is_known_among_several_values() -> None:
    assert Origin().covers(f"somebody,{PRIOR}", "uni/tn-T")
    assert not Origin().covers(f"{PRIOR}-2", "uni/tn-T")
