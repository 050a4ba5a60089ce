"""Scheduler and kubelet in one: Pods get a node, addresses, run, become Ready, and in the end go.

Addresses come from the node's `podCIDRs`, as with most CNIs; a hostNetwork Pod has its node's addresses.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from akb_sync.simulators.kubernetes.addresses import AddressPool, PoolExhaustedError
from akb_sync.simulators.kubernetes.controllers.desk import Desk, with_condition
from akb_sync.simulators.kubernetes.deleting import DeleteOptions
from akb_sync.simulators.kubernetes.objects import (
    at_path,
    controller_of,
    is_deleting,
    is_true,
    key_of,
    object_key,
)
from akb_sync.simulators.kubernetes.storage import Change

Json = dict[str, Any]

STEPS = ("start", "ready", "stop", "run")


class PodController:
    """Moves each Pod on by one step at a time."""

    name = "pods"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pools: dict[str, list[AddressPool]] = {}
        self._on_node: dict[str, set[str]] = defaultdict(set)
        self.interests = {"pods": self._pod_changed, "nodes": self._node_changed}

    def reconcile(self, key: str) -> float | None:
        """One step in the life of a Pod."""
        pod = self._desk.get("pods", key)
        if pod is None:
            return None
        phase = at_path(pod, "status.phase")
        if is_deleting(pod):
            return self._stop(pod)
        if not at_path(pod, "spec.nodeName"):
            self._schedule(pod)
            return None
        if at_path(pod, "spec.nodeName") not in self._desk.api.store.keys("nodes"):
            self._desk.delete(pod, "pods", DeleteOptions(grace=0))
        elif phase == "Pending":
            return self._start(pod)
        elif phase == "Running":
            return self._run(pod)
        return None

    def _stop(self, pod: Json) -> float | None:
        if not at_path(pod, "spec.nodeName"):
            return None
        grace = pod["metadata"].get("deletionGracePeriodSeconds", 0)
        delay = min(self._desk.options.stop_delay, grace)
        remaining = self._desk.remaining(pod["metadata"]["uid"], "stop", delay)
        if remaining > 0:
            return remaining
        if grace or not pod["metadata"].get("finalizers"):
            self._desk.delete(pod, "pods", DeleteOptions(grace=0))
        return None

    def _schedule(self, pod: Json) -> None:
        node = self._choose(pod)
        if node is None:
            status = with_condition(
                pod["status"],
                self._desk.now(),
                "PodScheduled",
                "False",
                "Unschedulable",
                "0 nodes are available",
            )
            self._desk.set_status(pod, "pods", status)
            return
        status = with_condition(pod["status"], self._desk.now(), "PodScheduled", "True")
        self._desk.change(
            pod,
            "pods",
            lambda data: {**data, "spec": {**data["spec"], "nodeName": node}, "status": status},
            "binding",
        )

    def _choose(self, pod: Json) -> str | None:
        wanted = at_path(pod, "spec.nodeSelector") or {}
        candidates = []
        for node in self._desk.all("nodes"):
            labels = node["metadata"].get("labels") or {}
            fits = all(labels.get(key) == value for key, value in wanted.items())
            if fits and is_schedulable(node):
                candidates.append((len(self._on_node[node["metadata"]["name"]]), node["metadata"]["name"]))
        return min(candidates)[1] if candidates else None

    def _start(self, pod: Json) -> float | None:
        remaining = self._desk.remaining(pod["metadata"]["uid"], "start", self._desk.options.start_delay)
        if remaining > 0:
            return remaining
        try:
            addresses = self._addresses(pod)
        except PoolExhaustedError:
            return 1.0
        now = self._desk.now()
        status = with_condition(pod["status"], now, "Initialized", "True")
        status = with_condition(status, now, "Ready", "False", "ContainersNotReady")
        status = with_condition(status, now, "ContainersReady", "False", "ContainersNotReady")
        hosts = self._node_addresses(pod["spec"]["nodeName"])
        status |= {
            "phase": "Running",
            "hostIP": hosts[0],
            "hostIPs": [{"ip": address} for address in hosts],
            "podIP": addresses[0],
            "podIPs": [{"ip": address} for address in addresses],
            "startTime": now,
            "containerStatuses": _container_statuses(pod, now, ready=False),
        }
        self._desk.set_status(pod, "pods", status)
        return None

    def _run(self, pod: Json) -> float | None:
        uid = pod["metadata"]["uid"]
        if not is_true(pod, "Ready"):
            remaining = self._desk.remaining(uid, "ready", self._desk.options.ready_delay)
            if remaining > 0:
                return remaining
            self._become_ready(pod)
        if (controller_of(pod) or {}).get("kind") != "Job":
            return None
        remaining = self._desk.remaining(uid, "run", self._desk.options.job_duration)
        if remaining <= 0:
            self._succeed(pod)
        return remaining if remaining > 0 else None

    def _become_ready(self, pod: Json) -> None:
        now = self._desk.now()
        status = with_condition(pod["status"], now, "Ready", "True")
        status = with_condition(status, now, "ContainersReady", "True")
        status["containerStatuses"] = _container_statuses(pod, now, ready=True)
        self._desk.set_status(pod, "pods", status)

    def _succeed(self, pod: Json) -> None:
        now = self._desk.now()
        status = with_condition(pod["status"], now, "Ready", "False", "PodCompleted")
        status = with_condition(status, now, "ContainersReady", "False", "PodCompleted")
        self._desk.set_status(pod, "pods", {**status, "phase": "Succeeded"})

    def _addresses(self, pod: Json) -> list[str]:
        node = pod["spec"]["nodeName"]
        if at_path(pod, "spec.hostNetwork"):
            return self._node_addresses(node)
        return [pool.take(pod["metadata"]["uid"]) for pool in self._pools_of(node)]

    def _node_addresses(self, name: str) -> list[str]:
        node = self._desk.get("nodes", name) or {}
        entries = at_path(node, "status.addresses") or []
        return [entry["address"] for entry in entries if entry["type"] == "InternalIP"] or ["127.0.0.1"]

    def _pools_of(self, node: str) -> list[AddressPool]:
        if node not in self._pools:
            ranges = at_path(self._desk.get("nodes", node) or {}, "spec.podCIDRs") or []
            if not ranges:
                raise PoolExhaustedError(node)
            self._pools[node] = [AddressPool(cidr) for cidr in ranges[: self._desk.options.families]]
        return self._pools[node]

    def _pod_changed(self, change: Change) -> Iterable[str]:
        data, key = change.record.data, change.record.key
        node, uid = at_path(data, "spec.nodeName", ""), data["metadata"]["uid"]
        if change.type == "DELETED":
            self._on_node[node].discard(key)
            self._desk.forget(uid, *STEPS)
        elif node:
            self._on_node[node].add(key)
        if change.type == "DELETED" or at_path(data, "status.phase") in ("Succeeded", "Failed"):
            for pool in self._pools.get(node, ()):
                pool.release(uid)
        return [key]

    def _node_changed(self, change: Change) -> Iterable[str]:
        name = change.record.key
        if change.type == "DELETED":
            self._pools.pop(name, None)
            return sorted(self._on_node[name])
        if change.previous is not None and _same_node(change.previous.data, change.record.data):
            return []
        waiting = [pod for pod in self._desk.all("pods") if at_path(pod, "spec.nodeName", name) == name]
        return [object_key(pod) for pod in waiting if at_path(pod, "status.phase") == "Pending"]


def is_schedulable(node: Json) -> bool:
    """Whether new Pods may go to a node: not cordoned, Ready (or silent about it), staying."""
    silent = not at_path(node, "status.conditions")
    return (
        not at_path(node, "spec.unschedulable")
        and (silent or is_true(node, "Ready"))
        and not is_deleting(node)
    )


def is_active(pod: Json) -> bool:
    """Whether a Pod counts for its controller: neither terminal nor going."""
    return not is_deleting(pod) and at_path(pod, "status.phase") not in ("Succeeded", "Failed")


def pod_from_template(owner: Json, template: Json, labels: Json, **metadata: Any) -> Json:
    """A new Pod of a controller."""
    source = template.get("metadata") or {}
    meta = {
        "namespace": owner["metadata"]["namespace"],
        "labels": {**(source.get("labels") or {}), **labels},
        "annotations": source.get("annotations") or {},
        **metadata,
    }
    return {"metadata": meta, "spec": template["spec"]}


def owner_key(kind: str) -> Any:
    """An interest: the key of the controller of that kind that a changed object belongs to."""

    def interest(change: Change) -> list[str]:
        owner = controller_of(change.record.data) or {}
        if owner.get("kind") != kind:
            return []
        return [key_of(change.record.data["metadata"].get("namespace", ""), owner["name"])]

    return interest


def _same_node(old: Json, new: Json) -> bool:
    return (
        is_schedulable(old) == is_schedulable(new)
        and old.get("spec") == new.get("spec")
        and at_path(old, "metadata.labels") == at_path(new, "metadata.labels")
    )


def _container_statuses(pod: Json, now: str, *, ready: bool) -> list[Json]:
    return [
        {
            "name": container["name"],
            "image": container.get("image", ""),
            "imageID": "",
            "ready": ready,
            "started": ready,
            "restartCount": 0,
            "state": {"running": {"startedAt": now}},
            "lastState": {},
        }
        for container in pod["spec"]["containers"]
    ]
