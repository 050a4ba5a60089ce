"""The difference for external EPGs: those that workloads name, and those of ours that nobody names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from akb_sync.item import Action, Hold, Item
from akb_sync.mark import Owner
from akb_sync.model import Binding, Freshness, ObservedEpg, ObservedL3Out, Workload
from akb_sync.reasons import Reason

from .adopted import confirmed
from .subnets import whose
from .world import World


def epg_items(world: World) -> Iterator[Item]:
    """Compare every EPG that a workload names, then every EPG of ours that none names."""
    for binding, workloads in world.workloads.items():
        yield _wanted(world, binding, workloads)
    for epg in world.epgs():
        ours = world.epg_owner(epg) is Owner.MANAGED and not world.released(epg)
        if ours and epg.binding not in world.workloads:
            yield Item(
                Action.DELETE,
                epg.binding,
                epg.dn,
                Reason.NOT_WANTED,
                message=_along(world, epg),
                observed=epg,
            )


def _along(world: World, epg: ObservedEpg) -> str:
    """Say what goes with an EPG that a person prunes."""
    found = list(obstacles(world, epg)) if world.rules.prune_in_use else []
    return f"with it go: {'; '.join(found)}" if found else ""


def _wanted(world: World, binding: Binding, workloads: tuple[Workload, ...]) -> Item:
    refs = tuple(workload.ref for workload in workloads)
    epg = world.observed.epg(binding)
    if epg is None:
        return _absent(
            world,
            binding,
            Item(
                Action.CREATE,
                binding,
                binding.dn,
                Reason.WANTED,
                mark=world.identity.mark(binding.dn),
                sources=refs,
                workloads=refs,
            ),
        )
    here = Item(Action.NONE, binding, binding.dn, Reason.IN_SYNC, sources=refs, workloads=refs, observed=epg)
    if world.released(epg):
        return replace(here, reason=Reason.RELEASED)
    if world.epg_owner(epg) is not Owner.MANAGED:
        return replace(here, reason=Reason.UNMANAGED, message=whose(epg.annotation))
    if confirmed(world, epg):
        off = ((world.identity.release_tag, ""),)
        return replace(here, action=Action.UPDATE, reason=Reason.ADOPTED, message="its tag goes", tags=off)
    return here


def _absent(world: World, binding: Binding, wish: Item) -> Item:
    parent = world.observed.of(binding.parent)
    if _known_absent(parent):
        return wish.held(Hold(Reason.PARENT_MISSING, f"{parent.missing or binding.parent.dn} does not exist"))
    if binding.dn in world.memory.seen_unmanaged:
        return wish.held(Hold(Reason.EPG_DELETED))
    if all(workload.paused for workload in world.workloads[binding]):
        return wish.held(Hold(Reason.PAUSED))
    return wish


def _known_absent(parent: ObservedL3Out) -> bool:
    """A parent that was read and is not there, rather than one that could not be read."""
    return not parent.exists and (bool(parent.missing) or parent.freshness is Freshness.FRESH)


def obstacles(world: World, epg: ObservedEpg) -> Iterator[str]:
    """What would go with the EPG and is not ours."""
    if epg.contracts:
        yield f"contracts {', '.join(sorted(epg.contracts))}"
    elif epg.others:
        yield f"{len(epg.others)} object(s) such as {min(epg.others)}"
    tags = sorted(epg.tags.keys() - {world.identity.release_tag})
    if tags:
        yield f"tags {', '.join(tags)}"
    if epg.preferred_group:
        yield "it is in the preferred group"
    theirs = [one.ip for one in epg.subnets.values() if world.owner(epg, one) is not Owner.MANAGED]
    if theirs:
        yield f"{len(theirs)} subnet(s) of others such as {min(theirs)}"
