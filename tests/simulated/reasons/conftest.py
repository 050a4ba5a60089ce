"""A theatre for each scenario: both simulators, the engine, and everybody who tells of it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated.engine.stage import Stage, opened

from .theatre import Theatre


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path, "shop", "akb-sync") as stage:
        yield stage


@pytest.fixture
def theatre(stage: Stage, caplog: pytest.LogCaptureFixture) -> Theatre:
    caplog.set_level(logging.INFO, "akb_sync")
    return Theatre(stage, caplog)
