"""A thousand Pods on a real control plane: how long until the fabric is exact, what it costs, and what stays.

Figures are printed; only what does not depend on the machine's mood is asserted.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.controlplane.polling import eventually
from tests.e2e.matrix import manifests
from tests.e2e.matrix.fabric import ENGINE
from tests.e2e.scale.bench import KINDS, L3OUT, NAMESPACE, TENANT, Bench, started

FULL = os.environ.get("FULL") == "1"
EPGS, PODS_PER_EPG = 20, 50
CHURN_SECONDS = 1200.0 if FULL else 120.0
CHANGES_PER_SECOND = 4.0
SPAN = (35, 65)
MOST_RSS_MIB = 150.0
MOST_GROWTH_MIB = 40.0


@dataclass(frozen=True)
class Filling:
    """What it took until a thousand Pods were on the fabric.

    Attributes:
        pods: seconds until the last Pod had its address.
        exact: seconds from then until the fabric was seen exact.
        rss: the engine's resident memory, MiB.
        kubernetes: what it asked of the apiserver, by verb.
        apic: what it asked of the APIC, by kind.
        objects: how often each object was written.
    """

    pods: float
    exact: float
    rss: float
    kubernetes: Counter[str]
    apic: Mapping[str, int]
    objects: Counter[tuple[str, str]]

    def __str__(self) -> str:
        return (
            f"{EPGS * PODS_PER_EPG} Pods in {EPGS} EPGs: all had addresses after {self.pods:.1f} s, "
            f"the fabric was seen exact {self.exact:.1f} s after the last one; "
            f"Kubernetes {dict(self.kubernetes)}, APIC {dict(self.apic)}, RSS {self.rss:.0f} MiB"
        )


@pytest.fixture(scope="module")
def bench(programs: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with started(programs, tmp_path_factory.mktemp("scale")) as running:
        yield running


@pytest.fixture(scope="module")
def filling(bench: Bench) -> Filling:
    """A thousand Pods, on the fabric."""
    eventually("the engine's watches", lambda: bench.kubernetes_requests()["watch"] >= len(KINDS))
    began = time.monotonic()
    for number in range(EPGS):
        epg = json.dumps({"tenant": TENANT, "l3out": L3OUT, "epg": f"EPG_{number}"})
        document = manifests.deployment(f"app-{number}", PODS_PER_EPG, epg)
        bench.cluster.api.create(manifests.collection(document, NAMESPACE), document)
    bench.until_exact(bench.until_settled(EPGS * PODS_PER_EPG))
    exact, last = time.monotonic(), bench.diary.last_address(NAMESPACE)
    return Filling(
        pods=last - began,
        exact=exact - last,
        rss=bench.rss(),
        kubernetes=bench.kubernetes_requests(),
        apic=bench.apic_requests(),
        objects=bench.fabric.touched(ENGINE, ["uni"]),
    )


@pytest.mark.timeout(900)
def test_a_thousand_pods_in_twenty_epgs(filling: Filling, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{filling}\n")
    assert set(filling.objects.values()) == {1}, "each object is written once"
    assert filling.apic["posts"] <= EPGS * (PODS_PER_EPG + 1)
    assert filling.apic["subscriptions"] == 1
    assert filling.apic["queries"] <= 13
    assert filling.kubernetes["list"] == len(KINDS), "a kind is listed once, and followed from there"
    assert filling.rss <= MOST_RSS_MIB


@pytest.mark.timeout(CHURN_SECONDS + 900)
@pytest.mark.usefixtures("filling")
def test_churn_leaves_the_fabric_exact_and_no_memory_behind(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """Scaling, restarts and lost Pods all over the cluster, at a steady rate."""
    chance = random.Random(20)
    replicas = dict.fromkeys(range(EPGS), PODS_PER_EPG)
    bench.fabric.simulator.reset_journal()
    before = bench.rss()
    end, changes = time.monotonic() + CHURN_SECONDS, 0
    while time.monotonic() < end:
        _change(bench, chance, replicas)
        bench.diary.forget()
        changes += 1
        time.sleep(1 / CHANGES_PER_SECOND)  # the rate of the churn; nothing is waited for
    wishes = bench.until_settled(sum(replicas.values()))
    bench.until_exact(wishes)
    after, writes = bench.rss(), bench.fabric.touched(ENGINE, ["uni"]).total()
    with capsys.disabled():
        sys.stdout.write(
            f"\nchurn of {CHURN_SECONDS:.0f} s: {changes} changes, {writes} objects written in "
            f"{bench.apic_requests()['posts']} requests; RSS {before:.0f} MiB before, {after:.0f} MiB after\n"
        )
    assert writes > changes, "the churn reached the fabric"
    assert after - before <= MOST_GROWTH_MIB
    bench.engine.must_run()
    assert "Traceback" not in bench.engine.log()


def deployment_path(number: int) -> str:
    return f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/app-{number}"


def _change(bench: Bench, chance: random.Random, replicas: dict[int, int]) -> None:
    number = chance.randrange(EPGS)
    what = chance.random()
    if what < 0.6:
        replicas[number] = chance.randint(*SPAN)
        bench.patch(f"{deployment_path(number)}/scale", {"spec": {"replicas": replicas[number]}})
    elif what < 0.7:
        stamp = {"e2e.akb-sync.test/restarted": str(time.time())}
        bench.patch(deployment_path(number), {"spec": {"template": {"metadata": {"annotations": stamp}}}})
    else:
        path = f"/api/v1/namespaces/{NAMESPACE}/pods"
        pods = bench.cluster.api.get(path, labelSelector=f"app=app-{number}")["items"]
        for pod in chance.sample(pods, min(5, len(pods))):
            bench.cluster.api.request("DELETE", f"{path}/{pod['metadata']['name']}")
