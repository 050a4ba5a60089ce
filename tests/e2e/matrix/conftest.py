"""What the cells play on, and their figures: collected, printed at the end, written to the documentation.

With `MATRIX_RECORD=FILE` the figures are kept in a file, so that the whole can be played in parts.
"""

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.matrix import record, table
from tests.e2e.matrix.moments import MOMENTS
from tests.e2e.matrix.play import Outcome
from tests.e2e.matrix.stage import Stage
from tests.e2e.matrix.stories.catalogue import STORIES

_OUTCOMES = pytest.StashKey[list[Outcome]]()


@pytest.fixture(scope="module")
def stage(
    programs: Mapping[str, Path], control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The fabric, the session's control plane, and a dual-stack one that starts when a story asks for it."""
    second: list[ControlPlane] = []

    def started() -> ControlPlane:
        folder = tmp_path_factory.mktemp("matrix-second")
        second.append(ControlPlane(programs, folder, nodes=2, dual_stack=True, number=1))
        second[0].start()
        return second[0]

    clusters: Mapping[int, Callable[[], ControlPlane]] = {0: lambda: control_plane, 1: started}
    folder = tmp_path_factory.mktemp("matrix")
    try:
        with Stage(folder, clusters) as running:
            yield running
    finally:
        for cluster in second:
            cluster.stop()


@pytest.fixture
def outcomes(pytestconfig: pytest.Config) -> list[Outcome]:
    """Where cells leave what they measured."""
    return pytestconfig.stash.setdefault(_OUTCOMES, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Prints the table; writes the page after a whole run, or for `MATRIX_REPORT=1`, if everything passed."""
    played_now = config.stash.get(_OUTCOMES, [])
    if not played_now:
        return
    measured = record.with_earlier(played_now)
    titles = [story.title for story in STORIES]
    played = [name for name in MOMENTS if any(one.moment == name for one in measured)]
    rows = table.lines(measured, titles, played)
    terminalreporter.section("stories by moments: seconds to exactness, objects/requests written")
    for row in rows:
        terminalreporter.write_line(row)
    whole = len(measured) == sum(moment not in story.not_at for story in STORIES for moment in MOMENTS)
    if (whole or os.environ.get("MATRIX_REPORT") == "1") and exitstatus == pytest.ExitCode.OK:
        sentences = [(name, _sentence(name)) for name in played]
        terminalreporter.write_line(f"written to {table.write(rows, sentences)}")


def _sentence(moment: str) -> str:
    return " ".join((inspect.getdoc(MOMENTS[moment]) or "").split())
