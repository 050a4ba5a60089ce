"""Subresources that are not just a part of the object: scale, eviction and binding."""

from typing import Any

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.deleting import DeleteOptions
from akb_sync.simulators.kubernetes.names import bad_value
from akb_sync.simulators.kubernetes.objects import at_path, timestamp
from akb_sync.simulators.kubernetes.resources import Resource

Json = dict[str, Any]


def scale_of(data: Json) -> Json:
    """The `autoscaling/v1` Scale of a workload."""
    meta = data["metadata"]
    labels = at_path(data, "spec.selector.matchLabels") or {}
    fields = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: meta[field] for field in fields if field in meta},
        "spec": {"replicas": at_path(data, "spec.replicas", 0)},
        "status": {
            "replicas": at_path(data, "status.replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(labels.items())),
        },
    }


def with_scale(data: Json, scale: Json) -> Json:
    """The workload with the replicas of a Scale; raises ApiError 409 or 422."""
    replicas = at_path(scale, "spec.replicas", 0)
    name = data["metadata"]["name"]
    if not isinstance(replicas, int) or replicas < 0:
        cause = bad_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise errors.invalid_kind("autoscaling", "Scale", name, [cause])
    scaled = {**data, "spec": {**data["spec"], "replicas": replicas}}
    version = at_path(scale, "metadata.resourceVersion")
    scaled["metadata"] = {
        **data["metadata"],
        "resourceVersion": version or data["metadata"]["resourceVersion"],
    }
    return scaled


def evict(api: Api, resource: Resource, namespace: str, name: str, body: Json) -> Json:
    """Delete a Pod by the Eviction API; there are no disruption budgets here."""
    if at_path(body, "metadata.name", name) != name:
        raise errors.bad_request("name in URL does not match name in Eviction object")
    api.delete(resource, namespace, name, DeleteOptions.read(body.get("deleteOptions") or {}, {}))
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}


def bind(api: Api, resource: Resource, namespace: str, name: str, body: Json) -> Json:
    """Put a Pod on a Node, once: what a scheduler does."""
    if at_path(body, "metadata.name") != name:
        raise errors.bad_request("name in URL does not match name in Binding object")
    node = at_path(body, "target.name", "")

    def change(data: Json) -> Json:
        if at_path(data, "spec.nodeName"):
            why = f'pod {name} is already assigned to node "{data["spec"]["nodeName"]}"'
            raise errors.conflict(resource, name, why)
        scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": timestamp(api.clock())}
        conditions = [
            entry for entry in at_path(data, "status.conditions") or [] if entry["type"] != "PodScheduled"
        ]
        status = {**data.get("status", {}), "conditions": [*conditions, scheduled]}
        return {**data, "spec": {**data["spec"], "nodeName": node}, "status": status}

    api.patch(resource, namespace, name, change, subresource="binding")
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
