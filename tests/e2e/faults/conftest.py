"""The ground of a test, and the figures that are printed at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.processes import Guard
from tests.e2e.faults.ground import Ground
from tests.e2e.faults.mortal_fabric import MortalFabric
from tests.e2e.matrix.fabric import Fabric

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def guard() -> Iterator[Guard]:
    found = Guard()
    yield found
    found.dismiss()


@pytest.fixture
def ground(control_plane: ControlPlane, tmp_path: Path, guard: Guard) -> Iterator[Ground]:
    """The session's control plane, and a fabric of this test."""
    with Fabric(tmp_path / "apic") as fabric:
        yield from _stood_on(Ground(control_plane, fabric, guard, tmp_path))


@pytest.fixture
def mortal_ground(control_plane: ControlPlane, tmp_path: Path, guard: Guard) -> Iterator[Ground]:
    """The same, with an APIC that can be killed."""
    with MortalFabric(tmp_path / "apic", guard) as fabric:
        yield from _stood_on(Ground(control_plane, fabric, guard, tmp_path))


def _stood_on(ground: Ground) -> Iterator[Ground]:
    try:
        yield ground
    finally:
        ground.stop()


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> list[str]:
    """Sentences for the end of the run."""
    return pytestconfig.stash.setdefault(_FIGURES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(_FIGURES, [])
    if lines:
        terminalreporter.section("faults on the real control plane")
        for line in lines:
            terminalreporter.write_line(line)
