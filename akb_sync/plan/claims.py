"""Who gets an address that is wanted in two external EPGs of one VRF.

The fabric classifies a prefix once per VRF. Of two of our own wishes the holder keeps the address, else
the oldest workload has it: an answer that does not depend on the order of events, so it never flaps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from akb_sync.mark import Owner
from akb_sync.model import Binding

from .standing import standing
from .world import World


@dataclass(frozen=True, slots=True)
class Claims:
    """The settled wishes for one prefix."""

    granted: Collection[Binding]
    refused: Mapping[Binding, Binding]
    """Each EPG that lost, with the one that has the address instead."""

    def wanted_in(self, binding: Binding) -> bool:
        """Whether the prefix is wanted in an EPG, granted or not."""
        return binding in self.granted or binding in self.refused


def settle(world: World, prefix: str) -> Claims:
    """Grant an address to one EPG of each VRF."""
    granted: list[Binding] = []
    refused: dict[Binding, Binding] = {}
    for rivals in _rivals(world, prefix).values():
        winner = _winner(world, rivals, prefix)
        granted.append(winner)
        refused.update((binding, winner) for binding in rivals if binding != winner)
    return Claims(granted, refused)


def _winner(world: World, rivals: list[Binding], prefix: str) -> Binding:
    if len(rivals) == 1:
        return rivals[0]
    return min(rivals, key=lambda binding: _rank(world, binding, prefix))


def _rivals(world: World, prefix: str) -> dict[str, list[Binding]]:
    """Group the wishes by VRF; while the VRF is not known an L3Out is a realm of its own."""
    groups: dict[str, list[Binding]] = {}
    for binding in world.wishes(prefix):
        groups.setdefault(world.vrf(binding) or binding.parent.dn, []).append(binding)
    return groups


def _rank(world: World, binding: Binding, prefix: str) -> tuple[int, tuple[str, str, str, str], Binding]:
    oldest = min(exposure.workload.seniority for exposure in world.exposures(binding, prefix))
    return (_hold(world, binding, prefix), oldest, binding)


def _hold(world: World, binding: Binding, prefix: str) -> int:
    """How firmly a binding has the prefix already; 0 is firmest.

    What somebody did to our subnet (its scope or its mark taken away) must not decide who gets the
    address, so such a subnet counts for more than none.
    """
    found = standing(world, binding, prefix)
    if found is None or not (found.owner is Owner.MANAGED or found.emptied):
        return 2
    return 0 if found.owner is Owner.MANAGED and found.subnet.classifies else 1
