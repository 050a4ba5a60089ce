"""Which addresses leave one EPG of ours for another, so that both halves are one transaction.

An address that is made in one EPG while it is still in another would be in two EPGs of a VRF; one that
is first removed would be in none for a while, or for good when the second half is then held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from akb_sync.model import Binding, ObservedSubnet

from .claims import Claims
from .memory import Want
from .standing import standing
from .world import World


def moves(world: World, claims: Claims) -> Mapping[Want, ObservedSubnet]:
    """Give, for each address to be made, the subnet of ours in the same tenant that goes for it.

    A subnet goes for one address only; one in the same VRF is preferred. Between tenants there is no
    common transaction: there the subnet goes first, and nothing is said about it here.
    """
    pairs = sorted(_pairs(world, claims), key=lambda pair: (pair[0], pair[1], pair[2].dn))
    found: dict[Want, ObservedSubnet] = {}
    taken: set[str] = set()
    for _, want, subnet in pairs:
        if want not in found and subnet.dn not in taken:
            found[want] = subnet
            taken.add(subnet.dn)
    return found


def _pairs(world: World, claims: Claims) -> Iterator[tuple[bool, Want, ObservedSubnet]]:
    for binding, prefix in claims.granted:
        for left, subnet in _left_behind(world, claims, binding, prefix):
            elsewhere = world.vrf(left) != world.vrf(binding)
            yield elsewhere, (binding, prefix), subnet


def _left_behind(
    world: World, claims: Claims, binding: Binding, prefix: str
) -> Iterator[tuple[Binding, ObservedSubnet]]:
    """Go through our subnets of this prefix that nobody wants where they stand."""
    for left, subnet in world.ours.get(prefix, ()):
        wanted = (left, prefix) in claims.granted or (left, prefix) in claims.refused
        if wanted or left.tenant != binding.tenant or prefix in world.desired.protected:
            continue
        if standing(world, binding, prefix) is None:
            yield left, subnet
