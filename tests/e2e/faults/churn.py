"""Application teams at work, at random: whatever people do to workloads, a few times a second.

What the n-th deed is follows from a seed. When the apiserver is away a deed is lost, as a person's would be.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

import requests

from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.oracle import ANNOTATION

WEBS = tuple(f"web-{number}" for number in range(5))
EPGS = ("A", "B", "C")
MOST_REPLICAS = 6
_PATIENCE = 2.0
_MERGE = {"Content-Type": "application/merge-patch+json"}


class Churn:
    """Five Deployments on three EPGs, a StatefulSet, and a Service now and then."""

    def __init__(self, cell: Cell, seed: int) -> None:
        self._cell = cell
        self._seed = seed
        self._tried = 0
        self._rng = random.Random(seed)
        self.done = 0
        """How many deeds the apiserver accepted."""
        self._deeds: tuple[tuple[int, Callable[[str], None]], ...] = (
            (6, self._scale),
            (2, self._restart),
            (8, self._rebind),
            (2, self._delete_a_pod),
            (2, self._remove_or_create),
            (2, self._serve_or_not),
            (1, self._mistype),
            (1, self._unbind),
            (2, self._scale_in_order),
        )

    def begin(self) -> None:
        """The first workloads."""
        for number, name in enumerate(WEBS):
            self._cell.create(manifests.deployment(name, 3, self._binding(EPGS[number % len(EPGS)])))
        self._cell.create(manifests.statefulset("db", 2, self._binding("DB")))

    def step(self) -> None:
        """One deed; what an earlier one met does not change what it is."""
        self._tried += 1
        self._rng = random.Random(f"{self._seed}/deed/{self._tried}")
        weights, deeds = zip(*self._deeds, strict=True)
        deed, name = self._rng.choices(deeds, weights)[0], self._rng.choice(WEBS)
        try:
            deed(name)
        except requests.RequestException:
            return  # lost: nobody was there to take it
        self.done += 1

    def tidy_up(self) -> None:
        """Every workload is there with an annotation that can be read."""
        for name in WEBS:
            binding = self._binding(self._rng.choice(EPGS))

            def whole(name: str = name, binding: str = binding) -> bool:
                if not self._exists("deployments", name):
                    self._cell.create(manifests.deployment(name, 2, binding))
                self._annotate(name, binding)
                return True

            self._cell.until(f"{name} whole", whole)

    def _binding(self, epg: str) -> str:
        return self._cell.binding(epg)

    def _scale(self, name: str) -> None:
        self._patch("deployments", name, {"spec": {"replicas": self._rng.randint(1, MOST_REPLICAS)}})

    def _scale_in_order(self, _name: str) -> None:
        self._patch("statefulsets", "db", {"spec": {"replicas": self._rng.randint(1, 4)}})

    def _restart(self, name: str) -> None:
        restarted = {"annotations": {"restarted": str(self._rng.random())}}
        self._patch("deployments", name, {"spec": {"template": {"metadata": restarted}}})

    def _rebind(self, name: str) -> None:
        self._annotate(name, self._binding(self._rng.choice(EPGS)))

    def _mistype(self, name: str) -> None:
        self._annotate(name, self._binding(self._rng.choice(EPGS))[:-1])

    def _unbind(self, name: str) -> None:
        self._annotate(name, None)

    def _delete_a_pod(self, name: str) -> None:
        pods = self._send("GET", self._path("v1", "pods"), params={"labelSelector": f"app={name}"})
        found = sorted(pod["metadata"]["name"] for pod in pods.json()["items"])
        if found:
            self._send("DELETE", self._path("v1", "pods", self._rng.choice(found)))

    def _remove_or_create(self, name: str) -> None:
        if self._exists("deployments", name):
            options = {"propagationPolicy": "Background"}
            self._send("DELETE", self._path("apps/v1", "deployments", name), json=options)
        else:
            document = manifests.deployment(name, 2, self._binding(self._rng.choice(EPGS)))
            self._send("POST", self._path("apps/v1", "deployments"), json=document)

    def _serve_or_not(self, name: str) -> None:
        if self._exists("services", name):
            self._send("DELETE", self._path("v1", "services", name))
        else:
            self._send("POST", self._path("v1", "services"), json=manifests.service(name))

    def _annotate(self, name: str, text: str | None) -> None:
        self._patch("deployments", name, {"metadata": {"annotations": {ANNOTATION: text}}})

    def _exists(self, kind: str, name: str) -> bool:
        path = self._path("v1" if kind == "services" else "apps/v1", kind, name)
        answer = self._cell.sites[0].cluster.api.request("GET", path, timeout=_PATIENCE)
        if answer.status_code not in (200, 404):
            answer.raise_for_status()
        return answer.ok

    def _patch(self, kind: str, name: str, patch: Mapping[str, Any]) -> None:
        self._send("PATCH", self._path("apps/v1", kind, name), json=patch, headers=_MERGE)

    def _path(self, version: str, kind: str, name: str = "") -> str:
        root = "/api" if "/" not in version else "/apis"
        path = f"{root}/{version}/namespaces/{self._cell.namespace}/{kind}"
        return f"{path}/{name}" if name else path

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request that is not waited for; what was asked for and is not there is a lost deed too."""
        api = self._cell.sites[0].cluster.api
        answer = api.request(method, path, timeout=_PATIENCE, **options)
        answer.raise_for_status()
        return answer
