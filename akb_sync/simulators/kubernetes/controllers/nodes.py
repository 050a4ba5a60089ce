"""Nodes get their part of the Pod ranges, and what lived on a node that is gone goes with it (see `pods`)."""

from ipaddress import ip_network
from itertools import islice
from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.objects import at_path

Json = dict[str, Any]

# Bits of a node's part of a Pod range: 4,094 Pods in IPv4, more than enough in IPv6.
NODE_BITS = {4: 12, 6: 48}


class NodeController:
    """Hands out `spec.podCIDRs`, the lowest free part first."""

    name = "nodes"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.interests = {"nodes": lambda change: [change.record.key]}

    def reconcile(self, key: str) -> None:
        """Give a node its ranges once."""
        node = self._desk.get("nodes", key)
        if node is None or at_path(node, "spec.podCIDRs"):
            return
        taken = {cidr for other in self._desk.all("nodes") for cidr in at_path(other, "spec.podCIDRs") or []}
        options = self._desk.options
        ranges = [_free_part(cidr, taken) for cidr in options.pod_cidrs[: options.families]]
        spec = {"podCIDR": ranges[0], "podCIDRs": ranges}
        self._desk.change(node, "nodes", lambda data: {**data, "spec": {**data.get("spec", {}), **spec}})


def _free_part(cidr: str, taken: set[str]) -> str:
    network = ip_network(cidr)
    prefix = max(network.max_prefixlen - NODE_BITS[network.version], network.prefixlen)
    parts = islice(network.subnets(new_prefix=prefix), len(taken) + 1)
    return next(str(part) for part in parts if str(part) not in taken)


def new_node(name: str, addresses: list[str], now: str, version: str) -> Json:
    """A Node as a kubelet registers it, Ready."""
    conditions = [
        _condition("MemoryPressure", "False", "KubeletHasSufficientMemory", now),
        _condition("DiskPressure", "False", "KubeletHasNoDiskPressure", now),
        _condition("PIDPressure", "False", "KubeletHasSufficientPID", now),
        _condition("Ready", "True", "KubeletReady", now),
    ]
    capacity = {"cpu": "32", "memory": "256Gi", "pods": "4000"}
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}},
        "spec": {},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": conditions,
            "addresses": [
                *({"type": "InternalIP", "address": address} for address in addresses),
                {"type": "Hostname", "address": name},
            ],
            "nodeInfo": {
                "kubeletVersion": version,
                "operatingSystem": "linux",
                "architecture": "amd64",
                "osImage": "Simulated",
                "kernelVersion": "simulated",
                "containerRuntimeVersion": "simulated://1.0",
                "kubeProxyVersion": "",
                "machineID": "",
                "systemUUID": "",
                "bootID": "",
            },
        },
    }


def _condition(kind: str, status: str, reason: str, now: str) -> Json:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "lastHeartbeatTime": now,
        "lastTransitionTime": now,
    }
