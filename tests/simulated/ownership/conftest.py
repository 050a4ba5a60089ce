"""Both simulators, and a fabric as other parties leave it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated.engine.stage import Stage, opened


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as stage:
        yield stage
