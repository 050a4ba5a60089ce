"""Which addresses leave one EPG of ours for another, so that both halves are one transaction.

An address that is made in one EPG while it is still in another would be in two EPGs of a VRF; one that
is first removed would be in none for a while, or for good when the second half is then held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from akb_sync.model import Binding, ObservedSubnet

from .claims import Claims
from .standing import standing
from .world import World


def moves(world: World, prefix: str, claims: Claims) -> Mapping[Binding, ObservedSubnet]:
    """Give, for each EPG that a prefix is to be made in, the subnet of ours in its tenant that goes for it.

    A subnet goes for one address only; one in the same VRF is preferred. Between tenants there is no
    common transaction: there the subnet goes first, and nothing is said about it here.
    """
    pairs = sorted(_pairs(world, prefix, claims), key=lambda pair: (pair[0], pair[1], pair[2].dn))
    found: dict[Binding, ObservedSubnet] = {}
    taken: set[str] = set()
    for _, binding, subnet in pairs:
        if binding not in found and subnet.dn not in taken:
            found[binding] = subnet
            taken.add(subnet.dn)
    return found


def _pairs(world: World, prefix: str, claims: Claims) -> Iterator[tuple[bool, Binding, ObservedSubnet]]:
    left_behind = [one for one in world.ours(prefix) if not claims.wanted_in(one.binding)]
    if not left_behind or prefix in world.desired.protected:
        return
    for binding in claims.granted:
        for left in left_behind:
            if left.binding.tenant == binding.tenant and standing(world, binding, prefix) is None:
                yield world.vrf(left.binding) != world.vrf(binding), binding, left.subnet
