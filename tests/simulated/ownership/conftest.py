"""Both simulators, and a fabric as other parties leave it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from tests.simulated.engine.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with (
        ApicSimulator(users={"admin": "secret"}, output_dir=tmp_path) as apic,
        KubernetesSimulator(controllers=False) as cluster,
    ):
        apic.small_fabric()
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        yield Stage(cluster, apic, tmp_path)
