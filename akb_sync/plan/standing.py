"""What stands on the fabric where an address is wanted.

The APIC keeps a prefix as it was typed, so one EPG can hold it in several spellings. The plan has to
settle on one of them, always the same one: ours first, then the canonical spelling.
"""

from __future__ import annotations

from dataclasses import dataclass

from akb_sync.mark import Owner
from akb_sync.model import Binding, ObservedEpg, ObservedSubnet

from .inventory import Holder
from .world import World


@dataclass(frozen=True, slots=True)
class Standing:
    """A subnet in the EPG where it is wanted."""

    epg: ObservedEpg
    subnet: ObservedSubnet
    owner: Owner
    emptied: bool
    """Whether it is ours in all but the mark: its EPG is ours, it bears exactly the name that we would
    give it, and its annotation is empty."""


def standing(world: World, binding: Binding, prefix: str) -> Standing | None:
    """Find the subnet of a wanted prefix in its EPG; None when the EPG has none."""
    epg = world.observed.epg(binding)
    if epg is None:
        return None
    dn = binding.subnet_dn(prefix)
    spelled = [one for one in world.standing_at(prefix) if one.binding == binding]
    found = spelled or _unreadable(world, epg, dn)
    if not found:
        return None
    best = min(found, key=lambda one: (one.owner is not Owner.MANAGED, one.subnet.dn != dn, one.subnet.dn))
    return Standing(epg, best.subnet, best.owner, _emptied(world, epg, best.subnet, prefix))


def _unreadable(world: World, epg: ObservedEpg, dn: str) -> list[Holder]:
    """Give what stands at the very DN although its address says something else."""
    there = epg.subnets.get(dn)
    return [Holder(epg.binding, there, world.owner(epg, there))] if there else []


def _emptied(world: World, epg: ObservedEpg, subnet: ObservedSubnet, prefix: str) -> bool:
    exposures = world.exposures(epg.binding, prefix)
    return (
        subnet.annotation == ""
        and bool(exposures)
        and subnet.name == exposures[0].subnet_name
        and subnet.dn == epg.binding.subnet_dn(prefix)
        and world.epg_owner(epg) is Owner.MANAGED
    )
