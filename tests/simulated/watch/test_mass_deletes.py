"""Many prefixes gone at once: a running engine looks twice, or waits for a person."""

import re

import pytest

from akb_sync.settings import MassDelete
from tests.simulated.engine.stage import EPG, Json, Stage, eventually, hosts

from .running import Running
from .told import Told

HALF = 30
KEPT, LOST = hosts("10.244.1", HALF), hosts("10.244.2", HALF)
APPROVE = re.compile(r"akb-sync sync --approve ([0-9a-f]{12})")

pytestmark = pytest.mark.usefixtures("untouched")


@pytest.fixture
def lost(stage: Stage) -> Json:
    """A Deployment with half of the 60 Pods of one EPG, which is about to lose its annotation."""
    stays, lost = stage.workload("stays"), stage.workload("lost")
    stage.pods(stays, HALF, "10.244.1")
    stage.pods(lost, HALF, "10.244.2")
    stage.sync()
    assert stage.prefixes() == KEPT | LOST
    return lost


def follow(stage: Stage, running: Running) -> None:
    running.until_followed()
    running.turned()
    assert stage.prefixes() == KEPT | LOST


def approval(told: Told) -> str:
    """The plan that the log asks a person to approve."""
    told.until("removals wait")
    (line,) = told.lines("removals wait")
    found = APPROVE.search(line)
    assert found is not None
    assert f"{HALF} removals wait" in line
    return found[1]


def test_verify_does_it_after_a_second_look_from_scratch(stage: Stage, lost: Json, told: Told) -> None:
    with Running(stage, hold_down=1.0) as running:
        follow(stage, running)
        lists = stage.cluster.counts["list", "pods"]
        stage.annotate(lost, None)
        told.until("MassDelete", f"{HALF} of {2 * HALF} managed prefixes")
        assert stage.prefixes() == KEPT | LOST
        eventually("the second look agreed", lambda: stage.prefixes() == KEPT)
        assert stage.cluster.counts["list", "pods"] == lists + 1
    assert len(told.lines("MassDelete")) == 1
    assert stage.sync(wait=False).written == []


def test_verify_does_nothing_when_the_annotation_is_back_in_time(
    stage: Stage, lost: Json, told: Told
) -> None:
    with Running(stage, hold_down=30.0) as running:
        follow(stage, running)
        posts = stage.posts
        stage.annotate(lost, None)
        told.until("MassDelete")
        stage.annotate(
            lost,
            stage.cluster.get("Deployment", "shop", "stays")["metadata"]["annotations"][
                "aci.haystacknetworks.com/l3o"
            ],
        )
        eventually("nothing waits any more", lambda: not running.engine.look().held)
        assert (stage.prefixes(), stage.posts) == (KEPT | LOST, posts)


def test_block_waits_for_a_person_who_approves_exactly_those(stage: Stage, lost: Json, told: Told) -> None:
    with Running(stage, mass_delete=MassDelete.BLOCK, hold_down=0.2) as running:
        follow(stage, running)
        stage.annotate(lost, None)
        plan_id = approval(told)
        for _ in range(3):
            running.listed_anew()
            running.turned()
        assert stage.prefixes() == KEPT | LOST
        with stage.engine(mass_delete=MassDelete.BLOCK) as person:
            person.read()
            found = person.look()
            assert found.approval_id == plan_id
            assert {item.prefix for item in found.awaiting_approval} == LOST
        outcome = stage.sync(approve=True, mass_delete=MassDelete.BLOCK)
        assert {item.prefix for item in outcome.written} == LOST
        eventually("the running engine has seen it", lambda: not running.engine.look().held)
        assert stage.prefixes() == KEPT
    assert stage.apic.get(f"uni/tn-TEN_K8_C1/out-L3O_K8_C1/instP-{EPG}") is not None


def test_pods_that_are_seen_to_end_are_no_mass_delete(stage: Stage, lost: Json, told: Told) -> None:
    with Running(stage) as running:
        follow(stage, running)
        for pod in stage.cluster.list("Pod", "shop", "app=lost"):
            stage.remove({"kind": "Pod", **pod})
        eventually("their subnets are gone", lambda: stage.prefixes() == KEPT)
    assert told.lines("MassDelete") == []
    assert lost["kind"] == "Deployment"


def test_pods_that_vanished_while_nobody_looked_are_one(stage: Stage, lost: Json, told: Told) -> None:
    for pod in stage.cluster.list("Pod", "shop", "app=lost"):
        stage.remove({"kind": "Pod", **pod})
    with Running(stage, mass_delete=MassDelete.BLOCK) as running:
        approval(told)
        running.listed_anew()
        running.turned()
        assert stage.prefixes() == KEPT | LOST
    assert lost["kind"] == "Deployment"
