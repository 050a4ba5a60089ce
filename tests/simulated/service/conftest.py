"""Both simulators, the engine's own namespace, and the installed program beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated.cli.program import Program
from tests.simulated.engine.stage import Stage, opened


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path, "shop", "akb-sync") as stage:
        yield stage


@pytest.fixture
def akb(stage: Stage) -> Program:
    """The program as in a cluster: it writes only while it holds the Lease."""
    return Program.on(stage).with_(AKB_SYNC_LEADER_ELECT="always", AKB_SYNC_LEASE_DURATION="3")
