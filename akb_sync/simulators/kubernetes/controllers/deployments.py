"""Deployments: one ReplicaSet per Pod template, and rolling updates from the old ones to the new one."""

import math
from collections.abc import Iterable
from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk, with_condition
from akb_sync.simulators.kubernetes.controllers.pods import owner_key
from akb_sync.simulators.kubernetes.naming import template_hash
from akb_sync.simulators.kubernetes.objects import (
    annotations_of,
    at_path,
    controller_of,
    is_deleting,
    key_of,
    owner_reference,
)
from akb_sync.simulators.kubernetes.storage import Change

Json = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
_OF_REPLICA_SET = owner_key("ReplicaSet")


class DeploymentController:
    """Scales ReplicaSets up and down within maxSurge and maxUnavailable."""

    name = "deployments"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.interests = {
            "deployments.apps": lambda change: [change.record.key],
            "replicasets.apps": owner_key("Deployment"),
            "pods": self._pod_gone,
        }

    def reconcile(self, key: str) -> None:
        """One step of a rollout, then the status."""
        deployment = self._desk.get("deployments", key)
        if deployment is None:
            return
        if not is_deleting(deployment):
            deployment = self._roll(deployment)
        self._report(deployment)

    def _pod_gone(self, change: Change) -> Iterable[str]:
        """Recreate waits for the last Pod, which a ReplicaSet no longer counts once it is going."""
        if change.type != "DELETED":
            return []
        found = _OF_REPLICA_SET(change)
        replica_set = self._desk.get("replicasets", found[0]) if found else None
        owner = controller_of(replica_set) if replica_set else None
        return [key_of(change.record.data["metadata"]["namespace"], owner["name"])] if owner else []

    def _roll(self, deployment: Json) -> Json:
        new, old = self._sets(deployment)
        if new is None:
            if at_path(deployment, "spec.paused"):
                return deployment
            new = self._new_set(deployment, old)
        deployment, new = self._number(deployment, new, old)
        if at_path(deployment, "spec.strategy.type") == "Recreate":
            self._recreate(deployment, new, old)
        else:
            self._rolling(deployment, new, old)
        self._clean(deployment, old)
        return deployment

    def _sets(self, deployment: Json) -> tuple[Json | None, list[Json]]:
        wanted = template_hash(deployment["spec"]["template"])
        sets = self._desk.controlled(deployment, "replicasets")
        new = next((item for item in sets if item["metadata"]["labels"].get(HASH) == wanted), None)
        return new, [item for item in sets if item is not new]

    def _new_set(self, deployment: Json, old: list[Json]) -> Json:
        spec = deployment["spec"]
        digest = template_hash(spec["template"])
        template_meta = spec["template"].get("metadata") or {}
        labels = {**(template_meta.get("labels") or {}), HASH: digest}
        selector = spec["selector"]
        matching = {**(selector.get("matchLabels") or {}), HASH: digest}
        data = {
            "metadata": {
                "name": f"{deployment['metadata']['name']}-{digest}",
                "namespace": deployment["metadata"]["namespace"],
                "labels": labels,
                "annotations": {REVISION: str(1 + max((_revision(item) for item in old), default=0))},
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {
                "replicas": 0,
                "selector": {**selector, "matchLabels": matching},
                "template": {**spec["template"], "metadata": {**template_meta, "labels": labels}},
            },
        }
        return self._desk.create("replicasets", data)

    def _number(self, deployment: Json, new: Json, old: list[Json]) -> tuple[Json, Json]:
        newest = max((_revision(item) for item in old), default=0)
        number = str(max(_revision(new), newest + 1))
        return self._annotate(deployment, "deployments", number), self._annotate(new, "replicasets", number)

    def _annotate(self, data: Json, plural: str, number: str) -> Json:
        if annotations_of(data).get(REVISION) == number:
            return data
        return self._desk.change(
            data,
            plural,
            lambda present: {
                **present,
                "metadata": {
                    **present["metadata"],
                    "annotations": {**annotations_of(present), REVISION: number},
                },
            },
        )

    def _recreate(self, deployment: Json, new: Json, old: list[Json]) -> None:
        for item in old:
            self._scale(item, 0)
        pods = [pod for item in old for pod in self._desk.controlled(item, "pods")]
        if not pods:
            self._scale(new, deployment["spec"]["replicas"])

    def _rolling(self, deployment: Json, new: Json, old: list[Json]) -> None:
        wanted = deployment["spec"]["replicas"]
        surge, unavailable = limits(deployment)
        total = sum(item["spec"]["replicas"] for item in [new, *old])
        present = new["spec"]["replicas"]
        room = max(wanted + surge - total, 0) if old and total > present else wanted
        new = self._scale(new, min(wanted, present + room) if present < wanted else wanted)
        spare = sum(_available(item) for item in [new, *old]) - (wanted - unavailable)
        for item in sorted(old, key=_revision):
            spare -= self._shrink(item, spare)

    def _shrink(self, item: Json, spare: int) -> int:
        """Scale an old ReplicaSet down: what is not available at once, what is as far as it can be spared."""
        replicas: int = item["spec"]["replicas"]
        broken = max(replicas - _available(item), 0)
        step = min(max(spare, 0), replicas - broken)
        self._scale(item, replicas - broken - step)
        return step

    def _scale(self, item: Json, replicas: int) -> Json:
        if item["spec"]["replicas"] == replicas:
            return item
        return self._desk.change(
            item, "replicasets", lambda data: {**data, "spec": {**data["spec"], "replicas": replicas}}
        )

    def _clean(self, deployment: Json, old: list[Json]) -> None:
        empty = [
            item for item in old if not item["spec"]["replicas"] and not at_path(item, "status.replicas", 0)
        ]
        surplus = len(empty) - at_path(deployment, "spec.revisionHistoryLimit", 10)
        for item in sorted(empty, key=_revision)[: max(surplus, 0)]:
            self._desk.delete(item, "replicasets")

    def _report(self, deployment: Json) -> None:
        new, old = self._sets(deployment)
        sets = [item for item in [new, *old] if item is not None]
        wanted = deployment["spec"]["replicas"]
        counts = {
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": sum(at_path(item, "status.replicas", 0) for item in sets),
            "updatedReplicas": at_path(new or {}, "status.replicas", 0),
            "readyReplicas": sum(at_path(item, "status.readyReplicas", 0) for item in sets),
            "availableReplicas": sum(_available(item) for item in sets),
        }
        counts["unavailableReplicas"] = max(max(counts["replicas"], wanted) - counts["availableReplicas"], 0)
        status = {name: count for name, count in counts.items() if count}
        if deployment.get("status", {}).get("conditions"):
            status["conditions"] = deployment["status"]["conditions"]
        self._desk.set_status(deployment, "deployments", self._conditions(deployment, status, counts))

    def _conditions(self, deployment: Json, status: Json, counts: dict[str, int]) -> Json:
        now, wanted = self._desk.now(), deployment["spec"]["replicas"]
        enough = counts["availableReplicas"] >= wanted - limits(deployment)[1]
        done = counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted
        available = (
            ("True", "MinimumReplicasAvailable") if enough else ("False", "MinimumReplicasUnavailable")
        )
        status = with_condition(status, now, "Available", *available)
        progress = "NewReplicaSetAvailable" if done else "ReplicaSetUpdated"
        return with_condition(status, now, "Progressing", "True", progress)


def limits(deployment: Json) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) in Pods: surge rounded up, unavailable down, never both zero."""
    wanted = deployment["spec"]["replicas"]
    rolling = at_path(deployment, "spec.strategy.rollingUpdate") or {}
    surge = _amount(rolling.get("maxSurge", "25%"), wanted, math.ceil)
    unavailable = _amount(rolling.get("maxUnavailable", "25%"), wanted, math.floor)
    return surge, unavailable if surge or unavailable else 1


def _amount(value: int | str, of: int, rounding: Any) -> int:
    if isinstance(value, int):
        return value
    return int(rounding(of * int(value.rstrip("%")) / 100)) if value.endswith("%") else int(value)


def _available(item: Json) -> int:
    # Never more than what the spec still asks for: a Pod that is on its way out is not to be counted twice.
    return min(int(at_path(item, "status.availableReplicas", 0)), int(item["spec"]["replicas"]))


def _revision(item: Json) -> int:
    return int(annotations_of(item).get(REVISION, 0))
