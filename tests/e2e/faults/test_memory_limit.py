"""The engine has 512 MB, and a cluster that is large for it.

The limit is RLIMIT_DATA (setrlimit(2)): each private writable page counts, touched or not, thread stacks too.
So it is harder than a container's limit of the same size, and it needs no rights.
"""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.faults.ground import AWAY, Ground, judge_untold, until_settled
from tests.e2e.faults.length import LONG
from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.views import has_its_pods

LIMIT_MIB = 512
LIMITED = ("sh", "-c", 'ulimit -d "$1" && shift && exec "$@"', "sh", str(LIMIT_MIB * 1024))
DEPLOYMENTS = 20 if LONG else 4
PODS_OF_EACH = 150 if LONG else 75
MORE_NODES = 12 if LONG else 0
ANNOTATION_KIB = 32
FILL_SECONDS = 500.0


@pytest.fixture
def nodes(control_plane: ControlPlane) -> Iterator[None]:
    """As many as the Pods need: a node takes 250."""
    added = control_plane.add_nodes(MORE_NODES) if MORE_NODES else []
    yield
    for name in added:
        control_plane.api.delete(f"/api/v1/nodes/{name}")


def test_the_limit_is_one() -> None:
    """A program that needs more than it may have ends; else the next test would show nothing."""
    greedy = f"bytearray({LIMIT_MIB} << 20)"
    done = subprocess.run(
        [*LIMITED, sys.executable, "-c", greedy], capture_output=True, text=True, check=False
    )
    assert "MemoryError" in done.stderr


@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("nodes")
def test_many_pods_with_large_annotations_fit_into_512_mb(ground: Ground, figures: list[str]) -> None:
    ground.equip(before=LIMITED)
    with ground.cell("memory limit") as (cell, views):
        for number in range(DEPLOYMENTS):
            cell.create(_large(cell, f"large-{number}"))
        eventually("all Pods", lambda: _all_there(cell), timeout=FILL_SECONDS, pause=1.0, ignoring=AWAY)
        views.until_exact()
        before = ground.fabric.dump()
        ground.engine.kill()
        ground.engine.start()  # a cold start reads all of it at once
        cell.scale("deployment/large-0", PODS_OF_EACH - 5)
        until_settled(cell)
        views.until_exact()
        judge_untold(cell, before)
        pods, size = DEPLOYMENTS * PODS_OF_EACH, ANNOTATION_KIB
        figures.append(
            f"{pods} Pods with {size} KiB of annotations each: RSS {ground.rss():.0f} MiB, "
            f"{ground.rss('VmHWM'):.0f} MiB at most, data {ground.rss('VmData'):.0f} of {LIMIT_MIB} MiB"
        )


def _large(cell: Cell, name: str) -> dict[str, Any]:
    document = manifests.deployment(name, PODS_OF_EACH, cell.binding(name.upper()))
    ballast = {"e2e.akb-sync.test/ballast": "x" * (ANNOTATION_KIB * 1024)}
    document["spec"]["template"]["metadata"]["annotations"] = ballast
    return document


def _all_there(cell: Cell) -> bool:
    path = f"/apis/apps/v1/namespaces/{cell.namespace}/deployments"
    found = cell.sites[0].cluster.api.get(path)["items"]
    return len(found) == DEPLOYMENTS and all(map(has_its_pods, found))
