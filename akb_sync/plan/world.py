"""Everything that a plan is made of, with the indexes that its parts share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from akb_sync.item import Action, Item
from akb_sync.mark import ADOPTED, RELEASED, Identity, Owner
from akb_sync.model import (
    Binding,
    Desired,
    Exposure,
    Freshness,
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
            binding: tuple(sorted(workloads, key=lambda one: (one.seniority, one.ref)))
            for binding, workloads in sorted(found.items())
        }

    @cached_property
    def exposures(self) -> Mapping[tuple[Binding, str], tuple[Exposure, ...]]:
        """The exposures of each prefix in each binding; the first gives the subnet its name."""
        found: dict[tuple[Binding, str], list[Exposure]] = {}
        for exposure in self.desired.exposures:
            found.setdefault((exposure.binding, exposure.prefix), []).append(exposure)
        return {
            want: tuple(sorted(exposures, key=_age)) if len(exposures) > 1 else tuple(exposures)
            for want, exposures in sorted(found.items())
        }

    @cached_property
    def holders(self) -> Mapping[tuple[str, str], tuple[Holder, ...]]:
        """By VRF and canonical prefix: the subnets that classify it."""
        found: dict[tuple[str, str], list[Holder]] = {}
        for epg, subnet in self.subnets():
            vrf = self.vrf(epg.binding)
            if vrf and subnet.prefix and subnet.classifies:
                holder = Holder(epg.binding, subnet, self.owner(epg, subnet))
                found.setdefault((vrf, subnet.prefix), []).append(holder)
        return {key: tuple(sorted(held, key=lambda one: one.subnet.dn)) for key, held in found.items()}

    @cached_property
    def ours(self) -> Mapping[str, tuple[tuple[Binding, ObservedSubnet], ...]]:
        """By canonical prefix: our subnets, each with the EPG that it stands in."""
        found: dict[str, list[tuple[Binding, ObservedSubnet]]] = {}
        for epg, subnet in self.subnets():
            if subnet.prefix and self.owner(epg, subnet) is Owner.MANAGED:
                found.setdefault(subnet.prefix, []).append((epg.binding, subnet))
        return {prefix: tuple(sorted(held, key=lambda one: one[1].dn)) for prefix, held in found.items()}

    @cached_property
    def spellings(self) -> Mapping[tuple[Binding, str], list[ObservedSubnet]]:
        """By EPG and canonical prefix: the subnets that spell it, in no order."""
        found: dict[tuple[Binding, str], list[ObservedSubnet]] = {}
        for epg, subnet in self.subnets():
            if subnet.prefix:
                found.setdefault((epg.binding, subnet.prefix), []).append(subnet)
        return found

    @cached_property
    def unread(self) -> tuple[L3Out, ...]:
        """The L3Outs whose first read is still to come: any of them may share any VRF.

        One that the APIC refuses to show is not among them, or one tenant without rights would stop
        everything; that the conflict check is partial then is reported elsewhere. One whose read failed for
        now is: it may hold the very prefix.
        """
        return tuple(
            sorted(
                key
                for key, one in self.observed.l3outs.items()
                if one.freshness is Freshness.NEVER and not one.refused
            )
        )

    @cached_property
    def vrf_members(self) -> Mapping[str, tuple[L3Out, ...]]:
        """The L3Outs of each VRF."""
        found: dict[str, list[L3Out]] = {}
        for key, l3out in self.observed.l3outs.items():
            if l3out.vrf:
                found.setdefault(l3out.vrf, []).append(key)
        return {vrf: tuple(sorted(members)) for vrf, members in found.items()}

    def vrf(self, binding: Binding) -> str:
        """DN of the VRF that an EPG is in; empty when it is not known."""
        vrf = self._vrfs.get(binding)
        if vrf is None:
            vrf = self._vrfs[binding] = self.observed.of(binding.parent).vrf
        return vrf

    @cached_property
    def _vrfs(self) -> dict[Binding, str]:
        """Answers of `vrf`: it is asked for every prefix, and there are few EPGs."""
        return {}

    def elsewhere(self, item: Item) -> list[Holder]:
        """The subnets of an item's prefix in other external EPGs of its VRF."""
        held = self.holders.get((self.vrf(item.binding), item.prefix), ())
        return [holder for holder in held if holder.binding != item.binding]

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
        owner = self._owners.get((subnet.annotation, subnet.dn))
        if owner is None:
            owner = self.identity.owner(subnet.annotation, subnet.dn)
            self._owners[subnet.annotation, subnet.dn] = owner
        return Owner.UNMANAGED if owner is Owner.MANAGED and self.released(epg) else owner

    @cached_property
    def _owners(self) -> dict[tuple[str, str], Owner]:
        """What marks say, worked out once: each costs a hash, and each is asked for several times."""
        return {}

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

    def adopted(self, epg: ObservedEpg) -> bool:
        """Whether the EPG was adopted with subnets that nobody asked for, and no person has agreed since."""
        return epg.tags.get(self.identity.release_tag) == ADOPTED


def classifies(item: Item) -> bool:
    """Whether an item makes its prefix take part in the policy of its EPG, where it did not before."""
    made = item.action in (Action.CREATE, Action.MOVE)
    return bool(item.prefix) and (made or (item.action is Action.UPDATE and item.scope is not None))


def _age(exposure: Exposure) -> tuple[object, ...]:
    """Sort by precedence; what is alike there by what it is, so that no order of arrival shows."""
    return (
        exposure.precedence,
        exposure.source,
        exposure.workload.seniority,
        exposure.workload.ref,
        sorted(exposure.rests_on),
    )
