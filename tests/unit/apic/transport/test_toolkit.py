"""acitoolkit is importable, and importing it leaves no trace in the process."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import collections, logging, warnings
import requests, urllib3  # these set filters of their own
before = list(warnings.filters)
from akb_sync.apic import toolkit
assert warnings.filters == before, "the warning filters changed"
assert not hasattr(collections, "Sequence"), "collections.Sequence stayed"
assert not logging.getLogger().handlers, "logging was configured"
epg = toolkit.OutsideEPG("E", toolkit.OutsideL3("O", toolkit.Tenant("T")))
network = toolkit.OutsideNetwork("n", epg)
network.ip = "10.0.0.1/32"
document = epg.get_parent().get_parent().get_json()
assert "l3extSubnet" in str(document), document
"""


def test_importing_it_changes_nothing_in_the_process_and_its_models_work() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
