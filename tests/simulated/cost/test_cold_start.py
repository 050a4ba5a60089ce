"""What a start costs, in requests and bytes: counts do not depend on the mood of the machine."""

from __future__ import annotations

from collections import Counter

import pytest

from akb_sync.engine import Engine
from akb_sync.settings import Settings
from tests.simulated.engine.stage import L3OUT, Json, Stage, eventually
from tests.simulated.watch.running import Running

from .conftest import EPGS, L3OUTS, PODS, SECOND
from .ledger import Ledger, fields, pages

OBJECTS = PODS + EPGS
"""On each of our L3Outs."""
BYTES_PER_SUBNET = 180
"""Of a POST: address, name, scope and mark, with the braces around them."""
BYTES_PER_OBJECT_READ = 640
"""Of the answers: an object with all its attributes, once."""
SEARCHES = 3
"""Class queries that find L3Outs of the same VRF and marks of ours; the rest is one for each L3Out."""
KINDS = {"deployments", "statefulsets", "daemonsets", "replicasets", "pods", "services"}


def all_there(stage: Stage) -> bool:
    return all(
        len(stage.prefixes(f"EPG_{epg}", l3out)) == PODS // EPGS
        for l3out in (L3OUT, SECOND)
        for epg in range(EPGS)
    )


def settled(stage: Stage, ledger: Ledger, running: Running) -> None:
    """Wait until all is written and two looks in a row ask nothing more."""
    eventually("all is there", lambda: all_there(stage), 30.0)
    running.until_followed()

    def quiet() -> bool:
        before = ledger.requests
        running.turned()
        return ledger.requests == before

    eventually("it is quiet", quiet)


@pytest.mark.usefixtures("town")
def test_a_cold_start_takes_the_fewest_posts_and_three_queries_an_l3out(stage: Stage, ledger: Ledger) -> None:
    with Running(stage, apic_rate=10) as running:
        settled(stage, ledger, running)
        assert ledger.requests["post"] == 2 * pages(OBJECTS)
        assert ledger.requests["query"] <= L3OUTS + SEARCHES
        assert ledger.requests.total() <= 2 * pages(OBJECTS) + 3 * L3OUTS + 10
        assert stage.apic.subscriptions == L3OUTS
    assert {fields(write.body) <= 500 for write in stage.apic.journal} == {True}


@pytest.mark.usefixtures("town")
def test_each_kind_is_listed_once_in_as_many_pages_as_it_has(stage: Stage, ledger: Ledger) -> None:
    with Running(stage, apic_rate=10) as running:
        settled(stage, ledger, running)
        workloads = 2 * EPGS
        assert ledger.lists == dict.fromkeys(KINDS, 1) | {
            "deployments": pages(workloads),
            "replicasets": pages(workloads),
            "pods": pages(2 * PODS),
        }
        assert ledger.writes_to_the_cluster == 0


@pytest.mark.usefixtures("town")
def test_a_written_subnet_is_a_few_bytes_and_no_subtree_is_read_back(stage: Stage, ledger: Ledger) -> None:
    with Running(stage, apic_rate=10) as running:
        settled(stage, ledger, running)
        sent, got = ledger.bytes_of("post")
        assert sent <= BYTES_PER_SUBNET * 2 * OBJECTS
        assert got <= 100 * ledger.requests["post"]


@pytest.mark.usefixtures("town")
def test_a_fabric_that_is_right_is_read_once_and_not_written(stage: Stage, ledger: Ledger) -> None:
    stage.sync(wait=False)
    ledger.clear()
    posts = stage.posts
    with Running(stage, apic_rate=10) as running:
        settled(stage, ledger, running)
        assert (ledger.requests["post"], stage.posts) == (0, posts)
        assert ledger.requests["query"] <= L3OUTS + SEARCHES
        assert ledger.requests["login"] == 1
        _, got = ledger.bytes_of("query")
        assert got <= BYTES_PER_OBJECT_READ * (2 * OBJECTS + 50)


@pytest.mark.usefixtures("town")
def test_a_cold_start_waits_for_no_turn_at_the_usual_pace(stage: Stage, ledger: Ledger) -> None:
    """That of 10,000 Pods in one L3Out has 16 POSTs more, and still fits into what may leave at once."""
    usual = Settings()
    began = stage.clock.monotonic()
    made = stage.settings(apic_rate=usual.apic_rate, apic_burst=usual.apic_burst)
    with Engine.connect(made, clock=stage.clock, sleep=stage.clock.advance) as engine:
        engine._session._courier.pause = stage.clock.advance
        engine.read()
        assert engine.write(engine.look()).error is None
    assert all_there(stage)
    assert ledger.requests["post"] == 2 * pages(OBJECTS)
    assert stage.clock.monotonic() == began
    assert ledger.requests.total() + 16 <= usual.apic_burst


def test_what_a_start_asks_does_not_grow_with_the_pods_but_for_pages(stage: Stage, ledger: Ledger) -> None:
    few = stage.workload("few")
    stage.pods(few, 3)
    asked = []
    for _ in range(2):
        stage.sync(wait=False)
        ledger.clear()
        with stage.engine() as engine:
            engine.read()
            assert engine.look().actionable == ()
        asked.append((ledger.requests, ledger.lists))
        stage.pods(few, 200, network="10.244.9")
    assert asked[0] == asked[1]


def test_workloads_that_ask_for_nothing_cost_the_fabric_a_login_and_two_queries(
    stage: Stage, ledger: Ledger
) -> None:
    plain: Json = stage.workload("plain", annotation="")
    stage.annotate(plain, None)
    stage.pods(plain, 20)
    with Running(stage) as running:
        running.until_live().turned()
        assert ledger.requests <= Counter(login=1, query=2)
        assert stage.apic.subscriptions == 0
