"""The six kinds that are read: where each stands in the API, and how it is projected.

ReplicaSets are only the link from a Pod to its Deployment, so the API server is asked for their
metadata alone (`PartialObjectMetadata`, Kubernetes API concepts: "Alternate representations of
resources"); a server that sends whole objects all the same is understood too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from akb_sync.model import Source

from .facts import AnnotationKeys, Facts, pod_facts, replicaset_facts, service_facts, workload_facts

JSON = "application/json"
_METADATA_LIST = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"
_METADATA = f"{JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,{JSON}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind: its path for all namespaces, what is asked for, and what is kept."""

    source: Source
    kind: str
    path: str
    project: Callable[[object], Facts | None]
    list_accept: str = JSON
    watch_accept: str = JSON


def resources(keys: AnnotationKeys) -> tuple[Resource, ...]:
    """Give all kinds, with projections that look at these annotations."""

    def workload(source: Source, kind: str) -> Resource:
        return Resource(
            source,
            kind,
            f"/apis/apps/v1/{source.value}",
            lambda item: workload_facts(item, kind, keys),
        )

    return (
        workload(Source.DEPLOYMENTS, "Deployment"),
        workload(Source.STATEFULSETS, "StatefulSet"),
        workload(Source.DAEMONSETS, "DaemonSet"),
        Resource(
            Source.REPLICASETS,
            "ReplicaSet",
            "/apis/apps/v1/replicasets",
            replicaset_facts,
            list_accept=_METADATA_LIST,
            watch_accept=_METADATA,
        ),
        Resource(Source.PODS, "Pod", "/api/v1/pods", pod_facts),
        Resource(Source.SERVICES, "Service", "/api/v1/services", service_facts),
    )
