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
    return Program.on(stage)
