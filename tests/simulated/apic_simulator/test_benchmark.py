"""The benchmark of the simulator measures what it says: counts at a small size, no times."""

import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "apic_simulator.py"
SMALL = {"subnets": 250, "batch": 100, "page": 60, "subscriptions": 20, "rate": 200, "seconds": 1.0}


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_of_the_apic_simulator", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_writes_and_reads_every_subnet_and_loses_no_event(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(benchmark.__dict__, "WAIT_SECONDS", 10)
    report = benchmark.measure(benchmark.Size(**SMALL))
    for name in ("subnets in the tree", "subnets read by pages", "subnets read over HTTPS"):
        assert report.value(name) == 250
    assert report.value("events sent") == report.value("events received") == 200
    assert report.value("events lost") == 0
    assert report.value("events under the wrong subscription, or out of order") == 0
    assert sum(share for _place, share in report.profile) <= 1
    table = io.StringIO()
    report.write(table)
    assert "Where the time of the POSTs goes" in table.getvalue()


def test_a_broken_bound_is_seen(benchmark: ModuleType) -> None:
    assert benchmark.Row("a", 40.0, "units", 40.0).kept
    assert not benchmark.Row("a", 40.1, "units", 40.0).kept
    assert benchmark.Row("a", 40.1, "units").kept
