"""What all cells of the matrix share: the fabric, the clusters, and the engine of each.

Why: to start them takes a while, and an engine that has seen a hundred stories is the one to be believed.
"""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.processes import Guard, Process
from tests.e2e.lab import PROGRAM
from tests.e2e.matrix import residents
from tests.e2e.matrix.diary import PATHS, Diary, namespaced
from tests.e2e.matrix.fabric import Fabric
from tests.e2e.matrix.oracle import Objects

HOLD_DOWN = 2
SYNC_SECONDS = 180


class Site:
    """One cluster with its engine and its diary."""

    def __init__(self, cluster: ControlPlane, fabric: Fabric, guard: Guard, folder: Path) -> None:
        folder.mkdir()
        self.cluster = cluster
        residents.settle(cluster)
        self.diary = Diary(cluster)
        uid: str = cluster.api.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]
        self.uid8 = uid[:8]
        self._environment = {
            **os.environ,
            **fabric.environment,
            "AKB_SYNC_KUBECONFIG": str(cluster.kubeconfig),
            "AKB_SYNC_HOLD_DOWN": str(HOLD_DOWN),
        }
        self.engine = Process(
            "watch",
            [str(PROGRAM), "watch"],
            log=folder / "watch.log",
            guard=guard,
            is_ready=lambda: True,
            environment=self._environment,
        )

    def start(self) -> None:
        self.diary.start()
        self.engine.start()

    def stop(self) -> None:
        self.engine.terminate()
        self.diary.stop()

    def objects(self, *namespaces: str) -> Objects:
        """What the apiserver has now."""
        found = Objects()
        for namespace in namespaces:
            for kind, path in PATHS.items():
                for item in self.cluster.api.get(namespaced(path, namespace))["items"]:
                    found.add(kind, item)
        return found

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.cluster.api.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
        return found

    def sync(self, namespace: str) -> "subprocess.CompletedProcess[str]":
        """`akb-sync sync --yes`, as a person runs it beside the engine."""
        return self.run("sync", "--yes", "--namespace", namespace)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """A one-shot command in the engine's environment."""
        return subprocess.run(
            [str(PROGRAM), *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SYNC_SECONDS,
            check=False,
        )


class Stage:
    """The fabric, and clusters as stories ask for them; used as a context manager.

    Args:
        folder: for the logs of the engines.
        clusters: how to get each cluster.
    """

    def __init__(self, folder: Path, clusters: Mapping[int, Callable[[], ControlPlane]]) -> None:
        self._folder = folder
        self._clusters = clusters
        self._guard = Guard()
        self.fabric = Fabric(folder / "apic")
        self._sites: dict[int, Site] = {}

    def __enter__(self) -> Self:
        self.fabric.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for site in self._sites.values():
            site.stop()
        self.fabric.__exit__(kind, error, trace)
        self._guard.dismiss()

    def site(self, number: int) -> Site:
        """A cluster with its engine at work."""
        if number not in self._sites:
            site = Site(self._clusters[number](), self.fabric, self._guard, self._folder / f"site-{number}")
            site.start()
            self._sites[number] = site
        return self._sites[number]
