"""Which workloads a label selector means. The API server itself evaluates it, so its whole syntax works.

This narrows what a person is shown, and never what the engine reads.
"""

from __future__ import annotations

from .api import KubeApi

_WORKLOADS = ("deployments", "statefulsets", "daemonsets")
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def select(connection: KubeApi, selector: str) -> frozenset[str]:
    """Give the UIDs of the workloads that `selector` means, in all namespaces.

    Raises:
        KubernetesError: The selector is malformed, or the workloads cannot be listed.
    """
    found: set[str] = set()
    for plural in _WORKLOADS:
        answer = connection.get(f"/apis/apps/v1/{plural}", {"labelSelector": selector}, accept=_METADATA_ONLY)
        # An empty list of metadata has `null` for its items (seen on kube-apiserver 1.34).
        found.update(item["metadata"]["uid"] for item in answer.get("items") or ())
    return frozenset(found)
