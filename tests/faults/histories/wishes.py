"""What a simulated cluster asks for, read straight from its objects by rules of its own.

It shares no code with the engine. It covers what the random histories make: annotated workloads with Pods
of their own and one Service each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from akb_sync.simulators.kubernetes import KubernetesSimulator
from akb_sync.simulators.kubernetes.listing import Query
from tests.simulated.engine.stage import ANNOTATION, PAUSED

from .picture import canonical

Json = dict[str, Any]
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
NAMESPACE = "shop"


@dataclass
class Wishes:
    """What is to be on the fabric."""

    addresses: dict[str, set[str]] = field(default_factory=dict)
    """By DN of the EPG: canonical prefixes. An EPG that is wanted and has no address is there too."""
    protected: set[str] = field(default_factory=set)
    undecided: bool = False
    """Whether an annotation cannot be read."""

    def has(self, epg: str, prefix: str) -> bool:
        return prefix in self.addresses.get(epg, set())


def wishes(cluster: KubernetesSimulator, readable: dict[str, str]) -> Wishes:
    """Read a cluster; `readable` has the DN of the EPG by the text of each annotation that can be read."""
    found = Wishes()
    pods = _pods(cluster)
    for workload in workloads(cluster):
        notes = workload["metadata"].get("annotations", {})
        text = notes.get(ANNOTATION)
        if text is None:
            continue
        prefixes = {prefix for prefix, pod in pods.items() if _belongs(cluster, pod, workload)}
        prefixes |= set(_service(cluster, workload))
        paused = notes.get(PAUSED) == "true"
        if paused or text not in readable:
            found.protected |= prefixes
        if text not in readable:
            found.undecided = True
        elif paused:
            found.addresses.setdefault(readable[text], set())
        else:
            found.addresses.setdefault(readable[text], set()).update(prefixes)
    return found


def listed(cluster: KubernetesSimulator, kind: str) -> list[Json]:
    """All objects of a kind, the simulator's own and no copies: for reading only."""
    row = cluster.api.table.find(kind)
    return [record.data for record in cluster.api.list(row, Query(namespace=NAMESPACE)).records]


def workloads(cluster: KubernetesSimulator) -> Iterator[Json]:
    for kind in WORKLOADS:
        for one in listed(cluster, kind):
            yield {**one, "kind": kind, "apiVersion": "apps/v1"}


def _pods(cluster: KubernetesSimulator) -> dict[str, Json]:
    """The Pod that counts for each address: not one on its way out if another has it, then the youngest."""
    found: dict[str, Json] = {}
    for pod in sorted(listed(cluster, "Pod"), key=_claim):
        if pod["status"].get("phase") not in ("Succeeded", "Failed"):
            found.update((canonical(each["ip"]), pod) for each in pod["status"].get("podIPs", ()))
    return found


def _claim(pod: Json) -> tuple[bool, str, str]:
    meta = pod["metadata"]
    return (not meta.get("deletionTimestamp"), meta["creationTimestamp"], meta["uid"])


def _belongs(cluster: KubernetesSimulator, pod: Json, workload: Json) -> bool:
    (owner,) = pod["metadata"]["ownerReferences"]
    if owner["kind"] == "ReplicaSet":
        known = {one["metadata"]["uid"]: one for one in listed(cluster, "ReplicaSet")}
        if owner["uid"] not in known:
            return False
        (owner,) = known[owner["uid"]]["metadata"]["ownerReferences"]
    return bool(owner["uid"] == workload["metadata"]["uid"])


def _service(cluster: KubernetesSimulator, workload: Json) -> Iterator[str]:
    for service in listed(cluster, "Service"):
        if service["spec"]["selector"] == {"app": workload["metadata"]["name"]}:
            for point in service["status"].get("loadBalancer", {}).get("ingress", ()):
                yield canonical(point["ip"])
