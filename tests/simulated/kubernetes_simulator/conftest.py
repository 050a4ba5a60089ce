"""Simulated clusters for the tests of the simulator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.simulators.kubernetes import KubernetesSimulator, Options
from tests.simulated.kubernetes_simulator.client import Api

FAST = Options(
    start_delay=0.0,
    ready_delay=0.0,
    stop_delay=0.02,
    load_balancer_delay=0.0,
    job_duration=0.05,
    bookmark_interval=0.2,
    too_large_wait=0.2,
    seed=7,
)


@pytest.fixture
def cluster() -> Iterator[KubernetesSimulator]:
    """A cluster in which things happen as fast as they can."""
    with KubernetesSimulator(options=FAST) as simulator:
        yield simulator


@pytest.fixture
def still_cluster() -> Iterator[KubernetesSimulator]:
    """A cluster without controllers: nothing happens but what the test does."""
    with KubernetesSimulator(controllers=False, options=FAST) as simulator:
        yield simulator


@pytest.fixture
def client(cluster: KubernetesSimulator, tmp_path: Path) -> Iterator[Api]:
    with Api(cluster.kubeconfig(), tmp_path) as api:
        yield api


@pytest.fixture
def still_client(still_cluster: KubernetesSimulator, tmp_path: Path) -> Iterator[Api]:
    with Api(still_cluster.kubeconfig(), tmp_path) as api:
        yield api
