"""Everything that a plan is made of, with the indexes that its parts share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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

from .inventory import Holder, Inventory
from .memory import Memory
from .rules import Rules


@dataclass(frozen=True)
class World:
    """One moment: who we are, both views, what is remembered, the rules and the time."""

    identity: Identity
    desired: Desired
    observed: Observed
    memory: Memory
    rules: Rules
    now: float
    inventory: Inventory
    """What stands where in `observed`."""

    @classmethod
    def of(cls, identity: Identity, desired: Desired, observed: Observed, now: float = 0.0) -> World:
        """Make the world of one moment, without a memory and with the rules as they are by default."""
        inventory = Inventory(identity)
        inventory.update(observed)
        return cls(identity, desired, observed, Memory(), Rules(), now, inventory)

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

    def wishes(self, prefix: str) -> Mapping[Binding, tuple[Exposure, ...]]:
        """The EPGs that a prefix is wanted in; the first exposure of each gives the subnet its name."""
        known = self._wishes.get(prefix)
        if known is None:
            found: dict[Binding, list[Exposure]] = {}
            for exposure in self.desired.wanted.get(prefix, ()):
                found.setdefault(exposure.binding, []).append(exposure)
            known = {
                binding: tuple(sorted(exposures, key=_age)) if len(exposures) > 1 else tuple(exposures)
                for binding, exposures in sorted(found.items())
            }
            self._wishes[prefix] = known
        return known

    @cached_property
    def _wishes(self) -> dict[str, Mapping[Binding, tuple[Exposure, ...]]]:
        """Answers of `wishes`, which is asked several times for a prefix that changes."""
        return {}

    def exposures(self, binding: Binding, prefix: str) -> tuple[Exposure, ...]:
        """The exposures of a prefix in one EPG; empty when it is not wanted there."""
        return self.wishes(prefix).get(binding, ())

    def standing_at(self, prefix: str) -> tuple[Holder, ...]:
        """The subnets of a prefix, wherever they stand, by DN."""
        return tuple(self._unless_released(holder) for holder in self.inventory.at(prefix))

    def _unless_released(self, holder: Holder) -> Holder:
        if holder.owner is not Owner.MANAGED:
            return holder
        epg = self.observed.epg(holder.binding)
        released = epg is not None and self.released(epg)
        return replace(holder, owner=Owner.UNMANAGED) if released else holder

    def holders(self, vrf: str, prefix: str) -> list[Holder]:
        """The subnets that classify a canonical prefix in a VRF, by DN."""
        return [
            holder
            for holder in self.standing_at(prefix)
            if vrf and holder.subnet.prefix and holder.subnet.classifies and self.vrf(holder.binding) == vrf
        ]

    def all_holders(self) -> dict[tuple[str, str], list[Holder]]:
        """By VRF and canonical prefix: the subnets that classify it; for who asks about all of them."""
        found: dict[tuple[str, str], list[Holder]] = {}
        for prefix in self.inventory.prefixes():
            for vrf in {self.vrf(holder.binding) for holder in self.inventory.at(prefix)}:
                if held := self.holders(vrf, prefix):
                    found[vrf, prefix] = held
        return found

    def ours(self, prefix: str) -> list[Holder]:
        """Our own subnets of a canonical prefix, by DN."""
        return [
            holder
            for holder in self.standing_at(prefix)
            if holder.subnet.prefix and holder.owner is Owner.MANAGED
        ]

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
        held = self.holders(self.vrf(item.binding), item.prefix)
        return [holder for holder in held if holder.binding != item.binding]

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
            self.inventory.managed(epg.binding)
            for epg in self.observed.of(l3out).epgs.values()
            if not self.released(epg)
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
