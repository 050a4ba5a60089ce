"""The wall clock jumps by an hour, ahead and back, while the engine leads and works."""

import datetime as dt
import os
import time
from pathlib import Path
from typing import Any

import pytest

from akb_sync.simulators import certificates
from tests.e2e.controlplane.polling import eventually
from tests.e2e.faults.faketime import WallClock, wall_clock
from tests.e2e.faults.ground import AWAY, Ground
from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import ENGINE
from tests.e2e.matrix.judge import judge
from tests.e2e.matrix.views import Views

HOUR = 3600
LEASE_SECONDS = 6
SEATS = "engines-of-another-time"
_LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{SEATS}/leases/akb-sync"
MOST_OF_A_CORE = 0.5


@pytest.fixture
def _old_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The APIC's certificate is older than the jump back, as certificates are; else nobody could trust it."""
    monkeypatch.setattr(certificates, "CLOCK_SKEW", dt.timedelta(hours=2))


@pytest.fixture
def clock(_old_certificates: None, tmp_path: Path) -> WallClock:
    return wall_clock(tmp_path)


@pytest.fixture
def leading(clock: WallClock, ground: Ground) -> Ground:
    """An engine that writes only while it holds the Lease, by a clock of its own."""
    ground.cluster.api.request("POST", "/api/v1/namespaces", json={"metadata": {"name": SEATS}})
    words = ("--leader-elect", "always", "--lease-duration", str(LEASE_SECONDS), "--engine-namespace", SEATS)
    ground.equip(*words, environment=clock.environment)
    return ground


def test_jumps_of_an_hour_delete_nothing_and_cost_neither_lease_nor_token(
    leading: Ground, clock: WallClock, figures: list[str]
) -> None:
    ground = leading
    with ground.cell("clock steps") as (cell, views):
        cell.create(manifests.deployment("web", 4, cell.binding("A")))
        cell.create(manifests.deployment("gone", 2, cell.binding("GONE")))
        views.until_begun()
        before, first, logins = ground.fabric.dump(), _lease(ground), ground.fabric.simulator.counts["logins"]
        began, worked = time.monotonic(), _processor_seconds(ground)
        for pods, shift in ((6, HOUR), (5, -HOUR), (7, 0)):
            clock.shift(shift)
            _is_told(ground, shift)
            _pods(cell, views, pods)
        cell.kubectl("delete", "deployment", "gone")
        clock.shift(HOUR)
        cell.until("only web's Pods", lambda: len(ground.site.pods(cell.namespace)) == 7)
        views.until_exact()
        clock.shift(0)
        _is_told(ground, 0)
        last = _lease(ground)
        assert last["holderIdentity"] == first["holderIdentity"]
        assert last.get("leaseTransitions") == first.get("leaseTransitions")
        assert ground.fabric.simulator.counts["logins"] == logins
        share = (_processor_seconds(ground) - worked) / (time.monotonic() - began)
        assert share < MOST_OF_A_CORE, "the engine is busy with the time"
        writes = len(ground.fabric.writes(ENGINE, cell.roots))
        judge(cell, views, before, lagging=True)
        figures.append(f"clock steps of an hour: {writes} writes, {share:.0%} of a core, the Lease kept")


def _pods(cell: Cell, views: Views, count: int) -> None:
    """So many of web's, beside the two others."""
    cell.scale("deployment/web", count)
    cell.until_pods(count + 2)
    views.until_exact()


def _lease(ground: Ground) -> dict[str, Any]:
    spec: dict[str, Any] = ground.cluster.api.get(_LEASE)["spec"]
    return spec


def _is_told(ground: Ground, shift: int) -> None:
    """The engine renews its Lease by the clock as it is now: it has met the jump, and still leads."""

    def met() -> bool:
        renewed = dt.datetime.fromisoformat(_lease(ground)["renewTime"])
        ahead = (renewed - dt.datetime.now(dt.UTC)).total_seconds()
        return abs(ahead - shift) < HOUR / 2

    eventually(f"a Lease renewed {shift:+d} s from now", met, timeout=60, ignoring=AWAY)


def _processor_seconds(ground: Ground) -> float:
    """User and system time of the engine (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{ground.engine.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
