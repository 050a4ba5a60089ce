"""Who gets an address that is wanted in two external EPGs of one VRF.

The fabric classifies a prefix once per VRF. Of two of our own wishes the holder keeps the address, else
the oldest workload has it: an answer that does not depend on the order of events, so it never flaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from akb_sync.mark import Owner
from akb_sync.model import Binding, Exposure

from .memory import Want
from .world import World


@dataclass(frozen=True, slots=True)
class Claims:
    """The settled wishes."""

    granted: Mapping[Want, tuple[Exposure, ...]]
    refused: Mapping[Want, tuple[tuple[Exposure, ...], Binding]]
    """The exposures of each wish that lost, and the binding that has the address instead."""


def settle(world: World) -> Claims:
    """Grant each address to one binding of its VRF."""
    granted: dict[Want, tuple[Exposure, ...]] = {}
    refused: dict[Want, tuple[tuple[Exposure, ...], Binding]] = {}
    for (realm, prefix), rivals in _rivals(world).items():
        winner = min(rivals, key=lambda binding: _rank(world, realm, binding, prefix))
        for binding in rivals:
            exposures = world.exposures[binding, prefix]
            if binding == winner:
                granted[binding, prefix] = exposures
            else:
                refused[binding, prefix] = (exposures, winner)
    return Claims(granted, refused)


def _rivals(world: World) -> dict[tuple[str, str], list[Binding]]:
    """Group the wishes by VRF and prefix; while the VRF is not known an L3Out is a realm of its own."""
    groups: dict[tuple[str, str], list[Binding]] = {}
    for binding, prefix in world.exposures:
        realm = world.vrf(binding.parent) or binding.parent.dn
        groups.setdefault((realm, prefix), []).append(binding)
    return groups


def _rank(
    world: World, realm: str, binding: Binding, prefix: str
) -> tuple[bool, tuple[str, str, str, str], Binding]:
    holds = any(
        holder.binding == binding and holder.owner is Owner.MANAGED
        for holder in world.holders.get((realm, prefix), ())
    )
    oldest = min(exposure.workload.seniority for exposure in world.exposures[binding, prefix])
    return (not holds, oldest, binding)
