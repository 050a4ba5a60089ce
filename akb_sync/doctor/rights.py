"""Which rights an engine needs on the cluster, and how it asks whether it has them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from akb_sync.kube import KubeConnection

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True)
class Right:
    """One verb on one resource; in all namespaces where none is named."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        """Say it as RBAC's own messages do."""
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.verb} {self.resource}{where}"

    @property
    def question(self) -> str:
        """The command that asks the same."""
        group = f".{self.group}" if self.group else ""
        place = f"-n {self.namespace}" if self.namespace else "--all-namespaces"
        name = f"/{self.name}" if self.name else ""
        place = "" if self.resource == "namespaces" else f" {place}"
        return f"kubectl auth can-i {self.verb} {self.resource}{group}{name}{place}"

    @property
    def review(self) -> dict[str, Any]:
        """The document that asks the API server."""
        attributes = {
            "verb": self.verb,
            "resource": self.resource,
            "group": self.group,
            "namespace": self.namespace,
            "name": self.name,
        }
        return {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }


APPS = "apps"
READS = (
    *(Right(verb, "pods") for verb in ("list", "watch")),
    *(Right(verb, "services") for verb in ("list", "watch")),
    *(
        Right(verb, resource, APPS)
        for resource in ("deployments", "statefulsets", "daemonsets", "replicasets")
        for verb in ("list", "watch")
    ),
    Right("get", "namespaces", name="kube-system"),
)
"""Without one of these the engine does not see what it has to see."""


def writes(namespace: str) -> tuple[Right, ...]:
    """Give the rights that an engine in a cluster uses beside: Events, its Lease, its state."""
    return (
        Right("create", "events", "events.k8s.io"),
        Right("patch", "events", "events.k8s.io"),
        *(Right(verb, "leases", "coordination.k8s.io", namespace) for verb in ("get", "create", "update")),
        *(Right(verb, "configmaps", "", namespace) for verb in ("get", "create", "patch")),
    )


def missing(connection: KubeConnection, rights: Iterable[Right]) -> list[Right]:
    """Ask for all rights at the same time; give those that we do not have.

    Raises:
        KubernetesError: the reviews themselves are refused, or there is no answer.
    """
    asked = list(rights)
    with ThreadPoolExecutor(8, thread_name_prefix="rights") as pool:
        answers = list(pool.map(lambda right: connection.post(REVIEWS, right.review), asked))
    return [right for right, answer in zip(asked, answers, strict=True) if not _allowed(answer)]


def _allowed(answer: dict[str, Any]) -> bool:
    status = answer.get("status")
    return isinstance(status, dict) and status.get("allowed") is True
