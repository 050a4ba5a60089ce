"""A small language for the plan's tests: a cluster, a fabric, and what carrying out a plan does to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from akb_sync.item import Action, Item
from akb_sync.mark import Identity
from akb_sync.model import (
    IMPORT_SECURITY,
    Binding,
    Desired,
    Exposure,
    Freshness,
    L3Out,
    Notice,
    ObjectRef,
    Observed,
    ObservedEpg,
    ObservedL3Out,
    ObservedSubnet,
    Source,
    SourceView,
    Workload,
    by_prefix,
)
from akb_sync.plan import Memory, Plan, Rules, make_plan
from akb_sync.plan.memory import after_planning, after_writing, notice_departures
from akb_sync.prefix import canonical, host_prefix

ME = Identity("k8s", "aaaaaaaa")
GREATER = Identity("zeta", "bbbbbbbb")
"""Another cluster whose marks sort after ours."""
LESSER = Identity("alpha", "cccccccc")
"""Another cluster whose marks sort before ours."""
VRF = "uni/tn-common/ctx-main"
OTHER_VRF = "uni/tn-common/ctx-other"
COPIED = "copied"
"""Stands for a mark of ours that was made for another DN."""

FRESH, STALE, NEVER = Freshness.FRESH, Freshness.STALE, Freshness.NEVER
OF_POD = frozenset({Source.PODS, Source.DEPLOYMENTS, Source.REPLICASETS})
OF_SERVICE = frozenset({Source.SERVICES, Source.DEPLOYMENTS})


def binding(epg: str = "A", l3out: str = "L1", tenant: str = "T1") -> Binding:
    return Binding(tenant, l3out, epg)


def workload(
    name: str = "web",
    to: Binding | None = None,
    *,
    age: int = 1,
    kind: str = "Deployment",
    paused: bool = False,
) -> Workload:
    """A greater age sorts first: `age=9` is the oldest that there is."""
    ref = ObjectRef(kind, "apps", name, f"uid-{kind}-{name}")
    return Workload(ref, to or binding(), f"2026-01-{20 - age:02d}T00:00:00Z", paused)


def pod(ip: str, of: Workload | None = None, *, name: str = "", age: int = 1) -> Exposure:
    name = name or f"pod-{ip.replace(':', '-')}"
    source = ObjectRef("Pod", "apps", name, f"uid-{name}")
    created = f"2026-02-{20 - age:02d}T00:00:00Z"
    return Exposure(host_prefix(ip), of or workload(), source, created, OF_POD)


def service(ip: str, of: Workload | None = None, *, name: str = "front", age: int = 1) -> Exposure:
    source = ObjectRef("Service", "apps", name, f"uid-service-{name}")
    created = f"2026-02-{20 - age:02d}T00:00:00Z"
    return Exposure(host_prefix(ip), of or workload(), source, created, OF_SERVICE)


def views(
    freshness: Freshness = FRESH, *, lists: int = 1, listed_at: float = 0.0, doubtful: str = ""
) -> dict[Source, SourceView]:
    return {source: SourceView(freshness, lists, listed_at, doubtful) for source in Source}


def cluster(
    *wants: Workload | Exposure,
    protected: Mapping[str, Notice] | None = None,
    undecided: Iterable[Notice] = (),
    sources: Mapping[Source, SourceView] | None = None,
) -> Desired:
    """What is wanted: workloads, and exposures (which bring their workload along)."""
    exposures = [want for want in wants if isinstance(want, Exposure)]
    workloads = [want.workload if isinstance(want, Exposure) else want for want in wants]
    return Desired(
        workloads=tuple(dict.fromkeys(workloads)),
        wanted=by_prefix(exposures),
        protected=dict(protected or {}),
        undecided=tuple(undecided),
        sources=views() if sources is None else sources,
    )


@dataclass(frozen=True)
class Subnet:
    ip: str
    mark: Identity | str | None = ME
    name: str | None = None
    scope: tuple[str, ...] = (IMPORT_SECURITY,)

    def at(self, where: Binding) -> ObservedSubnet:
        ip = self.ip if "/" in self.ip else host_prefix(self.ip)
        dn = where.subnet_dn(ip)
        name = f"apps::pod-{self.ip.partition('/')[0].replace(':', '-')}" if self.name is None else self.name
        return ObservedSubnet(dn, ip, canonical(ip), name, frozenset(self.scope), annotated(self.mark, dn))


def subnet(
    ip: str,
    mark: Identity | str | None = ME,
    *,
    name: str | None = None,
    scope: tuple[str, ...] = (IMPORT_SECURITY,),
) -> Subnet:
    """By default ours, and exactly as `pod(ip)` wants it."""
    return Subnet(ip, mark, name, scope)


@dataclass(frozen=True)
class Epg:
    name: str
    subnets: tuple[Subnet, ...] = ()
    mark: Identity | str | None = ME
    contracts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    preferred_group: bool = False

    def at(self, where: L3Out) -> ObservedEpg:
        here = Binding(where.tenant, where.name, self.name)
        subnets = [one.at(here) for one in self.subnets]
        return ObservedEpg(
            here,
            annotated(self.mark, here.dn),
            {one.dn: one for one in subnets},
            self.contracts,
            self.others,
            self.tags,
            self.preferred_group,
        )


def epg(
    name: str = "A",
    *subnets: Subnet | str,
    mark: Identity | str | None = ME,
    contracts: tuple[str, ...] = (),
    others: tuple[str, ...] = (),
    tags: Mapping[str, str] | None = None,
    preferred_group: bool = False,
) -> Epg:
    """By default ours; a subnet given as text is ours too."""
    made = tuple(subnet(one) if isinstance(one, str) else one for one in subnets)
    return Epg(name, made, mark, contracts, others, tags or {}, preferred_group)


def l3out(
    *epgs: Epg,
    name: str = "L1",
    tenant: str = "T1",
    vrf: str = VRF,
    freshness: Freshness = FRESH,
    read_at: float = 0.0,
    trouble: str = "",
    refused: bool = False,
) -> ObservedL3Out:
    key = L3Out(tenant, name)
    made = {one.name: one.at(key) for one in epgs}
    return ObservedL3Out(key, freshness, True, "", vrf, made, read_at, trouble, refused)


def absent(name: str = "L1", tenant: str = "T1", missing: str = "") -> ObservedL3Out:
    key = L3Out(tenant, name)
    return ObservedL3Out(key, FRESH, False, missing or key.dn)


def fabric(*l3outs: ObservedL3Out) -> Observed:
    return Observed({one.l3out: one for one in l3outs})


def annotated(mark: Identity | str | None, dn: str) -> str:
    if mark == COPIED:
        return ME.mark(f"{dn}-as-it-was")
    if isinstance(mark, Identity):
        return mark.mark(dn)
    return mark or ""


def plan(
    desired: Desired,
    observed: Observed,
    *,
    memory: Memory | None = None,
    rules: Rules | None = None,
    now: float = 0.0,
) -> Plan:
    return make_plan(ME, desired, observed, memory=memory, rules=rules, now=now)


def item(of: Plan, where: Binding, ip: str = "") -> Item:
    """The one item about an EPG, or about an address in it."""
    prefix = host_prefix(ip) if ip and "/" not in ip else ip
    found = [one for one in of.items if one.binding == where and one.prefix == prefix]
    assert len(found) == 1, found
    return found[0]


def does(of: Plan) -> list[str]:
    """What would be written now, one line each, in order."""
    return [
        f"{one.action} {one.binding.epg}{f' {one.prefix}' if one.prefix else ''}" for one in of.actionable
    ]


def holds(of: Plan) -> dict[str, str]:
    """What is held, by DN, with the reason."""
    return {one.dn: str(one.hold.reason) for one in of.held if one.hold}


def applied(of: Plan, observed: Observed) -> Observed:
    """Carry out what is not held, as a fabric would: a parent must exist, children go with it."""
    for one in sorted(of.actionable, key=_order):
        observed = _carried_out(one, observed)
    return observed


def _order(one: Item) -> tuple[bool, bool]:
    goes = one.action is Action.DELETE
    return (goes and one.is_epg, not one.is_epg)


def _carried_out(one: Item, observed: Observed) -> Observed:
    if one.is_epg:
        return _epg_written(one, observed)
    if one.leaves is not None:
        left = Binding.of_dn(one.leaves.dn)
        assert left
        observed = _without(observed, left, one.leaves.dn)
    if one.action is Action.DELETE:
        return _without(observed, one.binding, one.dn)
    here = observed.epg(one.binding)
    assert here, f"{one.dn} has no parent"
    before = here.subnets.get(one.dn)
    if one.action is Action.UPDATE:
        assert before, f"{one.dn} is not there"
    assert one.action is Action.UPDATE or one.name is not None
    ip = one.dn.rpartition("extsubnet-[")[2].removesuffix("]")
    after = before or ObservedSubnet(one.dn, ip, canonical(ip))
    after = replace(
        after,
        name=after.name if one.name is None else one.name,
        scope=after.scope if one.scope is None else one.scope,
        annotation=after.annotation if one.mark is None else one.mark,
    )
    return _with_epg(observed, replace(here, subnets={**here.subnets, one.dn: after}))


def _epg_written(one: Item, observed: Observed) -> Observed:
    parent = observed.of(one.binding.parent)
    assert parent.exists, f"{one.dn} has no parent"
    if one.action is Action.DELETE:
        assert one.binding.epg in parent.epgs
        left = {name: each for name, each in parent.epgs.items() if name != one.binding.epg}
        return _with_l3out(observed, replace(parent, epgs=left))
    assert one.binding.epg not in parent.epgs
    return _with_epg(observed, ObservedEpg(one.binding, one.mark or ""))


def _without(observed: Observed, where: Binding, dn: str) -> Observed:
    here = observed.epg(where)
    assert here
    assert dn in here.subnets
    return _with_epg(observed, replace(here, subnets={k: v for k, v in here.subnets.items() if k != dn}))


def _with_epg(observed: Observed, changed: ObservedEpg) -> Observed:
    parent = observed.of(changed.binding.parent)
    return _with_l3out(observed, replace(parent, epgs={**parent.epgs, changed.binding.epg: changed}))


def _with_l3out(observed: Observed, changed: ObservedL3Out) -> Observed:
    return replace(observed, l3outs={**observed.l3outs, changed.l3out: changed})


class Run:
    """A process that looks and writes again and again, with a clock that is turned by hand."""

    def __init__(self, desired: Desired, observed: Observed, rules: Rules | None = None) -> None:
        self.desired, self.observed, self.rules = desired, observed, rules or Rules()
        self.memory, self.now = Memory(), 0.0
        self.written: list[Item] = []

    def wants(self, desired: Desired) -> Run:
        """The cluster changes, as a live watch tells it."""
        self.memory = notice_departures(self.memory, self.desired, desired)
        self.desired = desired
        return self

    def finds(self, observed: Observed) -> Run:
        """Somebody changes the fabric."""
        self.observed = observed
        return self

    def look(self) -> Plan:
        found = plan(self.desired, self.observed, memory=self.memory, rules=self.rules, now=self.now)
        self.memory = after_planning(self.memory, found.items, self.now, self.rules.guard_window)
        return found

    def turn(self, seconds: float = 0.0) -> Plan:
        """Let time pass, look, and write what is not held."""
        self.now += seconds
        found = self.look()
        self.observed = applied(found, self.observed)
        self.written += found.actionable
        self.memory = after_writing(self.memory, found.actionable, (), self.now)
        return found

    def reread(self) -> Run:
        """Both sides are read again from scratch, and say the same."""
        sources = {
            source: replace(view, lists=view.lists + 1, listed_at=self.now)
            for source, view in self.desired.sources.items()
        }
        self.desired = replace(self.desired, sources=sources)
        read = {key: replace(one, read_at=self.now) for key, one in self.observed.l3outs.items()}
        self.observed = replace(self.observed, l3outs=read)
        return self
