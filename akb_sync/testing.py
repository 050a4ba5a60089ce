"""For the tests of other programs: an APIC on a port of the machine, as a context manager and for pytest.

    with apic_simulator() as apic:
        ...  # point your client at apic.url, and let it trust apic.ca_file

For pytest write `pytest_plugins = ["akb_sync.testing"]` into the `conftest.py` at the top, and take the
fixture `apic_simulator`. Nothing of the engine comes along.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akb_sync.simulators import SimulatorError
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.faults import Script, read_file, read_text
from akb_sync.simulators.apic.loading import load_file

if TYPE_CHECKING:
    import pytest

__all__ = ["ApicSimulator", "SimulatorError", "apic_simulator"]

MARKER = "apic_simulator(*tenants, **options): what the fixture apic_simulator is made with"


@contextmanager
def apic_simulator(
    *tenants: str, load: Path | None = None, faults: Path | str | None = None, **options: Any
) -> Iterator[ApicSimulator]:
    """An APIC that runs until the block ends, with TLS and a certificate authority of its own.

    Args:
        tenants: names of tenants to begin with, each with a VRF and an L3Out; without names and without
            `load` there is `TEN_K8_C1`.
        load: a document (JSON or XML) or a saved state to begin with.
        faults: a fault script, as a file or as its text.
        options: what `ApicSimulator` takes, such as `users`, `controllers` or `port`.

    Raises SimulatorError for a file or script that cannot be used, or a port that is taken.
    """
    simulator = ApicSimulator(**options)
    if load is not None:
        load_file(simulator, load)
    if tenants or load is None:
        simulator.small_fabric(*tenants)
    with simulator:
        if faults is not None:
            simulator.load_faults(_script(faults, len(simulator.urls)))
        yield simulator


def _script(faults: Path | str, controllers: int) -> Script:
    if isinstance(faults, Path):
        return read_file(faults, controllers)
    return read_text(faults, controllers=controllers)


try:
    import pytest
except ModuleNotFoundError:  # the context manager does without
    pass
else:

    @pytest.fixture(name="apic_simulator")
    def _apic_simulator(request: "pytest.FixtureRequest") -> Iterator[ApicSimulator]:
        """A running APIC, a new one for each test; the marker `apic_simulator` takes tenants and options."""
        marker = request.node.get_closest_marker("apic_simulator")
        arguments, options = ((), {}) if marker is None else (marker.args, marker.kwargs)
        with apic_simulator(*arguments, **options) as simulator:
            yield simulator

    def pytest_configure(config: "pytest.Config") -> None:
        """Make the marker known, so that strict ones are content."""
        config.addinivalue_line("markers", MARKER)
