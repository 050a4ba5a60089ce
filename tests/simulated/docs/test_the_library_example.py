"""The program that the library page shows does what the page says."""

from __future__ import annotations

import subprocess
import sys

from tests.simulated.docs.desk import L3OUT, ROOT, Desk

EXAMPLE = ROOT / "docs" / "examples" / "one_sync.py"


def _run(desk: Desk) -> subprocess.CompletedProcess[str]:
    password = desk.folder / "password"
    password.write_text("secret\n")
    environment = {
        **desk.environment,
        # The example trusts the machine's CAs, as a program on a fabric with a proper certificate does.
        "SSL_CERT_FILE": str(desk.apic.ca_file),
    }
    return subprocess.run(
        [sys.executable, str(EXAMPLE), desk.apic.url, "admin", str(password)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=45,
        check=False,
    )


def _subnets(desk: Desk) -> set[str]:
    return {one["ip"] for one in desk.apic.of_class("l3extSubnet").values()}


def test_the_example_brings_the_fabric_to_what_the_cluster_wants(desk: Desk) -> None:
    prefixes = desk.workload("web", "EPG_WEB", 3)
    done = _run(desk)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "4 written, 0 refused, 0 held"
    assert desk.apic.get(f"{L3OUT}/instP-EPG_WEB") is not None
    assert _subnets(desk) == set(prefixes)


def test_the_example_run_again_writes_nothing(desk: Desk) -> None:
    desk.workload("web", "EPG_WEB", 3)
    _run(desk)
    desk.apic.reset_journal()
    done = _run(desk)
    assert (done.returncode, done.stdout) == (0, "0 written, 0 refused, 0 held\n")
    assert desk.apic.journal == []
