"""The words of the domain as frozen data: what the cluster wants, what the fabric has.

Nothing here does I/O. The two views (`kube`, `apic`) make `Desired` and `Observed`; the plan is a pure
function of both. Times are seconds of a monotonic clock that the caller passes in. What names an object is a
tuple: names are the keys of every look-up, and a dataclass calls Python for each hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from .reasons import Reason

IMPORT_SECURITY = "import-security"
_DN = re.compile(r"uni/tn-([^/\]]+)/out-([^/\]]+)(?:/instP-([^/\]]+))?")
_NOT_IN_NAME = re.compile(r"[^a-zA-Z0-9_.:-]")


class Freshness(StrEnum):
    """How far a view can be believed."""

    FRESH = "fresh"
    STALE = "stale"
    """The last read failed, or nothing has confirmed the view for a while."""
    NEVER = "never"
    """It was not read yet: unknown, which is not the same as empty."""


class Source(StrEnum):
    """A kind of Kubernetes object that is read; its value is the plural resource name."""

    DEPLOYMENTS = "deployments"
    STATEFULSETS = "statefulsets"
    DAEMONSETS = "daemonsets"
    REPLICASETS = "replicasets"
    PODS = "pods"
    SERVICES = "services"


class ObjectRef(NamedTuple):
    """A Kubernetes object: kind as in a manifest (`Deployment`), namespace, name and UID."""

    kind: str
    namespace: str
    name: str
    uid: str = ""

    def __str__(self) -> str:
        """Give `Deployment multicast/mcast`."""
        return f"{self.kind} {self.namespace}/{self.name}"


class L3Out(NamedTuple):
    """The name of an L3Out: the unit of reading and of writing."""

    tenant: str
    name: str

    @property
    def dn(self) -> str:
        """Its distinguished name."""
        return f"uni/tn-{self.tenant}/out-{self.name}"

    def __str__(self) -> str:
        """Give `tenant/l3out`."""
        return f"{self.tenant}/{self.name}"

    @classmethod
    def of_dn(cls, dn: str) -> L3Out | None:
        """Name the L3Out that `dn` is or is below; None when it is elsewhere."""
        match = _DN.match(dn)
        return cls(match[1], match[2]) if match else None


class Binding(NamedTuple):
    """The external EPG that a workload names: tenant, L3Out and EPG."""

    tenant: str
    l3out: str
    epg: str

    @property
    def parent(self) -> L3Out:
        """The L3Out that the EPG is in."""
        return L3Out(self.tenant, self.l3out)

    @property
    def dn(self) -> str:
        """The EPG's distinguished name."""
        return f"{self.parent.dn}/instP-{self.epg}"

    def subnet_dn(self, ip: str) -> str:
        """Give the DN of a subnet of this EPG; `ip` as it stands on the fabric."""
        return f"{self.dn}/extsubnet-[{ip}]"

    def __str__(self) -> str:
        """Give `tenant/l3out/epg`."""
        return f"{self.tenant}/{self.l3out}/{self.epg}"

    @classmethod
    def of_dn(cls, dn: str) -> Binding | None:
        """Name the external EPG that `dn` is or is below; None when it is elsewhere."""
        match = _DN.match(dn)
        return cls(match[1], match[2], match[3]) if match and match[3] else None


@dataclass(frozen=True, slots=True)
class Workload:
    """An annotated Deployment, StatefulSet or DaemonSet whose annotation names a binding that it may have."""

    ref: ObjectRef
    binding: Binding
    created: str
    """`metadata.creationTimestamp`: RFC 3339 in UTC, so text order is age order."""
    paused: bool = False
    """Whether it asks to be left as it is."""
    expose: frozenset[str] = frozenset({"pods", "services"})
    """Which of its addresses become subnets: out of `pods` and `services`."""

    @property
    def seniority(self) -> tuple[str, str, str, str]:
        """Sorts the oldest workload first, then by namespace and name."""
        return (self.created, self.ref.namespace, self.ref.name, self.ref.kind)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One address that a workload gives out through a Pod or a Service."""

    prefix: str
    """Canonical: `/32` or `/128`."""
    workload: Workload
    source: ObjectRef
    """The Pod or the Service."""
    created: str
    rests_on: frozenset[Source]
    """The kinds that have to be fresh for this to be believed."""

    @property
    def binding(self) -> Binding:
        """The external EPG that the address belongs in."""
        return self.workload.binding

    @property
    def precedence(self) -> tuple[bool, str, str, str]:
        """Sorts the exposure first that gives the subnet its name: Pods, then age, then name."""
        return (self.source.kind != "Pod", self.created, self.source.namespace, self.source.name)

    @property
    def subnet_name(self) -> str:
        """The label of the subnet: `namespace::name` in the APIC's alphabet, at most 63 characters."""
        return _NOT_IN_NAME.sub("_", f"{self.source.namespace}::{self.source.name}")[:63]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know of: a reason code, the object that it is about, a sentence."""

    reason: Reason
    subject: ObjectRef
    message: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """How far one kind's view can be believed."""

    freshness: Freshness
    lists: int = 0
    """How often it was listed from scratch. What changed while this stood still was seen on a watch."""
    listed_at: float = 0.0
    """When the last list that succeeded was begun."""
    doubtful: str = ""
    """Why an empty answer is not believed: it was not empty before, or workloads report replicas."""
    trouble: str = ""
    """The error of the last read that failed, one sentence; empty when the last one succeeded."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What the cluster wants, at one moment."""

    workloads: tuple[Workload, ...] = ()
    wanted: Mapping[str, tuple[Exposure, ...]] = field(default_factory=dict)
    """By canonical prefix: who wants it. What has not changed is the same object in the next moment."""
    protected: Mapping[str, Notice] = field(default_factory=dict)
    """Prefixes to be left as they are, by canonical text, each with why: their workload is paused or its
    annotation cannot be read."""
    undecided: tuple[Notice, ...] = ()
    """Annotations that cannot be read. While there is one, nobody can say which EPG it means."""
    notices: tuple[Notice, ...] = ()
    sources: Mapping[Source, SourceView] = field(default_factory=dict)
    revisit_at: float | None = None
    """When time alone will change this (an address that lingers goes, a kind turns stale); None: never."""

    @property
    def exposures(self) -> tuple[Exposure, ...]:
        """Every address that is wanted, by prefix; for people, since it is made of all of them each time."""
        return tuple(exposure for _, each in sorted(self.wanted.items()) for exposure in each)

    @property
    def fresh(self) -> bool:
        """Whether every kind can be believed."""
        return all(self.freshness(source) is Freshness.FRESH for source in Source)

    def freshness(self, source: Source) -> Freshness:
        """How far one kind can be believed."""
        view = self.sources.get(source)
        return view.freshness if view else Freshness.NEVER


def by_prefix(exposures: Iterable[Exposure]) -> dict[str, tuple[Exposure, ...]]:
    """Group exposures by their prefix, in an order that does not depend on how they came."""
    found: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        found.setdefault(exposure.prefix, []).append(exposure)
    return {prefix: in_order(each) for prefix, each in found.items()}


def in_order(exposures: list[Exposure]) -> tuple[Exposure, ...]:
    """Put the exposures of one prefix in order: by what gives them, then by the workload."""
    return tuple(exposures if len(exposures) == 1 else sorted(exposures, key=_names))


def _names(exposure: Exposure) -> tuple[str, str, str, str, str]:
    source, workload = exposure.source, exposure.workload.ref
    return (source.kind, source.namespace, source.name, workload.kind, workload.name)


@dataclass(frozen=True, slots=True)
class ObservedSubnet:
    """An `l3extSubnet` as the fabric has it."""

    dn: str
    ip: str
    """The text on the fabric; the DN is made of it."""
    prefix: str
    """Its canonical form; empty when `ip` is no prefix."""
    name: str = ""
    scope: frozenset[str] = frozenset()
    annotation: str = ""

    @property
    def key(self) -> str:
        """What it is found under: its canonical prefix, or what there is in the place of one."""
        return self.prefix or self.ip or self.dn

    @property
    def classifies(self) -> bool:
        """Whether it takes part in the policy (`import-security`), and so can be in conflict."""
        return IMPORT_SECURITY in self.scope


@dataclass(frozen=True, slots=True)
class ObservedEpg:
    """An `l3extInstP` as the fabric has it."""

    binding: Binding
    annotation: str = ""
    subnets: Mapping[str, ObservedSubnet] = field(default_factory=dict)
    """By DN."""
    contracts: tuple[str, ...] = ()
    """Names of contracts provided or consumed."""
    others: tuple[str, ...] = ()
    """DNs of further children that people made (contracts included): work that would go with the EPG."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """`tagAnnotation` children, key to value."""
    preferred_group: bool = False

    @property
    def dn(self) -> str:
        """Its distinguished name."""
        return self.binding.dn


@dataclass(frozen=True, slots=True)
class ObservedL3Out:
    """An L3Out as the fabric has it, or the knowledge that it has none."""

    l3out: L3Out
    freshness: Freshness
    exists: bool = False
    missing: str = ""
    """The DN of the parent that is absent: the L3Out, or its tenant."""
    vrf: str = ""
    """DN of its VRF; empty when the relation is not resolved."""
    epgs: Mapping[str, ObservedEpg] = field(default_factory=dict)
    """By EPG name."""
    read_at: float = 0.0
    """When the last full read that succeeded was begun."""
    trouble: str = ""
    """The error of the last read that failed; empty when the last one succeeded."""
    refused: bool = False
    """Whether that error is an answer that asking again does not change, such as a right that is missing."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the fabric has: every L3Out that is named, that shares a VRF with one, or that bears our mark."""

    l3outs: Mapping[L3Out, ObservedL3Out] = field(default_factory=dict)
    complete: bool = True
    """Whether the L3Outs that share our VRFs and those that bear our mark are all known."""

    def of(self, l3out: L3Out) -> ObservedL3Out:
        """Give what is known of an L3Out; `never` read when nothing is."""
        return self.l3outs.get(l3out) or ObservedL3Out(l3out, Freshness.NEVER)

    def epg(self, binding: Binding) -> ObservedEpg | None:
        """Give an external EPG, or None when the view has none."""
        return self.of(binding.parent).epgs.get(binding.epg)
