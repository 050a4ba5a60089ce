from __future__ import annotations

from collections.abc import Iterator

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.view.scene import Scene


@pytest.fixture
def apic() -> Iterator[ApicSimulator]:
    with ApicSimulator(users={"admin": "secret"}) as simulator:
        yield simulator


@pytest.fixture
def scene(apic: ApicSimulator) -> Iterator[Scene]:
    made = Scene(apic)
    yield made
    made.close()
