"""Both simulators in the test's own process, and the installed program beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated.engine.stage import Stage, opened

from .program import Program


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as stage:
        yield stage


@pytest.fixture
def akb(stage: Stage) -> Program:
    return Program.on(stage)
