"""Whether the fabric is made so that what we write there works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from akb_sync.apic.query import class_path
from akb_sync.mark import Owner
from akb_sync.model import Freshness, L3Out, ObservedL3Out
from akb_sync.plan.inventory import Holder
from akb_sync.plan.world import World
from akb_sync.reasons import Reason

from .case import Case
from .finding import Finding, failed, named, ok, unknown, warning
from .registry import Group, Table

TABLE = Table(Group.FABRIC)
check = TABLE.check
VIEW = ("fabric-view",)
DEFAULT_ROUTES = frozenset({"0.0.0.0/0", "::/0"})
EPGS_PER_L3OUT, EPGS_PER_FABRIC, PREFIXES_V4 = 250, 600, 20_000
"""Cisco's verified scale of APIC 6.1(2), as cited by the Cilium and ACI design notes: external EPGs, and
longest-prefix entries of the default dual-stack profile."""
NEARLY = 0.8


@check(
    "fabric-view",
    "Can every L3Out that matters be read?",
    "An L3Out that cannot be read is not written. The row has the APIC's own words.",
    needs=("kubernetes-view", "apic-login"),
)
def view(case: Case) -> Finding:
    """Read every L3Out that matters."""
    observed = case.observed
    named_by_us = {workload.binding.parent for workload in case.desired.workloads}
    for key in sorted(named_by_us):
        one = observed.of(key)
        if one.freshness is not Freshness.FRESH:
            return failed(f"L3Out {key} cannot be read: {one.trouble}", "akb-sync status --debug")
    return ok(f"{len(observed.l3outs)} L3Out(s) read")


@check(
    "parents",
    "Do the tenants and L3Outs exist that workloads name?",
    "Tenant and L3Out are the fabric admin's and are never made by us. Create it, or mend the "
    "annotation. A tenant "
    "that our user may not read looks absent too.",
    VIEW,
)
def parents(case: Case) -> Finding:
    """Look for absent parents."""
    absent = {
        key: one for key, one in _named(case).items() if not one.exists and one.freshness is Freshness.FRESH
    }
    if absent:
        key, one = next(iter(absent.items()))
        workload = next(w.ref for w in case.desired.workloads if w.binding.parent == key)
        return failed(
            f"{one.missing or key.dn} does not exist, and {workload} names it",
            f"akb-sync explain {workload.kind.lower()}/{workload.namespace}/{workload.name}",
        )
    return ok(f"{len(_named(case))} L3Out(s) named, all there")


@check(
    "vrf",
    "Is every L3Out related to a VRF?",
    "Without its VRF nobody can say whether a prefix is in conflict, so new prefixes wait. Relate "
    "the L3Out to a VRF.",
    VIEW,
)
def vrf(case: Case) -> Finding:
    """Look for L3Outs without a VRF."""
    lost = [key for key, one in _named(case).items() if one.exists and not one.vrf]
    if lost:
        return failed(
            f"the VRF of L3Out {named(lost)} is not resolved", f"see {lost[0].dn}/rsectx on the APIC"
        )
    return ok(f"{named(sorted({one.vrf for one in _named(case).values() if one.vrf}) or ['no VRF in use'])}")


@check(
    "vrf-enforced",
    "Does the VRF enforce policy?",
    "In an unenforced VRF contracts have no effect: everybody talks to everybody, whatever EPG an "
    "address is in.",
    needs=("fabric-view", "vrf"),
)
def vrf_enforced(case: Case) -> Finding:
    """Read the VRFs in use, all in one query."""
    dns = sorted({one.vrf for one in _named(case).values() if one.vrf})
    if not dns:
        return ok("no VRF in use")
    terms = [f'eq(fvCtx.dn,"{dn}")' for dn in dns[:20]]
    wanted = terms[0] if len(terms) == 1 else f"or({','.join(terms)})"
    answer = case.session.get(class_path("fvCtx"), {"query-target-filter": wanted})
    found = {
        body["attributes"]["dn"]: body["attributes"].get("pcEnfPref")
        for one in answer
        for body in one.values()
    }
    loose = sorted(dn for dn, how in found.items() if how == "unenforced")
    if loose:
        return warning(
            f"{named(loose)} is unenforced: contracts have no effect", f"see {loose[0]} on the APIC"
        )
    return ok(f"{len(found)} VRF(s) enforced")


@check(
    "vrf-conflicts",
    "Does each prefix stand in one external EPG of its VRF only?",
    "The APIC accepts a second one; the leafs raise F0467 and may drop policy at random. Remove one "
    "of the two.",
    VIEW,
)
def vrf_conflicts(case: Case) -> Finding:
    """Look for prefixes in two EPGs."""
    double = {key: held for key, held in _world(case).all_holders().items() if _in_conflict(key[1], held)}
    if not double:
        return ok("no prefix stands in two EPGs of a VRF")
    (_, prefix), held = min(double.items(), key=lambda one: (not _ours(one[1]), one[0]))
    more = f" (and {len(double) - 1} more)" if len(double) > 1 else ""
    told = f"{prefix} stands in {named(sorted({one.binding for one in held}))}{more}"
    step = f"akb-sync explain {prefix}"
    return failed(told, step) if _ours(held) else warning(told, step)


@check(
    "conflict-check",
    "Can all L3Outs that share our VRFs be read?",
    "Where a tenant cannot be read, a conflict with its prefixes is not seen before it happens. Let "
    "our user read "
    "the tenants that share the VRF.",
    VIEW,
)
def conflict_check(case: Case) -> Finding:
    """Look for what is not seen."""
    observed = case.observed
    if not observed.complete:
        return warning(
            "which L3Outs share our VRFs is not known: ConflictCheck: partial", "akb-sync status --debug"
        )
    unread = [key for key, one in observed.l3outs.items() if one.freshness is not Freshness.FRESH]
    if unread:
        return warning(f"ConflictCheck: partial: {named(unread)} cannot be read", "akb-sync status --debug")
    grants = case.session.login().grants
    if grants and not any(grant.domain == "all" and grant.reads for grant in grants):
        domains = named(sorted(grant.domain for grant in grants))
        return warning(
            f"ConflictCheck: partial: our user reads the security domain(s) {domains} only",
            f"give {case.apic_options.username} the role read-all in the domain all",
        )
    return ok("every L3Out of our VRFs is read")


@check(
    "contracts",
    "Has every EPG of ours a contract?",
    "Without a contract, the preferred group or vzAny nothing talks to the EPG. That is the fabric "
    "admin's to decide: "
    "provide or consume a contract on the EPG.",
    VIEW,
)
def contracts(case: Case) -> Finding:
    """Look for EPGs that nothing talks to."""
    wanted = {workload.binding for workload in case.desired.workloads}
    epgs = [epg for epg in map(case.observed.epg, sorted(wanted)) if epg is not None]
    bare = [epg.binding for epg in epgs if not epg.contracts and not epg.preferred_group]
    if bare:
        return warning(f"{named(bare)} without a contract", f"akb-sync status {bare[0]}")
    return ok(f"{len(epgs)} EPG(s), all with a contract" if epgs else "no EPG is there yet")


@check(
    "shifts",
    "Do new addresses keep the contracts that a wider subnet gives them?",
    "The longest prefix wins: a new /32 leaves the EPG that covered it, and its contracts with it. "
    "Give the new EPG "
    "its contracts first, or set --require-contract.",
    VIEW,
)
def shifts(case: Case) -> Finding:
    """Look for addresses that would lose contracts."""
    losing = [shift for shift in case.plan.shifts if shift.leaves_contracts > shift.joins_contracts]
    if losing:
        return warning(str(losing[0]), "akb-sync plan --require-contract")
    return ok("no address loses contracts")


@check(
    "faults",
    "Are there no faults on our EPGs?",
    "The fabric could not do what the policy says. `akb-sync status EPG` has the fault's own words.",
    VIEW,
)
def faults(case: Case) -> Finding:
    """Read the faults, all in one query."""
    ours = {binding: found for binding, found in case.faults.items() if binding in case.bindings}
    if not ours:
        return ok("no fault on our EPGs")
    codes = Counter(fault.code for found in ours.values() for fault in found)
    told = ", ".join(f"{count} x {code}" for code, count in sorted(codes.items()))
    return warning(f"{told} on {named(sorted(ours))}", f"akb-sync status {min(ours)}")


@check(
    "scale",
    "Is there room for more EPGs and prefixes?",
    "The fabric is near the scale that Cisco has verified, or beyond. Give workloads common EPGs.",
    VIEW,
)
def scale(case: Case) -> Finding:
    """Count what is there against the verified scale."""
    observed = case.observed
    fullest, epgs = max(
        ((key, len(one.epgs)) for key, one in observed.l3outs.items()), key=_second, default=("", 0)
    )
    everywhere = _count(case, "l3extInstP")
    if everywhere is None:
        return unknown(
            "the APIC does not tell how many external EPGs there are", "see the capacity dashboard"
        )
    prefixes = sum(":" not in prefix for _, prefix in _world(case).all_holders())
    counts = (
        (epgs, EPGS_PER_L3OUT, f"external EPGs in L3Out {fullest}"),
        (everywhere, EPGS_PER_FABRIC, "external EPGs on the fabric"),
        (prefixes, PREFIXES_V4, "IPv4 prefixes in our VRFs"),
    )
    count, most, what = max(counts, key=lambda one: one[0] / one[1])
    told = f"{count} of {most} {what}"
    if count >= most:
        return failed(told, "akb-sync status -o wide")
    return warning(told, "akb-sync status -o wide") if count >= NEARLY * most else ok(told)


@check(
    "max-prefixes",
    "Is there room below --max-prefixes?",
    "New prefixes wait when the L3Out holds as many as the setting lets. Raise it, or expose less.",
    VIEW,
)
def max_prefixes(case: Case) -> Finding:
    """Count our prefixes against the setting."""
    most = case.settings.max_prefixes
    if not most:
        return ok("--max-prefixes is unset")
    waiting = [item for item in case.plan.held if item.hold and item.hold.reason is Reason.CAPACITY]
    if waiting:
        told = f"{len(waiting)} prefix(es) wait, since L3Out {waiting[0].binding.parent} holds {most}"
        return failed(told, f"akb-sync watch --max-prefixes {most * 2}")
    world = _world(case)
    for key in case.observed.l3outs:
        if world.managed_count(key) >= NEARLY * most:
            told = f"L3Out {key} holds {world.managed_count(key)} of {most} prefixes"
            return warning(told, f"akb-sync watch --max-prefixes {most * 2}")
    return ok(f"below {most} in every L3Out")


def _named(case: Case) -> dict[L3Out, ObservedL3Out]:
    keys = sorted({workload.binding.parent for workload in case.desired.workloads})
    return {key: case.observed.of(key) for key in keys}


def _world(case: Case) -> World:
    now = case.clock.monotonic()
    return World.of(case.parts.identity, case.desired, case.observed, now)


def _in_conflict(prefix: str, held: Sequence[Holder]) -> bool:
    """The default route in several EPGs merges their contracts in effect and raises no fault."""
    return prefix not in DEFAULT_ROUTES and len({one.binding for one in held}) > 1


def _ours(held: Sequence[Holder]) -> bool:
    return any(one.owner is Owner.MANAGED for one in held)


def _count(case: Case, cls: str) -> int | None:
    answer = case.session.get(class_path(cls), {"rsp-subtree-include": "count"})
    counts = (body["attributes"].get("count", "") for item in answer for body in item.values())
    return next((int(text) for text in counts if text.isdigit()), None)


def _second(pair: tuple[object, int]) -> int:
    return pair[1]
