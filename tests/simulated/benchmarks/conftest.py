"""One quick run of the benchmark, as people start it, for all that looks at its result."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figures import Result
from benchmarks.process import ROOT

LONGEST = 280


@pytest.fixture(scope="session")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the JSON result is, and what was printed."""
    found = tmp_path_factory.mktemp("bench") / "bench.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(found)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert ended.returncode == 0, ended.stderr
    return found, ended.stdout


@pytest.fixture(scope="session")
def result(quick_run: tuple[Path, str]) -> Result:
    return Result.from_document(json.loads(quick_run[0].read_text()))
