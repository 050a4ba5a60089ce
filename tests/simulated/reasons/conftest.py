"""A theatre for each scenario: both simulators, the engine, and everybody who tells of it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from tests.simulated.engine.stage import Stage

from .theatre import Theatre


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
def theatre(stage: Stage, caplog: pytest.LogCaptureFixture) -> Theatre:
    caplog.set_level(logging.INFO, "akb_sync")
    return Theatre(stage, caplog)
