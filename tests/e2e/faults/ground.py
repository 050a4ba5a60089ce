"""One cluster, one fabric and an engine between them that a test equips as it likes.

Why: the faults of this folder are the process's own (its clock, its disk, its memory, its wire), so each test
starts an engine of its own, and all of them share the control plane of the session.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.controlplane.processes import Guard, Process
from tests.e2e.matrix import judge as matrix_judge
from tests.e2e.matrix.cell import Cell, is_settled
from tests.e2e.matrix.fabric import ENGINE, Dump, Fabric
from tests.e2e.matrix.stage import Site
from tests.e2e.matrix.views import Views, has_its_pods

SETTLE_SECONDS = 330.0
AWAY = (requests.RequestException,)


class Ground:
    """What a test stands on.

    Attributes:
        site: the cluster with its engine and its diary.
        fabric: the other side.
        folder: for whatever the test writes.
    """

    def __init__(self, cluster: ControlPlane, fabric: Fabric, guard: Guard, folder: Path) -> None:
        self.folder = folder
        self.fabric = fabric
        self.site = Site(cluster, fabric, guard, folder / "site")

    @property
    def cluster(self) -> ControlPlane:
        return self.site.cluster

    @property
    def engine(self) -> Process:
        return self.site.engine

    def equip(
        self,
        *words: str,
        before: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Give the engine arguments, a command before its own, and variables; for its next start."""
        self.engine.command = [*before, *self.engine.command, *words]
        self.engine.environment = {**self.engine.environment, **(environment or {})}

    @contextmanager
    def cell(self, title: str) -> Iterator[tuple[Cell, Views]]:
        """A namespace, tenants, a bystander, and what is not ours beside it; the engine is started."""
        self.site.start()
        with Cell(title, self.fabric, [self.site]) as cell:
            yield cell, Views(cell)

    def stop(self) -> None:
        """End engine and diary, if they were started."""
        if self.engine.started_at is not None:
            self.site.stop()

    def said(self, words: str, timeout: float = 60.0) -> str:
        """Wait until the engine's log has something since its last start; gives the line."""

        def look() -> str:
            self.engine.must_run()
            return next((line for line in self.engine.log().splitlines() if words in line), "")

        return eventually(f"{words!r} in the engine's log", look, timeout=timeout)

    def rss(self, field: str = "VmRSS") -> float:
        """The engine's resident memory now (or its peak, `VmHWM`), MiB."""
        found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{self.engine.pid}/status").read_text())
        assert found
        return int(found.group(1)) / 1024


def until_settled(cell: Cell) -> None:
    """Wait until every workload has its Pods, each with an address, and none is on its way out."""

    def settled() -> bool:
        namespaces = (cell.namespace, cell.bystanders)
        return all(
            all(map(has_its_pods, objects.workloads)) and all(map(is_settled, objects.pods))
            for objects in (site.objects(*namespaces) for site in cell.sites)
        )

    eventually("all Pods settled", settled, timeout=SETTLE_SECONDS, ignoring=AWAY, nudge=cell.nudge)


def judge_untold(cell: Cell, before: Dump) -> None:
    """What has to be true whatever happened and however often: all of the matrix's rules but the count of
    writes, which supposes that the engine was away once at most.
    """
    matrix_judge._nothing_else_changed(cell, before)
    matrix_judge._no_prefix_is_in_two_epgs(cell)
    for site in cell.sites:
        matrix_judge._a_second_pass_writes_nothing(cell, site, matrix_judge.SYNCED)
        matrix_judge._the_engine_is_well(site)


def deleted(cell: Cell) -> list[str]:
    """The DNs that the engine deleted in this test."""
    touched = cell.fabric.touched(ENGINE, cell.roots)
    return sorted(dn for (kind, dn), _ in touched.items() if kind == "deleted")
