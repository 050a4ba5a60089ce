"""Simulated APICs with a small fabric, and sessions with them that verify their certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.session import ApicSession
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.transport.inbox import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def apic() -> Iterator[ApicSimulator]:
    with ApicSimulator(users={"admin": "secret"}) as simulator:
        simulator.small_fabric()
        yield simulator


@pytest.fixture
def connect(apic: ApicSimulator, clock: FakeClock) -> Iterator[Callable[..., ApicSession]]:
    """Open sessions with the simulator, or with other controllers, without upkeep and without pauses."""
    opened: list[ApicSession] = []

    def open_session(*controllers: str, **more: Any) -> ApicSession:
        settings: dict[str, Any] = {
            "username": "admin",
            "password": "secret",
            "ca_file": apic.ca_file,
            **more,
        }
        session = ApicSession(ApicOptions(controllers or (apic.url,), **settings), clock, upkeep=False)
        session._courier.pause = lambda _: None
        opened.append(session)
        return session

    yield open_session
    for session in opened:
        session.close()
