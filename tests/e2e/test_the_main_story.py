"""One story end to end: a real control plane, MetalLB, the APIC on a port, `akb-sync watch` as a process."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.lab import ANNOTATION, HOLD_DOWN, L3OUT, Lab

MULTICAST = """
kind: Deployment
apiVersion: apps/v1
metadata:
  labels:
    app: mcast-app
  name: mcast
  annotations:
    aci.haystacknetworks.com/l3o: '{ "tenant":"TEN_K8_C1", "l3out": "L3O_K8_C1", "epg":"EPG_K8_APP_MCAST"  }'
spec:
  replicas: 3
  selector: {matchLabels: {app: mcast-app}}
  template:
    metadata: {labels: {app: mcast-app}}
    spec:
      containers: [{name: mcast, image: registry.example/mcast:1}]
---
kind: Service
apiVersion: v1
metadata: {name: mcast}
spec:
  type: LoadBalancer
  selector: {app: mcast-app}
  ports: [{port: 5000}]
"""


def multicast(epg: str) -> str:
    """The Deployment and its Service, bound to `epg`."""
    return MULTICAST.replace("EPG_K8_APP_MCAST", epg)


@pytest.fixture
def epg(namespace: str) -> str:
    """An EPG of this test alone: namespaces of earlier tests may still be on their way out."""
    return f"EPG_{namespace[-6:].upper()}"


@pytest.fixture
def lab(control_plane: ControlPlane, tmp_path: Path) -> Iterator[Lab]:
    with Lab(control_plane, tmp_path) as running:
        yield running


def binding(epg: str) -> str:
    return json.dumps({"tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1", "epg": epg})


def test_a_deployment_is_followed_from_its_first_pod_to_its_end(lab: Lab, namespace: str, epg: str) -> None:
    cluster, apic, second = lab.cluster, lab.apic, f"{epg}_V2"

    def kubectl(*words: str) -> str:
        return cluster.kubectl("--namespace", namespace, *words)

    lab.start_watch()
    cluster.apply(multicast(epg), namespace)
    eventually("an address from MetalLB", lambda: len(lab.addresses(namespace)) == 4)
    lab.eventually_exact(epg, namespace, pods=3)

    kubectl("scale", "deployment/mcast", "--replicas=8")
    lab.eventually_exact(epg, namespace, pods=8)

    kubectl("rollout", "restart", "deployment/mcast")
    kubectl("rollout", "status", "deployment/mcast", "--timeout=150s")
    lab.eventually_exact(epg, namespace, pods=8)
    eventually("the names of the new Pods", lambda: apic.names(epg) == lab.names(namespace), timeout=5)

    by_hand = {"l3extInstP": {"attributes": {"name": "EPG_BY_HAND", "descr": "made by hand"}}}
    apic.post(L3OUT, by_hand)
    kubectl("annotate", "--overwrite", "deployment/mcast", f"{ANNOTATION}={binding(second)}")
    lab.eventually_exact(second, namespace, pods=8)
    eventually("the old epg gone", lambda: not apic.epg(epg), timeout=HOLD_DOWN + 10)

    kubectl("delete", "deployment/mcast", "service/mcast")
    eventually("the epg gone", lambda: not apic.epg(second), timeout=HOLD_DOWN + 10)
    assert apic.epg("EPG_BY_HAND")

    lab.watch.terminate()
    assert "Traceback" not in lab.watch.log()


def test_a_second_sync_reports_no_change_and_sends_no_write(lab: Lab, namespace: str, epg: str) -> None:
    lab.cluster.apply(multicast(epg), namespace)
    eventually("three Pods", lambda: lab.settled(namespace, 3))
    eventually("an address from MetalLB", lambda: len(lab.addresses(namespace)) == 4)
    first = lab.run("sync", "--yes", "--namespace", namespace)
    assert first.code == 0, first
    assert lab.apic.prefixes(epg) == lab.addresses(namespace)

    writes = lab.apic.writes()
    second = lab.run("sync", "--yes", "--namespace", namespace)
    assert second.code == 0, second
    assert second.out.strip() == "no change; 5 in sync."
    assert lab.apic.writes() == writes
