"""What any Kubernetes API must do, asked over plain HTTP.

These tests need nothing but a kubeconfig. By default that is a simulated cluster's, without controllers;
with `AKB_SYNC_CONTRACT_KUBECONFIG` set to a file they run unchanged against that cluster, e.g. a real
kube-apiserver (v1.34 when they were written).
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.simulators.kubernetes import KubernetesSimulator, Options
from tests.simulated.kubernetes_simulator.client import Api

REAL = "AKB_SYNC_CONTRACT_KUBECONFIG"


@pytest.fixture(scope="session")
def kubeconfig() -> Iterator[str]:
    """The kubeconfig of the cluster under test."""
    if REAL in os.environ:
        yield Path(os.environ[REAL]).read_text()
        return
    with KubernetesSimulator(controllers=False, options=Options(watch_list=True)) as simulator:
        yield simulator.kubeconfig()


@pytest.fixture
def api(kubeconfig: str, tmp_path: Path) -> Iterator[Api]:
    with Api(kubeconfig, tmp_path) as client:
        yield client


@pytest.fixture
def namespace(api: Api) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"contract-{uuid.uuid4().hex[:10]}"
    api.post("/api/v1/namespaces", {"metadata": {"name": name}}).raise_for_status()
    account = {"metadata": {"name": "default"}}
    api.post(f"/api/v1/namespaces/{name}/serviceaccounts", account)
    yield name
    api.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def maps(namespace: str) -> str:
    """The path of the namespace's ConfigMaps, the simplest kind there is."""
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture
def five_maps(api: Api, maps: str) -> str:
    """The same path, with the maps a, b, c, d and e, each labelled with its own name."""
    for name in "abcde":
        body = {"metadata": {"name": name, "labels": {"letter": name}}}
        api.post(maps, body).raise_for_status()
    return maps


@pytest.fixture
def deployments(namespace: str) -> str:
    return f"/apis/apps/v1/namespaces/{namespace}/deployments"


@pytest.fixture
def pods(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/pods"


@pytest.fixture
def services(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/services"
