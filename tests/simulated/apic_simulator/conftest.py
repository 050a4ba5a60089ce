"""A running simulator with a small fabric, and clients that are logged in."""

import collections
import collections.abc
import importlib
from collections.abc import Iterator
from types import ModuleType

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client
from tests.simulated.apic_simulator.l3out import L3OUT, floating_svi


@pytest.fixture
def apic() -> Iterator[ApicSimulator]:
    with ApicSimulator() as simulator:
        simulator.small_fabric()
        yield simulator


@pytest.fixture
def floating(apic: ApicSimulator) -> ApicSimulator:
    """The simulator, with a floating SVI and a BGP peer in its L3Out."""
    apic.post(L3OUT, floating_svi())
    return apic


@pytest.fixture
def client(apic: ApicSimulator) -> Iterator[Client]:
    with Client(apic) as client:
        yield client.login()


@pytest.fixture
def listener(client: Client) -> Client:
    """The client, with its websocket open."""
    return client.open_socket()


@pytest.fixture(scope="session")
def acitoolkit() -> ModuleType:
    """acitoolkit 0.4 looks for Sequence where it was until Python 3.10."""
    collections.Sequence = collections.abc.Sequence  # type: ignore[attr-defined]
    return importlib.import_module("acitoolkit")
