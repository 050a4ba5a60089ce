"""A planner that has planned before sees each kind of change, one at a time."""

from __future__ import annotations

import pytest

from akb_sync.mark import RELEASED
from akb_sync.model import Desired, Notice, Observed
from akb_sync.plan import Memory, Plan, Planner, Rules, make_plan
from akb_sync.reasons import Reason

from .builders import (
    ME,
    OTHER_VRF,
    binding,
    cluster,
    does,
    epg,
    fabric,
    holds,
    l3out,
    pod,
    subnet,
    workload,
)

A, B = binding("A"), binding("B", l3out="L2")
WANTED = pod("10.0.0.1", workload("web", A))
PROTECTED = {"10.0.0.1/32": Notice(Reason.PAUSED, WANTED.workload.ref, "it is paused")}
CALLED_OTHERWISE = subnet("10.0.0.1", name="other")

Moment = tuple[Desired, Observed]
RIGHT: Moment = (cluster(WANTED), fabric(l3out(epg("A", "10.0.0.1"))))


def _planned(planner: Planner, moment: Moment) -> Plan:
    return planner.plan(*moment, Memory(), Rules(), 0.0)


def _in_turn(*moments: Moment) -> None:
    """One planner for all moments gives for the last one what a planner gives that begins with it."""
    planner = Planner(ME)
    for moment in moments:
        found = _planned(planner, moment)
    fresh = make_plan(ME, *moments[-1])
    assert (does(found), holds(found), found.items) == (does(fresh), holds(fresh), fresh.items)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(RIGHT, (RIGHT[0], fabric(l3out(epg("A")))), id="a subnet goes"),
        pytest.param(RIGHT, (RIGHT[0], fabric(l3out(epg("A", CALLED_OTHERWISE)))), id="a subnet is renamed"),
        pytest.param((RIGHT[0], fabric(l3out(epg("A")))), RIGHT, id="a subnet comes"),
    ],
)
def test_what_changed_on_the_fabric_is_planned_anew(before: Moment, after: Moment) -> None:
    _in_turn(before, after)


def test_what_is_wanted_otherwise_is_planned_anew() -> None:
    _in_turn((cluster(workload("web", A)), RIGHT[1]), RIGHT)
    _in_turn(RIGHT, (cluster(workload("web", A)), RIGHT[1]))


def test_where_a_protection_comes_or_goes_it_is_planned_anew() -> None:
    drifted = fabric(l3out(epg("A", CALLED_OTHERWISE)))
    leftover = fabric(l3out(epg("A", "10.0.0.1")))
    for observed in (drifted, leftover):
        free = (cluster(workload("web", A)), observed)
        kept = (cluster(workload("web", A), protected=PROTECTED), observed)
        _in_turn(free, kept)
        _in_turn(kept, free)


def test_an_epg_that_is_released_or_taken_back_is_planned_anew() -> None:
    wanted = cluster(WANTED)
    free, released = (fabric(l3out(epg("A", tags=tags))) for tags in ({}, {ME.release_tag: RELEASED}))
    _in_turn((wanted, free), (wanted, released))
    _in_turn((wanted, released), (wanted, free))


def test_an_l3out_that_comes_into_another_vrf_is_planned_anew() -> None:
    rivals = cluster(WANTED, pod("10.0.0.1", workload("api", B)))
    one = fabric(l3out(epg("A", "10.0.0.1")), l3out(epg("B"), name="L2"))
    two = fabric(l3out(epg("A", "10.0.0.1")), l3out(epg("B"), name="L2", vrf=OTHER_VRF))
    _in_turn((rivals, one), (rivals, two))
    _in_turn((rivals, two), (rivals, one))
