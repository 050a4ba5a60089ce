"""A running simulator with a small fabric, for clients that are imitated request by request."""

from collections.abc import Iterator

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client


@pytest.fixture
def apic() -> Iterator[ApicSimulator]:
    with ApicSimulator() as simulator:
        simulator.small_fabric()
        yield simulator


@pytest.fixture
def client(apic: ApicSimulator) -> Iterator[Client]:
    with Client(apic) as client:
        yield client.login()
