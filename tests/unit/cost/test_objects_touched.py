"""What one event makes us do does not grow with what stands there: calls are counted, not seconds."""

from __future__ import annotations

from functools import partial

import pytest

from akb_sync.kube.store import Store
from akb_sync.model import Source
from tests.unit.apic.answers import L3OUT, changed, epg, event, gone, out, subnet
from tests.unit.apic.test_view import Scene, path
from tests.unit.kube.builders import HandClock as ClusterClock
from tests.unit.kube.builders import Json, facts_of, fill, pod, replicaset, workload

from .calls import calls

SIZES = (100, 3_000)
SPREAD = 10
"""Calls more that the larger one may take; the smaller one is the first, and warms caches too."""


def address(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def fabric(subnets: int) -> Scene:
    """A followed L3Out with so many subnets in one EPG."""
    scene = Scene()
    there = (subnet(f"{address(number)}/32") for number in range(subnets))
    scene.session.answers[path(L3OUT)] = [*out(), epg(), *there]
    scene.view.follow([L3OUT])
    scene.view.observed()
    return scene


EVENTS = {
    "a subnet comes": event("created", subnet("172.16.0.1/32")),
    "a subnet goes": gone("l3extSubnet", subnet("10.0.0.7/32")["l3extSubnet"]["attributes"]["dn"]),
    "a subnet changes": changed(
        "l3extSubnet", subnet("10.0.0.7/32")["l3extSubnet"]["attributes"]["dn"], name="other"
    ),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_of_the_fabric_is_taken_in_without_a_look_at_the_rest(name: str) -> None:
    few, many = (fabric(size) for size in SIZES)
    taken_in = [calls(partial(scene.push, EVENTS[name])) for scene in (few, many)]
    looked_at = [calls(scene.view.observed) for scene in (few, many)]
    for smaller, larger in (taken_in, looked_at):
        assert larger <= smaller + SPREAD, (taken_in, looked_at)


def test_a_look_at_a_fabric_that_did_not_change_does_not_go_through_it() -> None:
    for size in SIZES:
        scene = fabric(size)
        assert calls(scene.view.observed) <= 150
        assert calls(partial(scene.view.follow, [L3OUT])) <= 150


def test_an_event_of_the_fabric_wakes_once() -> None:
    scene = fabric(100)
    before = scene.calls
    scene.push(*(event("created", subnet(f"172.16.0.{number}/32")) for number in range(50)))
    assert scene.calls == before + 1
    scene.push(event("created", subnet("172.16.0.7/32")))
    assert scene.calls == before + 1, "what is known already wakes nobody"


class Cluster:
    """A store that holds a workload with so many Pods."""

    def __init__(self, pods: int) -> None:
        self.woken = 0
        web = workload("web", replicas=pods)
        self.parent: Json = replicaset(web)
        self.store = Store(ClusterClock(), self.wake)
        members = (pod(f"web-{number}", self.parent, address(number)) for number in range(pods))
        fill(self.store, web, self.parent, *members)
        self.store.snapshot()

    def wake(self) -> None:
        self.woken += 1

    def comes(self, name: str, ip: str, version: int) -> None:
        self.store.apply(Source.PODS, facts_of(pod(name, self.parent, ip, version=version)), version)

    def goes(self, name: str, ip: str, version: int) -> None:
        facts = facts_of(pod(name, self.parent, ip, version=version))
        self.store.apply(Source.PODS, facts, version, deleted=True)


@pytest.mark.parametrize("event", ["comes", "goes"])
def test_an_event_of_the_cluster_is_taken_in_without_a_look_at_the_rest(event: str) -> None:
    few, many = (Cluster(size) for size in SIZES)
    counts = []
    for cluster in (few, many):
        cluster.comes("web-old", "172.16.0.1", 2)
        work = partial(getattr(cluster, event), "web-old" if event == "goes" else "web-new", "172.16.0.1", 3)
        counts.append(calls(work))
    assert counts[1] <= counts[0] + SPREAD, counts


def test_what_says_nothing_new_of_a_pod_wakes_nobody() -> None:
    cluster = Cluster(10)
    cluster.comes("web-new", "172.16.0.1", 2)
    before = cluster.woken
    for version in range(3, 30):
        cluster.comes("web-new", "172.16.0.1", version)
    assert cluster.woken == before
