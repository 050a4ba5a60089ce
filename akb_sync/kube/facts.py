"""The few fields of a Kubernetes object that matter here, as small frozen data.

Keeping whole objects costs hundreds of megabytes on a large cluster (measured on 5,000 Pods), so an
object is projected as it arrives. Projections are total: a field of another shape than the API's is
taken as absent, and an object without a name or UID is no object (None).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from akb_sync.model import ObjectRef
from akb_sync.prefix import host_prefix

from .near_miss import near_miss

_TERMINAL = frozenset({"Succeeded", "Failed"})


@dataclass(frozen=True, slots=True)
class Owner:
    """The controller in an object's `ownerReferences`."""

    kind: str
    uid: str


@dataclass(frozen=True, slots=True)
class PodFacts:
    """What is kept of a Pod."""

    ref: ObjectRef
    created: str
    owner: Owner | None
    prefixes: tuple[str, ...]
    """Canonical prefixes of `status.podIPs`."""
    host_network: bool
    terminal: bool
    """Its phase is Succeeded or Failed: the address may be another's already."""
    deleting: bool

    @property
    def claim_on_address(self) -> tuple[bool, str, str]:
        """Sorts the Pod last that counts, of several with one address: not being deleted, then younger."""
        return (not self.deleting, self.created, self.ref.uid)


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What is kept of a Service."""

    ref: ObjectRef
    created: str
    load_balancer: bool
    selector: frozenset[tuple[str, str]]
    prefixes: tuple[str, ...]
    """Canonical prefixes of `status.loadBalancer.ingress[].ip`."""
    hostnames: tuple[str, ...]
    """Hostnames of ingress points; they are reported, not resolved."""
    deleting: bool

    @property
    def living(self) -> bool:
        """Whether it is a load balancer that is meant to stay one."""
        return self.load_balancer and not self.deleting


@dataclass(frozen=True, slots=True)
class WorkloadFacts:
    """What is kept of a Deployment, StatefulSet or DaemonSet."""

    ref: ObjectRef
    created: str
    annotation: str | None
    """The text of the annotation; None when there is none."""
    paused: bool
    template_labels: frozenset[tuple[str, str]]
    reports_replicas: bool
    """Whether its status speaks of Pods that exist."""
    near_miss: str = ""
    """What is wrong with an annotation that nearly is one of ours; empty when none is."""


@dataclass(frozen=True, slots=True)
class ReplicaSetFacts:
    """What is kept of a ReplicaSet: the link between a Pod and its Deployment."""

    ref: ObjectRef
    owner: Owner | None


Facts = PodFacts | ServiceFacts | WorkloadFacts | ReplicaSetFacts


@dataclass(frozen=True, slots=True)
class AnnotationKeys:
    """The two annotations that are looked at."""

    binding: str

    @property
    def paused(self) -> str:
        """The key `paused` in the domain of the binding's key."""
        domain, slash, _ = self.binding.rpartition("/")
        return f"{domain}{slash}paused"


def resource_version(item: object) -> int:
    """Give `metadata.resourceVersion` as a number to compare, 0 when it is none.

    The text is opaque by the API's older documentation; kube-apiserver has always sent etcd's
    revision, and since Kubernetes 1.35 documents it as comparable.
    """
    return version_number(_text(_mapping(_mapping(item).get("metadata")).get("resourceVersion")))


def version_number(text: str) -> int:
    """Give a resourceVersion as a number, 0 when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0


def pod_facts(item: object, kind: str = "Pod") -> PodFacts | None:
    """Project a Pod."""
    meta, ref = _identity(item, kind)
    if ref is None:
        return None
    status = _mapping(_mapping(item).get("status"))
    return PodFacts(
        ref=ref,
        created=_text(meta.get("creationTimestamp")),
        owner=_controller(meta),
        prefixes=_pod_prefixes(status),
        host_network=_mapping(_mapping(item).get("spec")).get("hostNetwork") is True,
        terminal=status.get("phase") in _TERMINAL if isinstance(status.get("phase"), str) else False,
        deleting=bool(meta.get("deletionTimestamp")),
    )


def service_facts(item: object, kind: str = "Service") -> ServiceFacts | None:
    """Project a Service."""
    meta, ref = _identity(item, kind)
    if ref is None:
        return None
    spec = _mapping(_mapping(item).get("spec"))
    status = _mapping(_mapping(_mapping(item).get("status")).get("loadBalancer"))
    ingress = [_mapping(point) for point in _items(status.get("ingress"))]
    return ServiceFacts(
        ref=ref,
        created=_text(meta.get("creationTimestamp")),
        load_balancer=spec.get("type") == "LoadBalancer",
        selector=_pairs(spec.get("selector")),
        prefixes=_prefixes(point.get("ip") for point in ingress),
        hostnames=tuple(filter(None, (_text(point.get("hostname")) for point in ingress))),
        deleting=bool(meta.get("deletionTimestamp")),
    )


def workload_facts(item: object, kind: str, keys: AnnotationKeys) -> WorkloadFacts | None:
    """Project a Deployment, StatefulSet or DaemonSet."""
    meta, ref = _identity(item, kind)
    if ref is None:
        return None
    annotations = _mapping(meta.get("annotations"))
    template = _mapping(_mapping(_mapping(item).get("spec")).get("template"))
    text = annotations.get(keys.binding)
    return WorkloadFacts(
        ref=ref,
        created=_text(meta.get("creationTimestamp")),
        annotation=text if isinstance(text, str) else None,
        paused=annotations.get(keys.paused) == "true",
        template_labels=_pairs(_mapping(template.get("metadata")).get("labels")),
        reports_replicas=_reports_replicas(_mapping(_mapping(item).get("status"))),
        near_miss=near_miss(annotations, keys.binding, keys.paused) if annotations else "",
    )


def replicaset_facts(item: object, kind: str = "ReplicaSet") -> ReplicaSetFacts | None:
    """Project a ReplicaSet, whole or as PartialObjectMetadata."""
    meta, ref = _identity(item, kind)
    return None if ref is None else ReplicaSetFacts(ref, _controller(meta))


def _identity(item: object, kind: str) -> tuple[Mapping[str, Any], ObjectRef | None]:
    meta = _mapping(_mapping(item).get("metadata"))
    name, uid = _text(meta.get("name")), _text(meta.get("uid"))
    if not name or not uid:
        return meta, None
    return meta, ObjectRef(kind, sys.intern(_text(meta.get("namespace"))), name, uid)


def _controller(meta: Mapping[str, Any]) -> Owner | None:
    for reference in map(_mapping, _items(meta.get("ownerReferences"))):
        kind, uid = _text(reference.get("kind")), _text(reference.get("uid"))
        if reference.get("controller") is True and kind and uid:
            return Owner(sys.intern(kind), sys.intern(uid))
    return None


def _pod_prefixes(status: Mapping[str, Any]) -> tuple[str, ...]:
    listed = _prefixes(_mapping(entry).get("ip") for entry in _items(status.get("podIPs")))
    return listed or _prefixes(iter([status.get("podIP")]))


def _prefixes(addresses: Iterator[Any]) -> tuple[str, ...]:
    """Canonical prefixes in the order given, without repeats and without what is no address."""
    found: dict[str, None] = {}
    for address in addresses:
        if isinstance(address, str) and (prefix := _prefix(address)):
            found[prefix] = None
    return tuple(found)


def _prefix(address: str) -> str:
    try:
        return host_prefix(address)
    except ValueError:
        return ""


def _reports_replicas(status: Mapping[str, Any]) -> bool:
    """Deployments and StatefulSets count `replicas`, DaemonSets `currentNumberScheduled`."""
    counts = (status.get("replicas"), status.get("currentNumberScheduled"))
    return any(isinstance(count, int) and count > 0 for count in counts)


def _pairs(value: object) -> frozenset[tuple[str, str]]:
    """Labels or a selector; empty when one value is of another shape, since half a selector matches more."""
    labels = _mapping(value)
    if not all(isinstance(label, str) for label in labels.values()):
        return frozenset()
    return frozenset((sys.intern(key), sys.intern(label)) for key, label in labels.items())


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
