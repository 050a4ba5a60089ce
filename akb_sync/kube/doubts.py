"""Why an empty list of a kind is not believed: what the other kinds say against it.

A broken aggregator, a wrong view or a proxy answers HTTP 200 with nothing. Where another kind's objects
speak of what the list should have held, the plan asks a person before it removes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from akb_sync.model import Source

from .facts import Facts, PodFacts, ReplicaSetFacts, WorkloadFacts

Contents = Mapping[Source, Mapping[str, Facts]]

_OWNERS: Mapping[Source, tuple[str, Source]] = {
    Source.REPLICASETS: ("ReplicaSet", Source.PODS),
    Source.STATEFULSETS: ("StatefulSet", Source.PODS),
    Source.DAEMONSETS: ("DaemonSet", Source.PODS),
    Source.DEPLOYMENTS: ("Deployment", Source.REPLICASETS),
}
"""The kinds that own: how owner references name them, and whose references tell."""
_WORKLOADS = (Source.DEPLOYMENTS, Source.STATEFULSETS, Source.DAEMONSETS)


def doubts(empty: Iterable[Source], contents: Contents) -> dict[Source, str]:
    """Say why kinds that were listed `empty` are not believed; those that are believed are left out."""
    found = {source: _CHECKS[source](contents) for source in empty}
    return {source: f"{source} are listed empty, and {why}" for source, why in found.items() if why}


def _pods(contents: Contents) -> str:
    for source in _WORKLOADS:
        for facts in contents[source].values():
            if isinstance(facts, WorkloadFacts) and facts.reports_replicas:
                return f"the status of {facts.ref} reports replicas"
    return ""


def _services(_contents: Contents) -> str:
    # The API server itself keeps this Service: kubernetes.io, "The default Service for the API server".
    return "every cluster has the Service default/kubernetes"


def _owned(source: Source) -> Callable[[Contents], str]:
    kind, tells = _OWNERS[source]

    def check(contents: Contents) -> str:
        for facts in contents[tells].values():
            if isinstance(facts, PodFacts | ReplicaSetFacts) and facts.owner and facts.owner.kind == kind:
                return f"{facts.ref} is owned by one"
        return ""

    return check


_CHECKS: Mapping[Source, Callable[[Contents], str]] = {
    Source.PODS: _pods,
    Source.SERVICES: _services,
    **{source: _owned(source) for source in _OWNERS},
}
