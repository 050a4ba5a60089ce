"""What the benchmark rests on: when an event left, when a POST came, and that long lists cost their pages."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from benchmarks.estate import Estate
from benchmarks.kubernetes_side import KubernetesSide
from benchmarks.rivals import wire


@pytest.fixture
def side(tmp_path: Path) -> Iterator[KubernetesSide]:
    side = KubernetesSide(tmp_path, Estate(1_200, epgs=3))
    yield side
    side.close()


def test_an_event_is_heard_before_its_client_has_it() -> None:
    with KubernetesSimulator(controllers=False) as cluster:
        heard: list[tuple[str, str, float]] = []
        cluster.hear(
            lambda kind, event: heard.append(
                (kind.plural, event.record.data["metadata"]["name"], time.monotonic())
            )
        )
        client = wire.cluster({"url": cluster.url, "ca": cluster.ca_pem.decode(), "token": cluster.token})
        start = f"/api/v1/namespaces?watch=1&resourceVersion={cluster.revision}"
        lines = client.lines(start)
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        name = json.loads(next(lines))["object"]["metadata"]["name"]
        assert [(kind, told) for kind, told, _ in heard] == [("namespaces", name)]
        assert heard[0][2] <= time.monotonic()
        client.close()


def test_a_write_tells_when_it_came_and_when_it_was_carried_out() -> None:
    with ApicSimulator() as apic:
        apic.small_fabric()
        apic.faults.latency = 0.05
        access = {"url": apic.url, "ca": str(apic.ca_file), "user": "admin", "password": "secret"}
        client = wire.apic(access)
        before = time.monotonic()
        client.ask("POST", "/api/mo/uni/tn-TEN_K8_C1.json", b'{"fvTenant": {"attributes": {"descr": "x"}}}')
        (write,) = apic.journal
        assert before <= write.arrived <= write.committed - 0.05
        assert write.committed <= time.monotonic()
        client.close()


def test_a_cluster_is_listed_whole_in_pages(side: KubernetesSide) -> None:
    access = side.access()
    client = wire.cluster(access)
    names: list[str] = []
    token, pages = "", 0
    while token or not pages:
        page = json.loads(client.ask("GET", f"/api/v1/pods?limit=500&continue={token}"))
        names += [item["metadata"]["name"] for item in page["items"]]
        token, pages = page["metadata"].get("continue", ""), pages + 1
    assert (pages, len(names), len(set(names))) == (3, 1_200, 1_200)
    assert side.requests()["list pods"] == 3
    client.close()


def test_a_page_that_follows_shows_the_moment_of_the_first(side: KubernetesSide) -> None:
    client = wire.cluster(side.access())
    first = json.loads(client.ask("GET", "/api/v1/pods?limit=700"))
    side.add_pod()
    token = first["metadata"]["continue"]
    second = json.loads(client.ask("GET", f"/api/v1/pods?limit=700&continue={token}"))
    assert len(first["items"]) + len(second["items"]) == 1_200
    assert len(json.loads(client.ask("GET", "/api/v1/pods"))["items"]) == 1_201
    client.close()


def test_churn_takes_the_oldest_pods_and_brings_new_ones(side: KubernetesSide) -> None:
    client = wire.cluster(side.access())
    before = {item["metadata"]["name"] for item in json.loads(client.ask("GET", "/api/v1/pods"))["items"]}
    side.burst(10)
    after = {item["metadata"]["name"] for item in json.loads(client.ask("GET", "/api/v1/pods"))["items"]}
    assert (len(before - after), len(after - before)) == (5, 5)
    client.close()
