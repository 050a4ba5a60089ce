"""A Session of acitoolkit that is logged in, and patience with the warnings of an old library."""

import gc
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from akb_sync.simulators.apic import ApicSimulator

WARNINGS = (
    "ignore::DeprecationWarning:acitoolkit",
    "ignore::DeprecationWarning:acitoolkit.*",
    "ignore:Unverified HTTPS request",
    "ignore:unclosed:ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    for each in WARNINGS:
        item.add_marker(pytest.mark.filterwarnings(each))


@pytest.fixture
def session(apic: ApicSimulator, acitoolkit: ModuleType) -> Iterator[Any]:
    session = acitoolkit.Session(apic.url, "admin", "secret")
    assert session.login(timeout=10).ok
    yield session
    session.login_thread.exit()
    session.subscription_thread.exit()
    session.subscription_thread._ws.close()
    session.close()
    # On a new login acitoolkit lets go of its old connections unclosed: collect them here, not elsewhere.
    del session
    gc.collect()
