"""What the clusters of a cell want and what the fabric has, compared until they are the same."""

import time
from collections.abc import Callable, Iterator, Mapping

import requests

from tests.e2e.controlplane.polling import eventually
from tests.e2e.matrix.cell import ARRIVAL_SECONDS, Cell, is_settled
from tests.e2e.matrix.oracle import KubeObject, Wishes, wanted
from tests.e2e.matrix.stage import Site

EXACT_SECONDS = 150.0
_AWAY = (requests.RequestException,)


class Views:
    """What each cluster of a cell wants and has, read anew with every look."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._wanted: dict[Site, Wishes] = {}

    def wanted(self, site: Site) -> Wishes:
        """What a cluster wants now; an annotation that became unreadable keeps what was read last."""
        objects = site.objects(self._cell.namespace, self._cell.bystanders)
        self._wanted[site] = wanted(objects, self._wanted.get(site))
        return self._wanted[site]

    def until_exact(self) -> float:
        """Wait until each cluster has on the fabric what it wants; returns after how many seconds."""
        began = time.monotonic()
        different: list[str] = ["never compared"]

        def exact() -> bool:
            different[:] = self._differences()
            return not different

        try:
            eventually("the fabric exact", exact, timeout=EXACT_SECONDS, ignoring=_AWAY)
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(different[:20])) from None
        return time.monotonic() - began

    def _differences(self) -> list[str]:
        found: list[str] = []
        for site in self._cell.sites:
            found += difference(self.wanted(site), self._cell.managed(site))
        return found

    def until_begun(self) -> None:
        """Wait until every workload has the Pods that it asks for, and the fabric is exact."""
        self._arrive("all Pods ready", self._ready)
        self.until_exact()

    def _arrive(self, what: str, look: Callable[[], bool]) -> None:
        eventually(what, look, timeout=ARRIVAL_SECONDS, ignoring=_AWAY, nudge=self._cell.nudge)

    def _ready(self) -> bool:
        namespaces = (self._cell.namespace, self._cell.bystanders)
        found = [one for site in self._cell.sites for one in site.objects(*namespaces).workloads]
        return bool(found) and all(map(has_its_pods, found))

    def until_arrived(self, expected: Mapping[str, int]) -> None:
        """Wait until the clusters want what the story ends with, and nothing is on its way any more."""
        what = f"the cluster's end state {expected}"
        self._arrive(what, lambda: self._counts() == expected and self._settled())

    def _counts(self) -> dict[str, int]:
        return {
            epg: len(subnets)
            for site in self._cell.sites
            for epg, subnets in self.wanted(site).items()
            if not self._cell.is_bystander(epg)
        }

    def _settled(self) -> bool:
        pods = [pod for site in self._cell.sites for pod in site.pods(self._cell.namespace)]
        return all(pod["status"].get("phase") == "Succeeded" or is_settled(pod) for pod in pods)


def has_its_pods(workload: KubeObject) -> bool:
    """Whether a Deployment, StatefulSet or DaemonSet reports as many ready Pods as it asks for."""
    status = workload.get("status", {})
    if "replicas" in workload["spec"]:
        return bool(status.get("readyReplicas", 0) == workload["spec"]["replicas"])
    return bool(0 < status.get("desiredNumberScheduled", 0) == status.get("numberReady", 0))


def difference(wishes: Wishes, managed: Wishes) -> Iterator[str]:
    """Sentences about what is wanted and not there, there and not wanted, or there under another name."""
    for epg in sorted(wishes.keys() | managed.keys()):
        if epg not in managed:
            yield f"{epg} is missing"
        elif epg not in wishes:
            yield f"{epg} is not wanted"
        want, have = wishes.get(epg, {}), managed.get(epg, {})
        for prefix in sorted(want.keys() | have.keys()):
            if want.get(prefix) != have.get(prefix):
                yield f"{epg}: {prefix} is {have.get(prefix)!r}, wanted {want.get(prefix)!r}"
