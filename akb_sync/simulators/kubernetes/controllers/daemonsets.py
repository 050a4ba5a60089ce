"""DaemonSets: one Pod on each node, cordoned or not; updated a few nodes at a time."""

from collections.abc import Iterable
from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.controllers.pods import owner_key, pod_from_template
from akb_sync.simulators.kubernetes.naming import template_hash
from akb_sync.simulators.kubernetes.objects import (
    at_path,
    is_deleting,
    is_true,
    labels_of,
    object_key,
    owner_reference,
)
from akb_sync.simulators.kubernetes.storage import Change

Json = dict[str, Any]

REVISION = "controller-revision-hash"


class DaemonSetController:
    """Keeps one Pod per node."""

    name = "daemonsets"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.interests = {
            "daemonsets.apps": lambda change: [change.record.key],
            "pods": owner_key("DaemonSet"),
            "nodes": self._node_changed,
        }

    def reconcile(self, key: str) -> None:
        """Make what is missing, replace what is old, report."""
        daemon_set = self._desk.get("daemonsets", key)
        if daemon_set is None:
            return
        nodes = self._nodes(daemon_set)
        if not is_deleting(daemon_set):
            self._step(daemon_set, nodes)
        self._report(daemon_set, nodes)

    def _step(self, daemon_set: Json, nodes: list[str]) -> None:
        pods = {at_path(pod, "spec.nodeName"): pod for pod in self._desk.controlled(daemon_set, "pods")}
        for node in nodes:
            if node not in pods:
                self._desk.create("pods", self._new_pod(daemon_set, node))
        for node, pod in pods.items():
            if node not in nodes and not is_deleting(pod):
                self._desk.delete(pod, "pods")
        if at_path(daemon_set, "spec.updateStrategy.type") != "OnDelete":
            self._update(daemon_set, [pods[node] for node in nodes if node in pods], len(nodes))

    def _update(self, daemon_set: Json, pods: list[Json], wanted: int) -> None:
        limit = at_path(daemon_set, "spec.updateStrategy.rollingUpdate.maxUnavailable", 1)
        allowed = limit if isinstance(limit, int) else max(wanted * int(limit.rstrip("%")) // 100, 1)
        spare = allowed - (wanted - sum(is_true(pod, "Ready") and not is_deleting(pod) for pod in pods))
        revision = template_hash(daemon_set["spec"]["template"])
        old = [pod for pod in pods if labels_of(pod).get(REVISION) != revision and not is_deleting(pod)]
        for pod in old[: max(spare, 0)]:
            self._desk.delete(pod, "pods")

    def _new_pod(self, daemon_set: Json, node: str) -> Json:
        template = daemon_set["spec"]["template"]
        labels = {REVISION: template_hash(template), "pod-template-generation": "1"}
        owners = [owner_reference(daemon_set)]
        base = daemon_set["metadata"]["name"] + "-"
        pod = pod_from_template(daemon_set, template, labels, generateName=base, ownerReferences=owners)
        return {**pod, "spec": {**pod["spec"], "nodeName": node}}

    def _nodes(self, daemon_set: Json) -> list[str]:
        wanted = at_path(daemon_set, "spec.template.spec.nodeSelector") or {}
        return [
            node["metadata"]["name"]
            for node in self._desk.all("nodes")
            if not is_deleting(node)
            and all(labels_of(node).get(key) == value for key, value in wanted.items())
        ]

    def _report(self, daemon_set: Json, nodes: list[str]) -> None:
        pods = [pod for pod in self._desk.controlled(daemon_set, "pods") if not is_deleting(pod)]
        on_nodes = [pod for pod in pods if at_path(pod, "spec.nodeName") in nodes]
        ready = sum(is_true(pod, "Ready") for pod in on_nodes)
        revision = template_hash(daemon_set["spec"]["template"])
        status = {
            "currentNumberScheduled": len(on_nodes),
            "numberMisscheduled": len(pods) - len(on_nodes),
            "desiredNumberScheduled": len(nodes),
            "numberReady": ready,
            "observedGeneration": daemon_set["metadata"]["generation"],
            "updatedNumberScheduled": sum(labels_of(pod).get(REVISION) == revision for pod in on_nodes),
            "numberAvailable": ready,
        }
        if len(nodes) > ready:
            status["numberUnavailable"] = len(nodes) - ready
        self._desk.set_status(daemon_set, "daemonsets", status)

    def _node_changed(self, change: Change) -> Iterable[str]:
        before = change.previous.data if change.previous else {}
        if change.type == "MODIFIED" and labels_of(before) == labels_of(change.record.data):
            return []
        return [object_key(daemon_set) for daemon_set in self._desk.all("daemonsets")]
