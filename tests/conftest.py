"""What every test has: logging as it was before, and a search for planted secrets in what it printed."""

import logging
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.planted import leaks, planted_tokens


@pytest.fixture(autouse=True, scope="session")
def tokens_that_can_be_searched_for() -> Iterator[None]:
    """Each token of a simulated APIC begins with a text that is found nowhere else."""
    with planted_tokens():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test in whose captured output, errors or log a planted secret stands."""
    del item, call
    report = yield
    found = leaks("\n".join(text for _, text in report.sections))
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = "\n".join(["a planted secret was printed or logged:", *found])
    return report


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that is run in this process sets up logging for its process, which is all tests'."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {
        name: logger.level
        for name, logger in root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, logger in root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            logger.setLevel(levels.get(name, logging.NOTSET))
