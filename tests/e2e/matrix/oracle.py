"""What the fabric has to hold, read off raw Kubernetes objects.

Why: the engine's answer is judged by a second one that shares no code with it. This one is as simple as the
contract allows: a Pod belongs to the workload whose selector matches it, if a controller of the right kind
owns it, and no chain of owners is followed.
"""

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ANNOTATION = "aci.haystacknetworks.com/l3o"
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_POD_OWNERS = ("ReplicaSet", "StatefulSet", "DaemonSet")
_TERMINAL = ("Succeeded", "Failed")

KubeObject = Mapping[str, Any]
Wishes = dict[str, dict[str, str]]
"""DN of an external EPG -> prefix -> name of the subnet."""


@dataclass
class Objects:
    """The objects of some namespaces at one moment, by kind."""

    pods: list[KubeObject] = field(default_factory=list)
    services: list[KubeObject] = field(default_factory=list)
    workloads: list[KubeObject] = field(default_factory=list)

    def add(self, kind: str, item: KubeObject) -> None:
        by_kind = {"Pod": self.pods, "Service": self.services}
        by_kind.get(kind, self.workloads).append(item)


def wanted(objects: Objects, before: Wishes | None = None) -> Wishes:
    """Which EPGs have to exist, each with which prefixes and the names of their subnets.

    Args:
        objects: the cluster.
        before: what was wanted a moment earlier; a workload whose annotation cannot be read keeps its part
            of it, as far as its addresses still exist, and gets nothing new.
    """
    readable = [(binding_dn(one), one) for one in objects.workloads if ANNOTATION in _annotations(one)]
    found: Wishes = {dn: {} for dn, _ in readable if dn}
    pods = _holders(objects.pods)
    for dn, workload in readable:
        for prefix, name in _addresses(workload, pods, objects.services):
            if dn:
                found[dn].setdefault(prefix, name)
            else:
                _kept(found, before or {}, prefix)
    if any(dn is None for dn, _ in readable):
        for dn in before or {}:
            found.setdefault(dn, {})
    return found


def binding_dn(workload: KubeObject) -> str | None:
    """The DN that a workload's annotation names; None when it cannot be read."""
    try:
        value = json.loads(_annotations(workload)[ANNOTATION])
        return epg_dn(value["tenant"], value["l3out"], value["epg"])
    except (ValueError, KeyError, TypeError):
        return None


def epg_dn(tenant: str, l3out: str, epg: str) -> str:
    return f"uni/tn-{tenant}/out-{l3out}/instP-{epg}"


def subnet_dn(epg: str, prefix: str) -> str:
    return f"{epg}/extsubnet-[{prefix}]"


def prefix_of(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"


def pod_prefixes(pod: KubeObject) -> list[str]:
    """The prefixes of a Pod that has not ended and has addresses of its own."""
    status = pod.get("status", {})
    if status.get("phase") in _TERMINAL or pod["spec"].get("hostNetwork"):
        return []
    return _prefixes(status.get("podIPs", []))


def _prefixes(entries: Iterable[Mapping[str, str]]) -> list[str]:
    """Without names, and without addresses that nothing can be sent to from elsewhere."""
    addresses = [ipaddress.ip_address(entry["ip"]) for entry in entries if "ip" in entry]
    return [
        prefix_of(str(one))
        for one in addresses
        if not (one.is_loopback or one.is_link_local or one.is_multicast or one.is_unspecified)
    ]


def _kept(found: Wishes, before: Wishes, prefix: str) -> None:
    for dn, subnets in before.items():
        if prefix in subnets:
            found.setdefault(dn, {}).setdefault(prefix, subnets[prefix])


def _addresses(
    workload: KubeObject, pods: Mapping[str, KubeObject], services: Iterable[KubeObject]
) -> Iterator[tuple[str, str]]:
    """Prefixes with the names of their subnets; Pods come first."""
    namespace, template = workload["metadata"]["namespace"], workload["spec"]["template"]["metadata"]
    for prefix, pod in pods.items():
        if pod["metadata"]["namespace"] == namespace and _owns(workload, pod):
            yield prefix, subnet_name(pod)
    for service in services:
        selector = service["spec"].get("selector")
        balanced = service["spec"].get("type") == "LoadBalancer" and selector
        same = service["metadata"]["namespace"] == namespace
        if same and balanced and selector.items() <= (template.get("labels") or {}).items():
            for prefix in _prefixes(service["status"].get("loadBalancer", {}).get("ingress", [])):
                yield prefix, subnet_name(service)


def subnet_name(item: KubeObject) -> str:
    return f"{item['metadata']['namespace']}::{item['metadata']['name']}"[:63]


def _owns(workload: KubeObject, pod: KubeObject) -> bool:
    labels = pod["metadata"].get("labels") or {}
    controllers = [one for one in pod["metadata"].get("ownerReferences", []) if one.get("controller")]
    fits = workload["spec"]["selector"].get("matchLabels", {}).items() <= labels.items()
    return fits and any(one["kind"] in _POD_OWNERS for one in controllers)


def _holders(pods: Iterable[KubeObject]) -> dict[str, KubeObject]:
    """Of two Pods with one address the one that is not being deleted, then the younger."""
    found: dict[str, KubeObject] = {}
    for pod in sorted(pods, key=_claim):
        found.update(dict.fromkeys(pod_prefixes(pod), pod))
    return found


def _claim(pod: KubeObject) -> tuple[bool, str]:
    meta = pod["metadata"]
    return ("deletionTimestamp" not in meta, meta["creationTimestamp"])


def _annotations(item: KubeObject) -> Mapping[str, str]:
    return item["metadata"].get("annotations") or {}
