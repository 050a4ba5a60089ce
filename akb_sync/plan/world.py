"""Everything that a plan is made of, with the indexes that its parts share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from akb_sync.mark import RELEASED, Identity, Owner
from akb_sync.model import (
    Binding,
    Desired,
    Exposure,
    L3Out,
    Observed,
    ObservedEpg,
    ObservedSubnet,
    Workload,
)

from .memory import Memory
from .rules import Rules


@dataclass(frozen=True, slots=True)
class Holder:
    """A subnet on the fabric that classifies traffic, where it stands and whose it is."""

    binding: Binding
    subnet: ObservedSubnet
    owner: Owner


@dataclass(frozen=True)
class World:
    """One moment: who we are, both views, what is remembered, the rules and the time."""

    identity: Identity
    desired: Desired
    observed: Observed
    memory: Memory
    rules: Rules
    now: float

    @cached_property
    def workloads(self) -> Mapping[Binding, tuple[Workload, ...]]:
        """The workloads of each binding, oldest first."""
        found: dict[Binding, list[Workload]] = {}
        for workload in self.desired.workloads:
            found.setdefault(workload.binding, []).append(workload)
        return {
            binding: tuple(sorted(workloads, key=lambda one: one.seniority))
            for binding, workloads in sorted(found.items())
        }

    @cached_property
    def exposures(self) -> Mapping[tuple[Binding, str], tuple[Exposure, ...]]:
        """The exposures of each prefix in each binding; the first gives the subnet its name."""
        found: dict[tuple[Binding, str], list[Exposure]] = {}
        for exposure in self.desired.exposures:
            found.setdefault((exposure.binding, exposure.prefix), []).append(exposure)
        return {
            want: tuple(sorted(exposures, key=lambda one: one.precedence))
            for want, exposures in sorted(found.items())
        }

    @cached_property
    def holders(self) -> Mapping[tuple[str, str], tuple[Holder, ...]]:
        """By VRF and canonical prefix: the subnets that classify it."""
        found: dict[tuple[str, str], list[Holder]] = {}
        for epg, subnet in self.subnets():
            vrf = self.vrf(epg.binding.parent)
            if vrf and subnet.prefix and subnet.classifies:
                holder = Holder(epg.binding, subnet, self.owner(epg, subnet))
                found.setdefault((vrf, subnet.prefix), []).append(holder)
        return {key: tuple(sorted(held, key=lambda one: one.subnet.dn)) for key, held in found.items()}

    @cached_property
    def vrf_members(self) -> Mapping[str, tuple[L3Out, ...]]:
        """The L3Outs of each VRF."""
        found: dict[str, list[L3Out]] = {}
        for key, l3out in self.observed.l3outs.items():
            if l3out.vrf:
                found.setdefault(l3out.vrf, []).append(key)
        return {vrf: tuple(sorted(members)) for vrf, members in found.items()}

    def vrf(self, l3out: L3Out) -> str:
        """DN of an L3Out's VRF; empty when it is not known."""
        return self.observed.of(l3out).vrf

    def subnets(self) -> Iterator[tuple[ObservedEpg, ObservedSubnet]]:
        """Every subnet in view with its EPG."""
        for epg in self.epgs():
            for subnet in epg.subnets.values():
                yield epg, subnet

    def epgs(self) -> Iterator[ObservedEpg]:
        """Every external EPG in view."""
        for l3out in self.observed.l3outs.values():
            yield from l3out.epgs.values()

    def owner(self, epg: ObservedEpg, subnet: ObservedSubnet) -> Owner:
        """Whose a subnet is. In a released EPG nothing is ours to touch, whatever the marks say."""
        owner = self.identity.owner(subnet.annotation, subnet.dn)
        return Owner.UNMANAGED if owner is Owner.MANAGED and self.released(epg) else owner

    def managed_count(self, l3out: L3Out) -> int:
        """How many subnets of an L3Out are ours."""
        return sum(
            self.owner(epg, subnet) is Owner.MANAGED
            for epg in self.observed.of(l3out).epgs.values()
            for subnet in epg.subnets.values()
        )

    def epg_owner(self, epg: ObservedEpg) -> Owner:
        """Whose an external EPG is."""
        return self.identity.owner(epg.annotation, epg.dn)

    def released(self, epg: ObservedEpg) -> bool:
        """Whether a person released the EPG: the engine leaves it alone until it is adopted."""
        return epg.tags.get(self.identity.release_tag) == RELEASED
