"""The Kubernetes simulator's contract, held against a real kube-apiserver: the same suite, unchanged.

What the suite cannot ask of a cluster that it only has a kubeconfig of (a compaction of etcd, another user's
refusals) is asked here of both, and the answers are compared.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from akb_sync.simulators.kubernetes import KubernetesSimulator, Options, User
from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually

ROOT = Path(__file__).resolve().parents[2]
SUITE = "tests/simulated/kubernetes_simulator/contract"
STRANGER = "system:serviceaccount:default:stranger"


@contextmanager
def paused(cluster: ControlPlane, *names: str) -> Iterator[None]:
    """Nothing but the API server and etcd runs in the meantime."""
    for name in names:
        cluster.process(name).pause()
    try:
        yield
    finally:
        for name in names:
            cluster.process(name).resume()
        cluster.wait_until_ready()


@pytest.mark.timeout(600)
def test_the_contract_suite_passes_unchanged_on_a_real_apiserver(control_plane: ControlPlane) -> None:
    # The suite asks the API alone: controllers would add objects to its namespaces and change its own.
    with paused(control_plane, "kube-controller-manager", "kube-scheduler", "kwok", "metallb-controller"):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", SUITE],
            cwd=ROOT,
            env={**os.environ, "AKB_SYNC_CONTRACT_KUBECONFIG": str(control_plane.kubeconfig)},
            capture_output=True,
            text=True,
            timeout=560,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-5000:]
    assert "skipped" not in done.stdout, "nothing of the contract is left out on the real thing"


class Server:
    """One of the two, asked over plain HTTP."""

    def __init__(self, url: str, ca_file: Path, token: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(ca_file)
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **params: str) -> tuple[int, dict[str, Any]]:
        answer = self._http.get(f"{self._url}{path}", params=params, timeout=10)
        return answer.status_code, answer.json()


@pytest.fixture
def simulator() -> Iterator[KubernetesSimulator]:
    users = {"admin": User("admin", ("system:masters",)), "stranger": User(STRANGER)}
    with KubernetesSimulator(controllers=False, options=Options(tokens=users)) as running:
        yield running


def test_who_lacks_a_verb_is_refused_in_the_same_words(
    control_plane: ControlPlane, simulator: KubernetesSimulator
) -> None:
    account = {"metadata": {"name": "stranger"}}
    control_plane.api.create("/api/v1/namespaces/default/serviceaccounts", account)
    token = control_plane.token_for("stranger")
    real = Server(control_plane.url, control_plane.ca_file, token)
    simulated = Server(simulator.url, simulator.ca_file, "stranger")
    for resource in ("pods", "deployments"):
        simulator.deny("*", resource, user=STRANGER)
    for path in ("/api/v1/pods", "/apis/apps/v1/deployments", "/api/v1/namespaces/default/pods/web-1"):
        assert simulated.get(path) == real.get(path)


def test_a_page_whose_list_etcd_has_compacted_is_gone_in_the_same_words(
    control_plane: ControlPlane, simulator: KubernetesSimulator, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    simulator.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    for name in ("a", "b", "c", "d"):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}}
        control_plane.api.create(path, body)
        simulator.create(body)
    _, page = simulated_page(simulator, path)
    simulator.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "later"}})
    simulator.compact()
    gone = Server(simulator.url, simulator.ca_file, "admin").get(
        path, limit="2", **{"continue": page["metadata"]["continue"]}
    )
    real_page = control_plane.api.get(f"{path}?limit=2")
    control_plane.create_namespace(f"{namespace}-later")

    def compacted() -> tuple[int, dict[str, Any]] | None:
        control_plane.compact_etcd()
        rest = f"{path}?limit=2&continue={real_page['metadata']['continue']}"
        answer = control_plane.api.request("GET", rest)
        return (answer.status_code, answer.json()) if answer.status_code == 410 else None

    real = eventually("the rest of the list gone", compacted, timeout=40, pause=1)
    assert real is not None
    assert gone[0] == real[0] == 410
    keys = ("kind", "status", "reason", "code", "message")
    assert {key: gone[1].get(key) for key in keys} == {key: real[1].get(key) for key in keys}
    assert bool(gone[1]["metadata"].get("continue")) == bool(real[1]["metadata"].get("continue"))


def simulated_page(simulator: KubernetesSimulator, path: str) -> tuple[int, dict[str, Any]]:
    """The first two objects of a list, as an administrator reads them."""
    return Server(simulator.url, simulator.ca_file, "admin").get(path, limit="2")
