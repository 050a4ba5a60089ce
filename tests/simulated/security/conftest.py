"""Both simulators, the engine's own namespace, and the installed program beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from tests.simulated.cli.program import Program
from tests.simulated.engine.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with (
        ApicSimulator(users={"admin": "secret"}, output_dir=tmp_path) as apic,
        KubernetesSimulator(controllers=False) as cluster,
    ):
        apic.small_fabric()
        for name in ("shop", "akb-sync"):
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        yield Stage(cluster, apic, tmp_path)


@pytest.fixture
def akb(stage: Stage) -> Program:
    return Program.on(stage)
