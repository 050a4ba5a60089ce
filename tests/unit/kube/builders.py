"""Kubernetes objects as the API sends them, a clock that is turned by hand, and an API of written answers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from akb_sync.errors import KubernetesError
from akb_sync.kube.api import EventStream
from akb_sync.kube.facts import AnnotationKeys, Facts, resource_version
from akb_sync.kube.resources import resources
from akb_sync.kube.store import Snapshot, Store
from akb_sync.model import Source

KEY = "aci.haystacknetworks.com/l3o"
KEYS = AnnotationKeys(KEY)
KIND_OF = {
    "Deployment": Source.DEPLOYMENTS,
    "StatefulSet": Source.STATEFULSETS,
    "DaemonSet": Source.DAEMONSETS,
    "ReplicaSet": Source.REPLICASETS,
    "Pod": Source.PODS,
    "Service": Source.SERVICES,
}
RESOURCES = {resource.source: resource for resource in resources(KEYS)}
Json = dict[str, Any]


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def turn(self, seconds: float) -> None:
        self.time += seconds


def ask(epg: str = "EPG", **more: Any) -> str:
    """An annotation's text."""
    return json.dumps({"tenant": "TEN", "l3out": "OUT", "epg": epg} | more)


def owner(item: Json) -> list[Json]:
    """ownerReferences to a controller."""
    return [{"kind": item["kind"], "name": name(item), "uid": uid(item), "controller": True}]


def name(item: Json) -> str:
    return str(item["metadata"]["name"])


def uid(item: Json) -> str:
    return str(item["metadata"]["uid"])


def workload(
    title: str = "web",
    annotation: str | None = None,
    *,
    kind: str = "Deployment",
    namespace: str = "shop",
    created: str = "2026-01-01T00:00:00Z",
    labels: Mapping[str, str] | None = None,
    paused: bool = False,
    replicas: int = 0,
    version: int = 1,
) -> Json:
    annotations = {} if annotation is None else {KEY: annotation}
    if paused:
        annotations["aci.haystacknetworks.com/paused"] = "true"
    return {
        "kind": kind,
        "metadata": _meta(title, namespace, kind, created, version) | {"annotations": annotations},
        "spec": {"template": {"metadata": {"labels": dict(labels or {"app": title})}}},
        "status": {"replicas": replicas},
    }


def replicaset(parent: Json | None, title: str = "web-1", namespace: str = "shop") -> Json:
    meta = _meta(title, namespace, "ReplicaSet", "2026-01-01T00:00:00Z", 1)
    return {"kind": "ReplicaSet", "metadata": meta | {"ownerReferences": owner(parent) if parent else []}}


def pod(
    title: str,
    parent: Json | None,
    *ips: str,
    namespace: str = "shop",
    created: str = "2026-01-01T00:00:00Z",
    phase: str = "Running",
    host_network: bool = False,
    deleting: bool = False,
    version: int = 1,
) -> Json:
    meta = _meta(title, namespace, "Pod", created, version)
    if deleting:
        meta["deletionTimestamp"] = created
    return {
        "kind": "Pod",
        "metadata": meta | {"ownerReferences": owner(parent) if parent else []},
        "spec": {"hostNetwork": host_network},
        "status": {"phase": phase, "podIPs": [{"ip": ip} for ip in ips]},
    }


def service(
    title: str,
    *ips: str,
    namespace: str = "shop",
    selector: Mapping[str, str] | None = None,
    kind: str = "LoadBalancer",
    hostnames: tuple[str, ...] = (),
    deleting: bool = False,
    version: int = 1,
) -> Json:
    meta = _meta(title, namespace, "Service", "2026-01-01T00:00:00Z", version)
    if deleting:
        meta["deletionTimestamp"] = "2026-01-02T00:00:00Z"
    ingress = [{"ip": ip} for ip in ips] + [{"hostname": host} for host in hostnames]
    return {
        "kind": "Service",
        "metadata": meta,
        "spec": {"type": kind, "selector": {"app": "web"} if selector is None else dict(selector)},
        "status": {"loadBalancer": {"ingress": ingress}},
    }


def _meta(title: str, namespace: str, kind: str, created: str, version: int) -> Json:
    return {
        "name": title,
        "namespace": namespace,
        "uid": f"{kind}:{namespace}/{title}",
        "creationTimestamp": created,
        "resourceVersion": str(version),
    }


def facts_of(item: Json) -> Facts:
    """The projection of one object."""
    facts = RESOURCES[KIND_OF[item["kind"]]].project(item)
    assert facts is not None
    return facts


def fill(store: Store, *items: Json, at: float = 1000.0) -> None:
    """List every kind: what is given, and nothing else."""
    by_source: defaultdict[Source, list[tuple[Facts, int]]] = defaultdict(list)
    for item in items:
        by_source[KIND_OF[item["kind"]]].append((facts_of(item), resource_version(item)))
    for source in Source:
        store.replace(source, by_source[source], at)


def world(*items: Json) -> Snapshot:
    """A snapshot of a cluster that has these objects."""
    store = Store(HandClock())
    fill(store, *items)
    return store.snapshot()


class Events:
    """A watch that gives written events; an exception among them is raised, a function is called."""

    def __init__(self, *events: Json | Exception | Callable[[], None]) -> None:
        self._events = events
        self.closed = False

    def __iter__(self) -> Iterator[Json]:
        for event in self._events:
            if isinstance(event, Exception):
                raise event
            if callable(event):
                event()
                continue
            yield event

    def close(self) -> None:
        self.closed = True


class WrittenApi:
    """An API whose answers are written down beforehand, in the order in which they are given."""

    def __init__(self) -> None:
        self.answers: list[Json | KubernetesError] = []
        self.watches: list[Events | KubernetesError] = []
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.timeouts: list[float] = []

    def get(self, path: str, params: Mapping[str, str] | None = None, accept: str | None = None) -> Json:
        del accept
        self.asked.append((path, dict(params or {})))
        answer = self.answers.pop(0)
        if isinstance(answer, KubernetesError):
            raise answer
        return answer

    def stream(
        self, path: str, params: Mapping[str, str], accept: str | None, read_timeout: float
    ) -> EventStream:
        del accept
        self.asked.append((path, dict(params)))
        self.timeouts.append(read_timeout)
        watch = self.watches.pop(0)
        if isinstance(watch, KubernetesError):
            raise watch
        return watch

    @property
    def lists(self) -> list[Mapping[str, str]]:
        return [params for _, params in self.asked if "watch" not in params]

    @property
    def watched_from(self) -> list[str]:
        return [params["resourceVersion"] for _, params in self.asked if "watch" in params]


def page(*items: Json, version: int = 100, following: str = "") -> Json:
    """One page of a list."""
    meta = {"resourceVersion": str(version)} | ({"continue": following} if following else {})
    return {"kind": "List", "metadata": meta, "items": list(items)}


def event(kind: str, item: Json, version: int | None = None) -> Json:
    """One watch event."""
    if version is not None:
        item = item | {"metadata": item["metadata"] | {"resourceVersion": str(version)}}
    return {"type": kind, "object": item}


def bookmark(version: int) -> Json:
    return {"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": str(version)}}}


def gone_event() -> Json:
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
    return {"type": "ERROR", "object": status}
