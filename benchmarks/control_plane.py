"""The same on a real control plane: etcd, kube-apiserver, its controllers, and kwok for the kubelets.

The programs are those of the end-to-end tests, and are used only when they are built. Nobody can tell when
a real API server sends an event, so the moment at which another watch of it has seen the Pod stands for it.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.controlplane.build import PROGRAMS, ensure_programs
from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually

from . import arrival, cold, engine
from .documents import Json
from .estate import Estate
from .figures import Row
from .kubernetes_side import Departure
from .rivals import wire
from .sides import Sides, fabric

ESTATE = Estate(2_000, epgs=40, balanced=False)
NODES = 16
"""Each has a /24 for its Pods."""
RUNS, ARRIVALS = 5, 50
FILL_SECONDS = 600
WATCH_SECONDS = 3_600
PAUSE = 0.1
NOTE = "real control plane with kwok"


def built() -> bool:
    """Whether the programs are there, so that none has to be built first."""
    return all(program.path.exists() for program in PROGRAMS)


def measure() -> list[Row]:
    """Fill a cluster, start the engine on it a few times, and let single Pods come up."""
    with _opened(ensure_programs(lambda _line: None)) as sides:
        starts = [cold.start(sides) for _ in range(RUNS)]
        rows = cold.rows(ESTATE, 0, starts)
        with engine.watch(sides) as program:
            engine.until("the L3Out followed", lambda: cold.follows(sides), program)
            engine.until_quiet(program)
            rows += arrival.measure(sides, program, 0, ARRIVALS)
    return [_real(row) for row in rows if not row.key.endswith((".lists", ".events"))]


def _real(row: Row) -> Row:
    """The audit log of a real API server is not asked, so what it was asked is left out."""
    note = f"{NOTE}; {row.note}" if row.note else NOTE
    return replace(row, key=f"real.{row.key}", note=note)


class RealCluster:
    """A control plane as a side of a measurement."""

    def __init__(self, cluster: ControlPlane) -> None:
        self._cluster = cluster
        self._witness = Witness(self.access())
        self._workloads = list(ESTATE.workloads())
        self._replicas = {workload.name: workload.replicas for workload in self._workloads}
        self._known: set[str] = set()
        self._grown = 0

    def fill(self) -> None:
        """Make all Deployments and wait until each Pod has its address."""
        for namespace in sorted({workload.namespace for workload in self._workloads}):
            self._cluster.create_namespace(namespace)
        for workload in self._workloads:
            path = f"/apis/apps/v1/namespaces/{workload.namespace}/deployments"
            self._cluster.api.create(path, _bare(workload.deployment()))
        eventually(
            "all Pods have addresses",
            lambda: len(self._witness.seen) >= ESTATE.pods,
            timeout=FILL_SECONDS,
            pause=1.0,
        )

    def access(self) -> dict[str, str]:
        """As an administrator."""
        user = yaml.safe_load(self._cluster.kubeconfig.read_text())["users"][0]["user"]
        return {
            "url": self._cluster.url,
            "token": user["token"],
            "ca": self._cluster.ca_file.read_text(),
            "kubeconfig": str(self._cluster.kubeconfig),
        }

    def requests(self) -> Counter[str]:
        """Not counted."""
        return Counter()

    def watched(self) -> bool:
        """Not known; who waits for it waits for the APIC too."""
        return True

    def reset(self) -> None:
        """Take what is there for known."""
        self._known = set(self._witness.seen)

    def add_pod(self) -> str:
        """Scale the next Deployment up by one."""
        workload = self._workloads[self._grown % len(self._workloads)]
        self._grown += 1
        self._replicas[workload.name] += 1
        path = f"/apis/apps/v1/namespaces/{workload.namespace}/deployments/{workload.name}/scale"
        patch = {"spec": {"replicas": self._replicas[workload.name]}}
        headers = {"Content-Type": "application/merge-patch+json"}
        self._cluster.api.request("PATCH", path, json=patch, headers=headers).raise_for_status()
        return ""

    def departures(self) -> list[Departure]:
        """The Pods that came since the last reset, when another watch first saw their addresses."""
        seen = dict(self._witness.seen)
        return [("ADDED", address, moment) for address, moment in seen.items() if address not in self._known]

    def cpu(self) -> float:
        """Not measured: these are six programs."""
        return 0.0

    def close(self) -> None:
        """Watch no more."""
        self._witness.close()


class Witness:
    """Watches the Pods of a cluster, and notes when it first saw each address (monotonic seconds).

    An API server ends the watch of who does not keep up; then it is opened again, and begins with all Pods.
    """

    def __init__(self, access: Mapping[str, str]) -> None:
        self.seen: dict[str, float] = {}
        self._access = access
        self._wire = wire.cluster(access)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Watch no more."""
        self._closed = True
        self._wire.close()

    def _run(self) -> None:
        while not self._closed:
            for line in self._wire.lines(f"/api/v1/pods?watch=1&timeoutSeconds={WATCH_SECONDS}"):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    break
                for listed in event["object"].get("status", {}).get("podIPs", ()):
                    self.seen.setdefault(listed["ip"], time.monotonic())
            time.sleep(PAUSE)
            self._wire = wire.cluster(self._access)


def _bare(deployment: Json) -> Json:
    """As a person would post it: without what the API server sets."""
    kept = ("name", "namespace", "labels", "annotations")
    meta: Mapping[str, Any] = {name: deployment["metadata"][name] for name in kept}
    found = {name: part for name, part in deployment.items() if name != "status"}
    return {**found, "metadata": meta}


@contextmanager
def _opened(programs: Mapping[str, Path]) -> Iterator[Sides[RealCluster]]:
    with (
        fabric(ESTATE) as (folder, apic),
        tempfile.TemporaryDirectory(prefix="akb-sync-bench-") as name,
        ControlPlane(programs, Path(name), nodes=NODES) as cluster,
    ):
        real = RealCluster(cluster)
        try:
            real.fill()
            yield Sides(folder, (ESTATE,), (real,), apic)
        finally:
            real.close()
