"""The objects that stories are made of, as documents for the API."""

from collections.abc import Mapping
from typing import Any

from tests.e2e.matrix.oracle import ANNOTATION

Document = dict[str, Any]

_COLLECTIONS = {
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "StatefulSet": "/apis/apps/v1/namespaces/{}/statefulsets",
    "DaemonSet": "/apis/apps/v1/namespaces/{}/daemonsets",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "Service": "/api/v1/namespaces/{}/services",
    "Pod": "/api/v1/namespaces/{}/pods",
}


def collection(document: Mapping[str, Any], namespace: str) -> str:
    """Where an object of this kind is posted to."""
    return _COLLECTIONS[document["kind"]].format(namespace)


def deployment(name: str, replicas: int, annotation: str | None = None, **spec: Any) -> Document:
    return _workload("Deployment", name, annotation, replicas=replicas, **spec)


def statefulset(name: str, replicas: int, annotation: str | None = None) -> Document:
    return _workload("StatefulSet", name, annotation, replicas=replicas, serviceName=name)


def daemonset(name: str, annotation: str | None = None) -> Document:
    return _workload("DaemonSet", name, annotation)


def service(name: str, *, of: str = "", **spec: Any) -> Document:
    """A LoadBalancer Service before the workload `of` (or of its own name)."""
    chosen = {"type": "LoadBalancer", "selector": {"app": of or name}, "ports": [{"port": 80}]} | spec
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": chosen}


def job(name: str, *, label: str, parallelism: int, run_for: str) -> Document:
    """A Job whose Pods bear the label of a workload and run for a while."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {
            "parallelism": parallelism,
            "completions": parallelism,
            "template": {
                "metadata": {
                    "labels": {"app": label},
                    "annotations": {"e2e.akb-sync.test/run-for": run_for},
                },
                "spec": {"restartPolicy": "Never", **_containers(name)},
            },
        },
    }


def _workload(kind: str, name: str, annotation: str | None, **spec: Any) -> Document:
    labels = {"app": name}
    metadata: Document = {"name": name, "labels": labels}
    if annotation is not None:
        metadata["annotations"] = {ANNOTATION: annotation}
    template = {"metadata": {"labels": labels}, "spec": _containers(name)}
    chosen = {"selector": {"matchLabels": labels}, "template": template} | spec
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": chosen}


def _containers(name: str) -> Document:
    return {"containers": [{"name": name, "image": f"registry.example/{name}:1"}]}
