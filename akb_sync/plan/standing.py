"""What stands on the fabric where an address is wanted.

The APIC keeps a prefix as it was typed, so one EPG can hold it in several spellings. The plan has to
settle on one of them, always the same one: ours first, then the canonical spelling.
"""

from __future__ import annotations

from dataclasses import dataclass

from akb_sync.mark import Owner
from akb_sync.model import Binding, ObservedEpg, ObservedSubnet

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
    exact = epg.subnets.get(dn)
    found = world.spellings.get((binding, prefix)) or ([exact] if exact else [])
    if not found:
        return None
    subnet = min(found, key=lambda one: (world.owner(epg, one) is not Owner.MANAGED, one.dn != dn, one.dn))
    return Standing(epg, subnet, world.owner(epg, subnet), _emptied(world, epg, subnet, prefix))


def _emptied(world: World, epg: ObservedEpg, subnet: ObservedSubnet, prefix: str) -> bool:
    exposures = world.exposures.get((epg.binding, prefix))
    return (
        subnet.annotation == ""
        and exposures is not None
        and subnet.name == exposures[0].subnet_name
        and subnet.dn == epg.binding.subnet_dn(prefix)
        and world.epg_owner(epg) is Owner.MANAGED
    )
