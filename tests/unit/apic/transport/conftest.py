"""Scripted APICs and sessions with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.session import ApicSession
from tests.unit.apic.transport.scripted import FakeClock, ScriptedApic


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def scripted() -> Iterator[Callable[[], ScriptedApic]]:
    """Start any number of scripted APICs."""
    started: list[ScriptedApic] = []

    def start() -> ScriptedApic:
        started.append(ScriptedApic())
        return started[-1]

    yield start
    for apic in started:
        apic.stop()


@pytest.fixture
def apic(scripted: Callable[[], ScriptedApic]) -> ScriptedApic:
    return scripted()


@pytest.fixture
def connect(clock: FakeClock) -> Iterator[Callable[..., ApicSession]]:
    """Open sessions with given controllers; pauses are remembered in `session.pauses`, not waited."""
    opened: list[ApicSession] = []

    def open_session(*controllers: str, **more: Any) -> ApicSession:
        settings: dict[str, Any] = {"username": "admin", "password": "s3cret", **more}
        session = ApicSession(ApicOptions(controllers, **settings), clock, upkeep=False)
        session.pauses = []  # type: ignore[attr-defined]
        session._courier.pause = session.pauses.append  # type: ignore[attr-defined]
        opened.append(session)
        return session

    yield open_session
    for session in opened:
        session.close()
