"""What `purge` removes: what a cluster that is gone left, by the rules by which it would have removed it.

Only objects whose mark is that cluster's and fits their DN. An EPG with other people's work in it stays, and
so does one that a workload of the living cluster names, since that would make it again at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from akb_sync.item import Action, Hold, Item
from akb_sync.mark import Identity, Owner
from akb_sync.model import Binding, Desired, Observed, ObservedEpg, ObservedSubnet, Workload
from akb_sync.plan.epgs import obstacles
from akb_sync.plan.world import World
from akb_sync.reasons import Reason


def purge(dead: Identity, desired: Desired, observed: Observed) -> tuple[Item, ...]:
    """Say what goes.

    Args:
        dead: The cluster that is gone.
        desired: What the living cluster wants; it holds the EPGs that it names.
        observed: The L3Outs where the dead one's marks and tags are.
    """
    world = World.of(dead, Desired(), observed, 0.0)
    named = {workload.binding: workload for workload in desired.workloads}
    return tuple(item for epg in world.epgs() for item in _items(world, epg, named))


def _items(world: World, epg: ObservedEpg, named: dict[Binding, Workload]) -> Iterator[Item]:
    marked = [one for one in epg.subnets.values() if world.owner(epg, one) is Owner.MANAGED]
    if world.epg_owner(epg) is Owner.MANAGED and not world.released(epg):
        yield _epg(world, epg, named.get(epg.binding))
    elif world.identity.release_tag in epg.tags and not _marks_left(world, epg):
        off = ((world.identity.release_tag, ""),)
        yield Item(Action.UPDATE, epg.binding, epg.dn, Reason.PURGED, tags=off, observed=epg)
    yield from (_subnet(epg, subnet) for subnet in sorted(marked, key=lambda one: one.dn))


def _epg(world: World, epg: ObservedEpg, workload: Workload | None) -> Item:
    item = Item(Action.DELETE, epg.binding, epg.dn, Reason.PURGED, observed=epg)
    found = list(obstacles(world, epg))
    if workload is not None:
        found.append(f"{workload.ref} of this cluster names it: adopt it")
    return item.held(Hold(Reason.IN_USE, "; ".join(found))) if found else item


def _subnet(epg: ObservedEpg, subnet: ObservedSubnet) -> Item:
    return Item(Action.DELETE, epg.binding, subnet.dn, Reason.PURGED, subnet.key, observed=subnet)


def _marks_left(world: World, epg: ObservedEpg) -> bool:
    """Whether the dead cluster's release of an EPG was cut short: then its tag has to stay for now."""
    return any(world.identity.owner(one.annotation, one.dn) is Owner.MANAGED for one in epg.subnets.values())
