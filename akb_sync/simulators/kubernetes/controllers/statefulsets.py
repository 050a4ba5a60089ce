"""StatefulSets: Pods with stable names, made in order and taken away from the highest number down."""

from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.controllers.pods import owner_key, pod_from_template
from akb_sync.simulators.kubernetes.naming import template_hash
from akb_sync.simulators.kubernetes.objects import at_path, is_deleting, is_true, labels_of, owner_reference

Json = dict[str, Any]

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
REVISION = "controller-revision-hash"


class StatefulSetController:
    """Does at most one thing at a time, unless `podManagementPolicy` is Parallel."""

    name = "statefulsets"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.interests = {
            "statefulsets.apps": lambda change: [change.record.key],
            "pods": owner_key("StatefulSet"),
        }

    def reconcile(self, key: str) -> None:
        """One step, then the status."""
        stateful_set = self._desk.get("statefulsets", key)
        if stateful_set is None:
            return
        if not is_deleting(stateful_set):
            self._step(stateful_set)
        self._report(stateful_set)

    def _step(self, stateful_set: Json) -> None:
        pods = self._pods(stateful_set)
        parallel = at_path(stateful_set, "spec.podManagementPolicy") == "Parallel"
        wanted = stateful_set["spec"]["replicas"]
        for ordinal in range(wanted):
            pod = pods.get(ordinal)
            if pod is None:
                self._desk.create("pods", self._new_pod(stateful_set, ordinal))
            if not parallel and (pod is None or not _is_settled(pod)):
                return
        surplus = sorted((ordinal for ordinal in pods if ordinal >= wanted), reverse=True)
        for ordinal in surplus if parallel else surplus[:1]:
            if not is_deleting(pods[ordinal]):
                self._desk.delete(pods[ordinal], "pods")
        if not surplus:
            self._update(stateful_set, pods)

    def _update(self, stateful_set: Json, pods: dict[int, Json]) -> None:
        if at_path(stateful_set, "spec.updateStrategy.type") == "OnDelete":
            return
        revision = _revision(stateful_set)
        partition = at_path(stateful_set, "spec.updateStrategy.rollingUpdate.partition", 0)
        for ordinal in sorted(pods, reverse=True):
            if ordinal < partition or not _is_settled(pods[ordinal]):
                return
            if labels_of(pods[ordinal]).get(REVISION) != revision:
                self._desk.delete(pods[ordinal], "pods")
                return

    def _pods(self, stateful_set: Json) -> dict[int, Json]:
        prefix = stateful_set["metadata"]["name"] + "-"
        names = {pod["metadata"]["name"]: pod for pod in self._desk.controlled(stateful_set, "pods")}
        return {int(name.removeprefix(prefix)): pod for name, pod in names.items()}

    def _new_pod(self, stateful_set: Json, ordinal: int) -> Json:
        name = f"{stateful_set['metadata']['name']}-{ordinal}"
        partition = at_path(stateful_set, "spec.updateStrategy.rollingUpdate.partition", 0)
        current = at_path(stateful_set, "status.currentRevision")
        revision = current if current and ordinal < partition else _revision(stateful_set)
        labels = {POD_NAME: name, POD_INDEX: str(ordinal), REVISION: revision}
        owners = [owner_reference(stateful_set)]
        pod = pod_from_template(
            stateful_set, stateful_set["spec"]["template"], labels, name=name, ownerReferences=owners
        )
        names = {"hostname": name, "subdomain": stateful_set["spec"].get("serviceName", "")}
        return {**pod, "spec": {**pod["spec"], **names}}

    def _report(self, stateful_set: Json) -> None:
        pods = [pod for pod in self._pods(stateful_set).values() if not is_deleting(pod)]
        revision = _revision(stateful_set)
        ready = sum(is_true(pod, "Ready") for pod in pods)
        updated = sum(labels_of(pod).get(REVISION) == revision for pod in pods)
        complete = updated == len(pods) == ready == stateful_set["spec"]["replicas"]
        current = revision if complete else at_path(stateful_set, "status.currentRevision", revision)
        on_current = sum(labels_of(pod).get(REVISION) == current for pod in pods)
        status = {
            "observedGeneration": stateful_set["metadata"]["generation"],
            "replicas": len(pods),
            "readyReplicas": ready,
            "currentReplicas": on_current,
            "updatedReplicas": updated,
            "currentRevision": current,
            "updateRevision": revision,
            "collisionCount": 0,
            "availableReplicas": ready,
        }
        self._desk.set_status(stateful_set, "statefulsets", status)


def _revision(stateful_set: Json) -> str:
    return f"{stateful_set['metadata']['name']}-{template_hash(stateful_set['spec']['template'])}"


def _is_settled(pod: Json) -> bool:
    return is_true(pod, "Ready") and not is_deleting(pod)
