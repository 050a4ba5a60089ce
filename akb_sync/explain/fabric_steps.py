"""The fabric's half of an explanation: where the address belongs, where it stands, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterator

from akb_sync.item import Item
from akb_sync.mark import Owner
from akb_sync.model import Binding, Freshness, ObservedEpg, ObservedSubnet
from akb_sync.plan.subnets import whose
from akb_sync.prefix import network

from .evidence import Evidence
from .story import Step, Verdict

OK, NO, NOTE, UNKNOWN = Verdict.OK, Verdict.NO, Verdict.NOTE, Verdict.UNKNOWN
_OWNED = {Owner.MANAGED: "ours", Owner.FOREIGN: "another akb-sync's", Owner.UNMANAGED: "not ours"}


def parent_steps(evidence: Evidence, binding: Binding) -> Iterator[Step]:
    """Say whether tenant, L3Out and VRF are there, and whose the EPG is."""
    parent = evidence.observed.of(binding.parent)
    if parent.freshness is Freshness.NEVER:
        why = parent.trouble or "it was not read"
        yield Step("parent", UNKNOWN, f"L3Out {binding.parent} is not known: {why}", "akb-sync doctor")
        return
    if parent.freshness is Freshness.STALE:
        yield Step(
            "read", UNKNOWN, f"L3Out {binding.parent} cannot be believed: {parent.trouble}", "akb-sync doctor"
        )
    if not parent.exists:
        missing = parent.missing or binding.parent.dn
        yield Step("parent", NO, f"{missing} does not exist", "create it on the APIC, or mend the annotation")
        return
    if not parent.vrf:
        text = f"L3Out {binding.parent} exists, and its VRF is not resolved"
        yield Step("parent", NO, text, "relate the L3Out to a VRF on the APIC")
    else:
        yield Step("parent", OK, f"L3Out {binding.parent} exists, in {parent.vrf}")
    yield _epg_step(evidence, binding)


def prefix_steps(evidence: Evidence, prefix: str, items: list[Item]) -> Iterator[Step]:
    """Follow one prefix through the fabric; `items` are those of the plan about it."""
    yield from _wanted(evidence, prefix)
    wanted = {item.binding for item in items if item.sources}
    for binding in sorted(wanted):
        yield from parent_steps(evidence, binding)
    yield from _holders(evidence, prefix, wanted)
    yield from _covered(evidence, prefix, wanted)
    for item in items:
        yield from item_steps(evidence, item)


def item_steps(evidence: Evidence, item: Item) -> Iterator[Step]:
    """Say what is to happen to one object, and what holds it."""
    what = f"{item.prefix} in {item.binding}" if item.prefix else f"EPG {item.binding}"
    about = item.prefix
    if item.hold:
        until = item.hold.until
        end = "" if until is None else f", for {max(0, round(until - evidence.now))} s more"
        name = "conflict" if item.hold.reason == "Conflict" else "held"
        text = f"{what} is held{end}: {item.hold.reason}: {item.hold.message or item.hold.reason.meaning}"
        yield Step(name, NO, text, item.hold.reason.next_step or "wait", about)
    elif item.changes:
        told = f": {item.message}" if item.message else ""
        text = f"{what}: {item.action} is due, {item.reason}{told}"
        yield Step("next", OK, text, "akb-sync sync, or the running engine does it", about)
    elif item.reason == "InSync":
        yield Step("next", OK, f"{what} is as it is wanted", "", about)
    else:
        text = f"{what}: {item.reason}: {item.message or item.reason.meaning}"
        yield Step("next", NO, text, item.reason.next_step, about)


def _wanted(evidence: Evidence, prefix: str) -> Iterator[Step]:
    found = dict.fromkeys(one.binding for one in evidence.desired.exposures if one.prefix == prefix)
    if found:
        yield Step("wanted", OK, f"{prefix} is wanted in {', '.join(map(str, found))}", "", prefix)
    else:
        yield Step("wanted", NOTE, f"no annotated workload wants {prefix}", "", prefix)
    protected = evidence.desired.protected.get(prefix)
    if protected:
        text = f"{prefix} stays as it is: {protected.reason}: {protected.message}"
        yield Step("protected", NO, text, protected.reason.next_step, prefix)


def _epg_step(evidence: Evidence, binding: Binding) -> Step:
    epg = evidence.observed.epg(binding)
    if epg is None:
        return Step("epg", NOTE, f"EPG {binding} is not on the fabric")
    if epg.tags.get(evidence.identity.release_tag) == "released":
        return Step("epg", NO, f"EPG {binding} was released and is left alone", f"akb-sync adopt {binding}")
    owner = evidence.identity.owner(epg.annotation, epg.dn)
    contracts = f"{len(epg.contracts)} contract(s)" if epg.contracts else "no contract"
    if owner is Owner.MANAGED:
        return Step("epg", OK, f"EPG {binding} is ours, with {contracts}")
    return Step("epg", NOTE, f"EPG {binding} is {_OWNED[owner]} ({whose(epg.annotation)}), with {contracts}")


def _holders(evidence: Evidence, prefix: str, wanted: set[Binding]) -> Iterator[Step]:
    found = [(epg, subnet) for epg, subnet in evidence.subnets() if subnet.prefix == prefix]
    if not found:
        known = "" if evidence.observed.complete else ", as far as the fabric could be read"
        yield Step("fabric", NOTE, f"no external EPG in view holds {prefix}{known}", "", prefix)
    for epg, subnet in found:
        yield _holder(evidence, epg, subnet, wanted)


def _holder(evidence: Evidence, epg: ObservedEpg, subnet: ObservedSubnet, wanted: set[Binding]) -> Step:
    owner = evidence.identity.owner(subnet.annotation, subnet.dn)
    flags = "" if subnet.classifies else ", but its scope lacks import-security, so it classifies nothing"
    how = "ours" if owner is Owner.MANAGED else f"{_OWNED[owner]}: {whose(subnet.annotation)}"
    text = f"{epg.binding} holds {subnet.ip} ({how}){flags}"
    here = epg.binding in wanted
    verdict = OK if here and owner is Owner.MANAGED and subnet.classifies else NOTE
    return Step("fabric", verdict, text, "", subnet.prefix)


def _covered(evidence: Evidence, prefix: str, wanted: set[Binding]) -> Iterator[Step]:
    """Say which wider subnet takes the address while no longer one does, in the VRFs that matter."""
    vrfs = {evidence.observed.of(binding.parent).vrf for binding in wanted} - {""}
    asked = network(prefix)
    wider: dict[str, list[tuple[int, str, ObservedEpg]]] = {}
    for epg, subnet in evidence.subnets():
        vrf = evidence.observed.of(epg.binding.parent).vrf
        if (
            not subnet.classifies
            or not subnet.prefix
            or subnet.prefix == prefix
            or (vrfs and vrf not in vrfs)
        ):
            continue
        other = network(subnet.prefix)
        if other.version == asked.version and asked.subnet_of(other):  # type: ignore[arg-type]
            wider.setdefault(vrf, []).append((other.prefixlen, subnet.prefix, epg))
    for vrf, found in sorted(wider.items()):
        _, covering, epg = max(found, key=lambda one: (one[0], one[1]))
        contracts = f"{len(epg.contracts)} contract(s)" if epg.contracts else "no contract"
        text = f"{covering} in {epg.binding} ({contracts}) covers it in {vrf or 'a VRF that is not known'}"
        yield Step("covered", NOTE, f"{text}; the longest prefix wins", "", prefix)
