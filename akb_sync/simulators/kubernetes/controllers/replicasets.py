"""ReplicaSets: as many Pods as the spec says, the least useful ones deleted first."""

from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.controllers.pods import is_active, owner_key, pod_from_template
from akb_sync.simulators.kubernetes.objects import at_path, is_deleting, is_true, owner_reference

Json = dict[str, Any]


class ReplicaSetController:
    """Keeps the number of Pods of each ReplicaSet."""

    name = "replicasets"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.interests = {
            "replicasets.apps": lambda change: [change.record.key],
            "pods": owner_key("ReplicaSet"),
        }

    def reconcile(self, key: str) -> None:
        """Create or delete Pods, then report."""
        replica_set = self._desk.get("replicasets", key)
        if replica_set is None:
            return
        pods = [pod for pod in self._desk.controlled(replica_set, "pods") if is_active(pod)]
        if not is_deleting(replica_set):
            missing = at_path(replica_set, "spec.replicas", 0) - len(pods)
            pods += [self._desk.create("pods", self._new_pod(replica_set)) for _ in range(missing)]
            for pod in sorted(pods, key=_usefulness)[: max(-missing, 0)]:
                self._desk.delete(pod, "pods")
                pods.remove(pod)
        self._report(replica_set, pods)

    def _new_pod(self, replica_set: Json) -> Json:
        base = replica_set["metadata"]["name"] + "-"
        owners = [owner_reference(replica_set)]
        template = replica_set["spec"]["template"]
        return pod_from_template(replica_set, template, {}, generateName=base, ownerReferences=owners)

    def _report(self, replica_set: Json, pods: list[Json]) -> None:
        ready = sum(is_true(pod, "Ready") for pod in pods)
        status = {
            "replicas": len(pods),
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "observedGeneration": replica_set["metadata"]["generation"],
        }
        status = {name: count for name, count in status.items() if count or name == "replicas"}
        self._desk.set_status(replica_set, "replicasets", status)


def _usefulness(pod: Json) -> tuple[bool, bool, bool, int]:
    """Sorts what is to go first to the front: without node, not running, not Ready, and the youngest."""
    return (
        bool(at_path(pod, "spec.nodeName")),
        at_path(pod, "status.phase") == "Running",
        is_true(pod, "Ready"),
        -_age_rank(pod),
    )


def _age_rank(pod: Json) -> int:
    # Creation times are whole seconds; the suffix of the name breaks ties the same way in each run.
    created = pod["metadata"]["creationTimestamp"]
    return int("".join(character for character in created if character.isdigit()))
