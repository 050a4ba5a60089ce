"""The table of figures in the end."""

import pytest

from .tally import TALLY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TALLY.sequences:
        terminalreporter.section("fault laboratory")
        for line in TALLY.lines():
            terminalreporter.line(line)
