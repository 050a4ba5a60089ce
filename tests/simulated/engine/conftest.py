"""A stage for each test: fresh simulators, one small fabric, one namespace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .stage import Stage, opened


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as stage:
        yield stage
