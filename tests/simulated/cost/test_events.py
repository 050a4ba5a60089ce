"""What an event costs: one POST at most, no query, and work that does not grow with what stands there."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from akb_sync.engine import Engine
from tests.simulated.engine.stage import Json, Stage, epg_dn, eventually, hosts
from tests.simulated.watch.running import Running

from .ledger import Ledger

BURST = 100


@pytest.fixture
def running(stage: Stage) -> Iterator[Running]:
    with Running(stage) as running:
        yield running.until_live()


@pytest.fixture
def web(stage: Stage, running: Running, ledger: Ledger) -> Json:
    """A workload whose Pods stand on the fabric; nothing is on its way any more, and the ledger is empty."""
    web = stage.workload("web")
    stage.pods(web, 10)
    eventually("the Pods are on the fabric", lambda: stage.prefixes() == hosts("10.244.1", 10))
    running.until_followed()

    def quiet() -> bool:
        before = ledger.requests
        running.turned()
        return ledger.requests == before

    eventually("it is quiet", quiet)
    ledger.clear()
    return web


def calm(running: Running) -> None:
    """Let the echo of our own writes come back, and two whole turns go by."""
    running.turned()
    running.turned()


def test_a_pod_that_comes_up_is_one_post_and_no_query(
    stage: Stage, running: Running, web: Json, ledger: Ledger
) -> None:
    stage.pod(web, "10.244.1.11")
    eventually("it is there", lambda: stage.prefixes() == hosts("10.244.1", 11))
    calm(running)
    assert ledger.requests == Counter(post=1)
    assert ledger.lists == {}
    sent, got = ledger.bytes_of("post")
    assert sent <= 700
    assert got <= 100


def test_a_pod_that_goes_is_one_post_and_no_query(
    stage: Stage, running: Running, web: Json, ledger: Ledger
) -> None:
    pod = stage.pod(web, "10.244.1.11")
    eventually("it is there", lambda: stage.prefixes() == hosts("10.244.1", 11))
    stage.remove(pod)
    eventually("it is gone", lambda: stage.prefixes() == hosts("10.244.1", 10))
    calm(running)
    assert ledger.requests == Counter(post=2)
    assert ledger.lists == {}


def test_a_change_of_a_pod_that_says_nothing_new_costs_the_fabric_nothing(
    stage: Stage, running: Running, web: Json, ledger: Ledger
) -> None:
    pod = stage.pod(web, "10.244.1.11")
    eventually("it is there", lambda: stage.prefixes() == hosts("10.244.1", 11))
    calm(running)
    ledger.clear()
    turns = running.watch.turns
    for number in range(20):
        labels = {"metadata": {"labels": {"round": str(number)}}}
        stage.cluster.patch("Pod", "shop", pod["metadata"]["name"], labels)
    last = stage.pod(web, "10.244.1.12")
    eventually("what came after is there", lambda: stage.prefixes() == hosts("10.244.1", 12))
    assert last
    assert ledger.requests == Counter(post=1)
    assert running.watch.turns - turns <= 12


def test_a_drift_is_put_right_by_one_post_and_no_query(
    stage: Stage, running: Running, web: Json, ledger: Ledger
) -> None:
    assert web
    dn = f"{epg_dn()}/extsubnet-[10.244.1.3/32]"
    stage.edit(dn, "l3extSubnet", name="somebody")
    eventually("the name is back", lambda: stage.subnet("10.244.1.3/32")["name"].startswith("shop::"))
    calm(running)
    assert ledger.requests == Counter(post=1)


def test_what_other_people_do_in_the_vrf_costs_no_request(
    stage: Stage, running: Running, web: Json, ledger: Ledger
) -> None:
    assert web
    for number in range(20):
        stage.epg("EPG_OTHERS", f"203.0.113.{number}/32", l3out="L3O_OTHERS")
    calm(running)
    assert ledger.requests == Counter()


def test_a_burst_that_comes_during_a_turn_is_one_post_and_a_few_turns(
    stage: Stage, running: Running, web: Json, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, may_turn = running.watch.turn, threading.Event()

    def gated(engine: Engine) -> float:
        assert may_turn.wait(30.0)
        return turn(engine)

    monkeypatch.setattr(running.watch, "turn", gated)
    turns = running.watch.turns
    for number in range(11, 11 + BURST):
        stage.pod(web, f"10.244.1.{number}")
    desired = running.engine.cluster.desired
    eventually("all is known", lambda: len(desired().exposures) == 10 + BURST)
    may_turn.set()
    eventually("all are there", lambda: stage.prefixes() == hosts("10.244.1", 10 + BURST))
    calm(running)
    assert ledger.requests == Counter(post=1)
    assert running.watch.turns - turns <= 8
