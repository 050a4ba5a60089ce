"""Small worlds for property tests: few names, so that they collide."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from akb_sync.mark import Identity
from akb_sync.model import (
    IMPORT_SECURITY,
    Binding,
    Desired,
    Exposure,
    Freshness,
    Notice,
    ObjectRef,
    Observed,
    ObservedEpg,
    ObservedL3Out,
    Source,
    SourceView,
    by_prefix,
)
from akb_sync.plan import Cause, MassDelete, Memory, Policy, Rules
from akb_sync.plan.memory import Quarantine
from akb_sync.prefix import canonical
from akb_sync.reasons import Reason

from .builders import (
    COPIED,
    GREATER,
    LESSER,
    ME,
    OTHER_VRF,
    VRF,
    Subnet,
    absent,
    epg,
    l3out,
    pod,
    service,
    views,
    workload,
)

L3OUTS = (("T1", "L1"), ("T1", "L2"), ("T2", "L9"))
EPGS = ("A", "B", "C")
IPS = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "2001:db8::1")
SPELLED = (*IPS, "2001:DB8::1/128", "10.0.0.0/8")
BINDINGS = tuple(Binding(tenant, name, each) for tenant, name in L3OUTS for each in EPGS)
MARKS = (ME, ME, ME, None, GREATER, LESSER, COPIED, "orchestrator:terraform")
SCOPES = (
    (IMPORT_SECURITY,),
    (IMPORT_SECURITY,),
    (IMPORT_SECURITY, "shared-security"),
    ("export-rtctrl",),
    (),
)
TIMES = st.sampled_from((0.0, 50.0, 99.0, 100.0))

bindings = st.sampled_from(BINDINGS)


@dataclass(frozen=True)
class Given:
    """Everything that a plan is made of."""

    desired: Desired
    observed: Observed
    memory: Memory
    rules: Rules


@st.composite
def exposures(draw: st.DrawFn) -> Exposure:
    owner = workload(
        draw(st.sampled_from(("web", "db", "api"))),
        draw(bindings),
        age=draw(st.integers(1, 3)),
        kind=draw(st.sampled_from(("Deployment", "StatefulSet"))),
        paused=draw(st.sampled_from((False, False, False, True))),
    )
    make = draw(st.sampled_from((pod, pod, service)))
    return make(draw(st.sampled_from(IPS)), owner, age=draw(st.integers(1, 2)))


@st.composite
def subnets(draw: st.DrawFn) -> Subnet:
    return Subnet(
        draw(st.sampled_from(SPELLED)),
        draw(st.sampled_from(MARKS)),
        draw(st.sampled_from((None, None, "x"))),
        draw(st.sampled_from(SCOPES)),
    )


@st.composite
def l3outs(draw: st.DrawFn, where: tuple[str, str], *, fresh: bool) -> ObservedL3Out:
    tenant, name = where
    if draw(st.integers(0, 7)) == 0:
        return absent(name, tenant)
    made = [
        epg(
            each,
            *draw(st.lists(subnets(), max_size=4, unique_by=lambda one: one.ip)),
            mark=draw(st.sampled_from(MARKS)),
            contracts=draw(st.sampled_from(((), (), ("web",), ("web", "dns")))),
            others=draw(st.sampled_from(((), (), ("uni/x", "uni/y")))),
            tags=draw(st.sampled_from(({}, {}, {}, {ME.release_tag: "released"}))),
            preferred_group=draw(st.sampled_from((False, False, True))),
        )
        for each in draw(st.sets(st.sampled_from(EPGS)))
    ]
    return l3out(
        *made,
        name=name,
        tenant=tenant,
        vrf=draw(st.sampled_from((VRF, VRF, VRF, OTHER_VRF, ""))),
        freshness=Freshness.FRESH if fresh else draw(st.sampled_from(list(Freshness))),
    )


@st.composite
def fabrics(draw: st.DrawFn, *, fresh: bool = True) -> Observed:
    return Observed({one.l3out: one for one in (draw(l3outs(each, fresh=fresh)) for each in L3OUTS)})


@st.composite
def clusters(draw: st.DrawFn, *, fresh: bool = True) -> Desired:
    wants = draw(st.lists(exposures(), max_size=8))
    idle = [one.workload for one in draw(st.lists(exposures(), max_size=2))]
    sources = views()
    if not fresh:
        for source in draw(st.sets(st.sampled_from(list(Source)))):
            sources[source] = SourceView(draw(st.sampled_from(list(Freshness))))
    paused = Notice(Reason.PAUSED, workload().ref, "it is paused")
    torn = [Notice(Reason.INVALID_ANNOTATION, workload(name).ref, "torn") for name in ("one", "two")]
    return Desired(
        workloads=tuple(dict.fromkeys([*(one.workload for one in wants), *idle])),
        wanted=by_prefix(wants),
        protected={canonical(ip): paused for ip in draw(st.sets(st.sampled_from(IPS), max_size=1))},
        undecided=tuple(draw(st.sampled_from(([], [], [], torn)))),
        notices=tuple(draw(st.sampled_from(([], torn)))),
        sources=sources,
    )


rules = st.builds(
    Rules,
    policy=st.sampled_from((Policy.SYNC, Policy.SYNC, Policy.UPSERT_ONLY, Policy.CREATE_ONLY)),
    mass_delete=st.sampled_from(list(MassDelete)),
    guard_count=st.sampled_from((1, 10)),
    max_prefixes=st.sampled_from((0, 0, 2)),
    require_contract=st.sampled_from((False, False, True)),
)


@st.composite
def memories(draw: st.DrawFn) -> Memory:
    epgs = [each.dn for each in BINDINGS]
    dns = [*epgs, *(each.subnet_dn(canonical(ip)) for each in BINDINGS for ip in IPS)]
    some = st.sets(st.sampled_from(dns), max_size=6)
    wants = [(each, canonical(ip) if ip else "") for each in BINDINGS for ip in ("", *IPS)]
    return Memory(
        unwanted_since={dn: draw(TIMES) for dn in draw(some)},
        causes=draw(st.dictionaries(st.sampled_from(wants), st.sampled_from(list(Cause)), max_size=8)),
        removals={BINDINGS[0].parent: (50.0,) * draw(st.integers(0, 12))},
        seen_unmanaged=frozenset(draw(st.sets(st.sampled_from(epgs), max_size=2))),
        quarantine={dn: Quarantine("no", draw(TIMES) + 10, 60.0) for dn in draw(some)},
        repairs={dn: (99.0,) * draw(st.integers(0, 7)) for dn in draw(some)},
        removed={dn: (99.0,) * draw(st.integers(0, 7)) for dn in draw(some)},
        approved=frozenset(draw(some)),
    )


@st.composite
def worlds(draw: st.DrawFn, *, fresh: bool = False) -> Given:
    return Given(draw(clusters(fresh=fresh)), draw(fabrics(fresh=fresh)), draw(memories()), draw(rules))


def shuffled(given: Given, dice: random.Random) -> Given:
    """The same world, told in another order."""

    def mix(values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(dice.sample(values, len(values)))

    def mixed(table: dict[object, object]) -> dict[object, object]:
        return dict(mix(tuple(table.items())))  # type: ignore[arg-type]

    def epg_mixed(one: ObservedEpg) -> ObservedEpg:
        return replace(
            one,
            subnets=mixed(dict(one.subnets)),  # type: ignore[arg-type]
            contracts=mix(one.contracts),  # type: ignore[arg-type]
            others=mix(one.others),  # type: ignore[arg-type]
            tags=mixed(dict(one.tags)),  # type: ignore[arg-type]
        )

    found = given.observed.l3outs.items()
    l3outs_mixed = {
        key: replace(one, epgs=mixed({name: epg_mixed(each) for name, each in one.epgs.items()}))  # type: ignore[arg-type]
        for key, one in dice.sample(list(found), len(found))
    }
    desired = replace(
        given.desired,
        workloads=mix(given.desired.workloads),  # type: ignore[arg-type]
        wanted=mixed({prefix: mix(each) for prefix, each in given.desired.wanted.items()}),  # type: ignore[arg-type]
        undecided=mix(given.desired.undecided),  # type: ignore[arg-type]
        notices=mix(given.desired.notices),  # type: ignore[arg-type]
        sources=mixed(dict(given.desired.sources)),  # type: ignore[arg-type]
    )
    return replace(given, desired=desired, observed=Observed(l3outs_mixed))


def odd(text: str) -> Exposure:
    """A want that no view would make."""
    source = ObjectRef("Pod", text, text)
    return Exposure(text, workload(text, Binding(text, text, text)), source, text, frozenset())


def classified(observed: Observed) -> dict[tuple[str, str], set[Binding]]:
    """By VRF and prefix: the EPGs that classify it."""
    found: dict[tuple[str, str], set[Binding]] = {}
    for one in observed.l3outs.values():
        for each in one.epgs.values():
            for held in each.subnets.values():
                if one.vrf and held.classifies:
                    found.setdefault((one.vrf, held.prefix), set()).add(each.binding)
    return found


def strangers(observed: Observed, identity: Identity) -> dict[str, tuple[object, ...]]:
    """What every object looks like that is not this identity's, by DN."""
    found: dict[str, tuple[object, ...]] = {}
    for one in observed.l3outs.values():
        for each in one.epgs.values():
            if identity.owner(each.annotation, each.dn) != "managed":
                found[each.dn] = (each.annotation, each.contracts, each.others, tuple(each.tags.items()))
            for held in each.subnets.values():
                if identity.owner(held.annotation, held.dn) != "managed":
                    found[held.dn] = (held.name, held.scope, held.annotation)
    return found
