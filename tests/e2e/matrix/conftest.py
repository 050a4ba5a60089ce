"""The figures of the matrix: collected from its cells, printed at the end, written to the documentation."""

import inspect
import os

import pytest

from tests.e2e.matrix import table
from tests.e2e.matrix.moments import FULL, MOMENTS
from tests.e2e.matrix.play import Outcome
from tests.e2e.matrix.stories.catalogue import STORIES

_OUTCOMES = pytest.StashKey[list[Outcome]]()


@pytest.fixture
def outcomes(pytestconfig: pytest.Config) -> list[Outcome]:
    """Where cells leave what they measured."""
    return pytestconfig.stash.setdefault(_OUTCOMES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the table; with `FULL=1` or `MATRIX_REPORT=1` writes the page too, if no cell failed."""
    measured = config.stash.get(_OUTCOMES, [])
    if not measured:
        return
    titles = [story.title for story in STORIES]
    played = [name for name in MOMENTS if any(one.moment == name for one in measured)]
    rows = table.lines(measured, titles, played)
    terminalreporter.section("stories by moments: seconds to exactness, objects/requests written")
    for row in rows:
        terminalreporter.write_line(row)
    if (FULL or os.environ.get("MATRIX_REPORT") == "1") and not terminalreporter.stats.get("failed"):
        sentences = [(name, _sentence(name)) for name in played]
        terminalreporter.write_line(f"written to {table.write(rows, sentences)}")


def _sentence(moment: str) -> str:
    return " ".join((inspect.getdoc(MOMENTS[moment]) or "").split())
