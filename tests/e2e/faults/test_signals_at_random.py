"""SIGKILL and SIGSTOP of every program, at random, while application teams change their workloads.

A failed run is repeated with the seed that it prints: `AKB_SYNC_SEED=... pytest ...`. The same deeds come
again in the same order, and strikes much like them; what the programs do meanwhile is theirs.
"""

import time

import pytest

from tests.e2e.faults.churn import Churn
from tests.e2e.faults.ground import Ground, judge_untold, until_settled
from tests.e2e.faults.length import CHURN_SECONDS, LONG, seed
from tests.e2e.faults.mortal_fabric import MortalFabric
from tests.e2e.faults.outages import Outages, Victim
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import ENGINE

PAUSE = 0.25
MOST_RSS_MIB = 150.0
MOST_GROWTH_MIB = 40.0
_CONTROLLERS = ("kube-controller-manager", "kube-scheduler")


@pytest.mark.timeout(CHURN_SECONDS + 900)
def test_whatever_is_killed_or_frozen_the_fabric_is_exact_afterwards(
    mortal_ground: Ground, figures: list[str]
) -> None:
    ground, number = mortal_ground, seed()
    figures.append(f"signals at random: AKB_SYNC_SEED={number}")
    with ground.cell("signals at random") as (cell, views):
        churn = Churn(cell, number)
        churn.begin()
        views.until_begun()
        before, first = ground.fabric.dump(), ground.rss()
        with _victims(ground, number) as outages:
            end = time.monotonic() + CHURN_SECONDS
            while time.monotonic() < end or outages.missing:
                outages.step()
                churn.step()
                time.sleep(PAUSE)  # the pace of the churn
        _recover(ground, churn, cell)
        seconds = views.until_exact()
        judge_untold(cell, before)
        last, writes = ground.rss(), len(ground.fabric.writes(ENGINE, cell.roots))
        figures.append(
            f"  {CHURN_SECONDS:.0f} s, {churn.done} changes by people, {outages}; {writes} writes; "
            f"exact {seconds:.1f} s after the end, RSS {first:.0f} -> {last:.0f} MiB"
        )
        assert churn.done > CHURN_SECONDS / 4, "the apiserver took next to nothing"
        assert last < min(MOST_RSS_MIB, first + MOST_GROWTH_MIB)


def _victims(ground: Ground, number: int) -> Outages:
    assert isinstance(ground.fabric, MortalFabric)
    apiserver, etcd = (ground.cluster.process(name) for name in ("kube-apiserver", "etcd"))
    victims = {
        "engine": Victim(ground.engine, 5, 30.0 if LONG else 6.0),
        "APIC": Victim(ground.fabric.simulator.process, 4, 12.0 if LONG else 6.0),
        "apiserver": Victim(apiserver, 2, 6.0, rest=12.0, may_end=True),
        "etcd": Victim(etcd, 1, 5.0, rest=12.0),
    }
    return Outages(victims, number)


def _recover(ground: Ground, churn: Churn, cell: Cell) -> None:
    """The controllers are started anew: after an outage one may wait five minutes for what never comes."""
    ground.fabric.simulator.process.wait_until_ready()  # type: ignore[attr-defined]  # a MortalFabric's
    for name in ("etcd", "kube-apiserver", *_CONTROLLERS):
        process = ground.cluster.process(name)
        if name in _CONTROLLERS or not process.running:
            process.restart()
        process.wait_until_ready()
    ground.cluster.wait_until_ready()
    churn.tidy_up()
    _replace_what_is_not_ready(cell)
    until_settled(cell)


def _replace_what_is_not_ready(cell: Cell) -> None:
    """Delete Pods that are not ready, as a person would.

    The node controller says so of every Pod of a node that was silent for long. A kubelet takes that back;
    kwok, which plays the kubelets here, does not.
    """
    (site,) = cell.sites
    for namespace in (cell.namespace, cell.bystanders):
        for pod in site.pods(namespace):
            conditions = {one["type"]: one["status"] for one in pod["status"].get("conditions", [])}
            if conditions.get("Ready") != "True":
                path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}"
                site.cluster.api.request("DELETE", path)
