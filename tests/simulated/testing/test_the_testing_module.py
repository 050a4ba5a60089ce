"""`akb_sync.testing` as a third party uses it: the examples of the manual run in a pytest of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from akb_sync.testing import SimulatorError, apic_simulator

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "testing.md").read_text()
ENGINE = ("engine", "kube", "apic", "plan", "model", "settings")


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_the_tests_of_the_manual_pass_in_somebody_elses_project(tmp_path: Path) -> None:
    conftest, tests, _script = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "test_client.py").write_text(tests)
    done = python(tmp_path, "-m", "pytest", "-q", "-W", "error", "--strict-markers", "-p", "no:cacheprovider")
    assert (done.returncode, "4 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_the_script_of_the_manual_runs(tmp_path: Path) -> None:
    script = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[-1]
    (tmp_path / "script.py").write_text(script)
    done = python(tmp_path, "-W", "error", "script.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("https://127.0.0.1:")


def test_nothing_of_the_engine_is_imported(tmp_path: Path) -> None:
    done = python(tmp_path, "-c", "import sys, akb_sync.testing; print(*sorted(sys.modules))")
    loaded = set(done.stdout.split())
    assert "akb_sync.simulators.apic.simulator" in loaded
    assert not {name for name in loaded if name.startswith(tuple(f"akb_sync.{part}" for part in ENGINE))}
    assert not loaded & {"acitoolkit", "kubernetes", "typer", "akb_sync_cli"}


def test_without_pytest_the_context_manager_is_there(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "from akb_sync.testing import apic_simulator\n"
        "with apic_simulator() as apic: print(apic.running)\n"
        "print(apic.running)"
    )
    done = python(tmp_path, "-W", "error", "-c", code)
    assert (done.stdout.split(), done.stderr) == (["True", "False"], "")


def test_it_begins_with_what_is_asked_for(tmp_path: Path) -> None:
    document = tmp_path / "tenant.xml"
    document.write_text('<fvTenant name="LOADED"/>')
    script = tmp_path / "faults.yaml"
    script.write_text("faults: [{do: {answer: busy}}]")
    with apic_simulator("TEN_A", load=document, faults=script) as apic:
        assert apic.get("uni/tn-LOADED")
        assert apic.get("uni/tn-TEN_A/out-L3O_A")
        assert apic.get("uni/tn-TEN_K8_C1") is None
        address = f"{apic.url}/api/aaaListDomains.json"
        assert requests.get(address, verify=str(apic.ca_file), timeout=10).status_code == 503


def test_several_run_at_once() -> None:
    with apic_simulator() as first, apic_simulator("TEN_A") as second:
        assert first.url != second.url
        assert second.get("uni/tn-TEN_K8_C1") is None


def test_what_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(SimulatorError, match=r"the script line 1, faults\[0\]\.do: 'x' is not known"),
        apic_simulator(faults="faults: [{do: x}]"),
    ):
        pytest.fail("it runs")
    with pytest.raises(SimulatorError, match="cannot be read"), apic_simulator(load=tmp_path / "none"):
        pytest.fail("it runs")
