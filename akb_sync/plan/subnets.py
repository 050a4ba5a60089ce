"""The difference for subnets: what each wanted address needs, and what of ours nobody wants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from akb_sync.item import Action, Hold, Item
from akb_sync.mark import Mark, Owner
from akb_sync.model import IMPORT_SECURITY, Binding, Exposure, ObjectRef, ObservedSubnet
from akb_sync.reasons import Reason

from .claims import settle
from .inventory import Holder
from .moves import moves
from .standing import Standing, standing
from .world import World, classifies


def subnet_items(world: World, prefix: str) -> Iterator[Item]:
    """Compare one prefix in all EPGs: where it is wanted, and where it stands of ours and is not.

    Nothing else than this prefix in both views decides on it, and the EPGs, VRFs and protections themselves.
    """
    claims = settle(world, prefix)
    leaving = moves(world, prefix, claims)
    for binding in claims.granted:
        yield _granted(world, binding, prefix, leaving.get(binding))
    for binding, winner in claims.refused.items():
        yield _refused(world, binding, prefix, winner)
    moved = {subnet.dn for subnet in leaving.values()}
    for held in world.standing_at(prefix):
        wanted = claims.wanted_in(held.binding)
        if not wanted and held.owner is Owner.MANAGED and held.subnet.dn not in moved:
            yield _leftover(world, held.binding, prefix, held.subnet)


def _granted(world: World, binding: Binding, prefix: str, leaves: ObservedSubnet | None) -> Item:
    here = standing(world, binding, prefix)
    if here is None:
        return _absent(world, _wish(world, binding, prefix), leaves)
    line = _line(world, binding, prefix, here)
    if here.owner is Owner.MANAGED:
        return _managed(world, here.subnet, line)
    return _not_ours(world, here, line)


def _line(world: World, binding: Binding, prefix: str, here: Standing) -> Item:
    """The item of an address that is right as it stands there."""
    sources, workloads = _behind(world.exposures(binding, prefix))
    return Item(
        action=Action.NONE,
        binding=binding,
        dn=here.subnet.dn,
        reason=Reason.IN_SYNC,
        prefix=prefix,
        sources=sources,
        workloads=workloads,
        observed=here.subnet,
    )


def _wish(world: World, binding: Binding, prefix: str) -> Item:
    """The item of an address when the fabric has nothing there."""
    dn, exposures = binding.subnet_dn(prefix), world.exposures(binding, prefix)
    sources, workloads = _behind(exposures)
    return Item(
        action=Action.CREATE,
        binding=binding,
        dn=dn,
        reason=Reason.WANTED,
        prefix=prefix,
        name=exposures[0].subnet_name,
        scope=frozenset({IMPORT_SECURITY}),
        mark=world.identity.mark(dn),
        sources=sources,
        workloads=workloads,
    )


def _behind(exposures: Sequence[Exposure]) -> tuple[tuple[ObjectRef, ...], ...]:
    """What wants an address in an EPG, and the workloads behind that; each once."""
    if len(exposures) == 1:
        return (exposures[0].source,), (exposures[0].workload.ref,)
    return (
        tuple(dict.fromkeys(exposure.source for exposure in exposures)),
        tuple(dict.fromkeys(exposure.workload.ref for exposure in exposures)),
    )


def _managed(world: World, subnet: ObservedSubnet, line: Item) -> Item:
    rivals = [one for one in world.elsewhere(line) if one.owner is not Owner.MANAGED]
    for rival in rivals:
        if rival.owner is Owner.FOREIGN and subnet.annotation > rival.subnet.annotation:
            return _told(line, Action.DELETE, Reason.WITHDRAWN, f"{rival.binding} keeps it")
    wanted = world.exposures(line.binding, line.prefix)[0].subnet_name
    name = wanted if subnet.name != wanted else None
    scope = None if subnet.classifies else subnet.scope | {IMPORT_SECURITY}
    if name is None and scope is None:
        also = f"also in {', '.join(str(rival.binding) for rival in rivals)}"
        return _told(line, Action.NONE, Reason.DUPLICATE, also) if rivals else line
    drifted = _told(line, Action.UPDATE, Reason.DRIFT, _drift(subnet, name, scope))
    return _unless_held_elsewhere(world, replace(drifted, name=name, scope=scope))


def _drift(subnet: ObservedSubnet, name: str | None, scope: frozenset[str] | None) -> str:
    parts = []
    if name is not None:
        parts.append(f"name is {subnet.name!r}, wanted {name!r}")
    if scope is not None:
        parts.append(f"scope lacks {IMPORT_SECURITY}")
    return "; ".join(parts)


def _not_ours(world: World, here: Standing, line: Item) -> Item:
    """A wanted subnet stands there without our mark: put an emptied mark back, or leave it alone."""
    subnet = here.subnet
    if world.released(here.epg):
        return _told(line, Action.NONE, Reason.RELEASED)
    if here.emptied:
        scope = None if subnet.classifies else subnet.scope | {IMPORT_SECURITY}
        unmarked = _told(line, Action.UPDATE, Reason.MARK_RESTORED)
        marked = replace(unmarked, scope=scope, mark=world.identity.mark(line.dn))
        return _unless_held_elsewhere(world, marked)
    if subnet.classifies:
        return _told(line, Action.NONE, Reason.UNMANAGED, whose(subnet.annotation))
    held = _told(line, Action.UPDATE, Reason.UNMANAGED, f"its scope lacks {IMPORT_SECURITY}")
    return held.held(Hold(Reason.UNMANAGED, whose(subnet.annotation)))


def _absent(world: World, wish: Item, leaves: ObservedSubnet | None) -> Item:
    if leaves:
        message = f"from {Binding.of_dn(leaves.dn)}"
        wish = replace(wish, action=Action.MOVE, reason=Reason.MOVED, message=message, leaves=leaves)
    epg = world.observed.epg(wish.binding)
    if epg and world.released(epg):
        return wish.held(Hold(Reason.RELEASED))
    protection = world.desired.protected.get(wish.prefix)
    if protection:
        return wish.held(Hold(protection.reason, protection.message))
    return _unless_held_elsewhere(world, wish)


def _unless_held_elsewhere(world: World, item: Item) -> Item:
    """Hold what would make a prefix classify in a second EPG of the VRF, beside somebody else's."""
    strangers = [one for one in world.elsewhere(item) if one.owner is not Owner.MANAGED]
    if classifies(item) and strangers:
        return item.held(Hold(Reason.CONFLICT, _held_by(strangers[0])))
    return item


def _refused(world: World, binding: Binding, prefix: str, winner: Binding) -> Item:
    here = standing(world, binding, prefix)
    if here is None:
        wish = replace(_wish(world, binding, prefix), reason=Reason.CONFLICT)
        return wish.held(Hold(Reason.CONFLICT, f"{winner} has it"))
    line = _line(world, binding, prefix, here)
    if here.owner is Owner.MANAGED:
        return _told(line, Action.DELETE, Reason.CONFLICT, f"{winner} has it")
    reason = Reason.RELEASED if world.released(here.epg) else Reason.UNMANAGED
    return _told(line, Action.NONE, reason, whose(here.subnet.annotation))


def _leftover(world: World, binding: Binding, key: str, subnet: ObservedSubnet) -> Item:
    protection = world.desired.protected.get(key)
    if protection:
        reason, message = protection.reason, protection.message
        return Item(Action.NONE, binding, subnet.dn, reason, key, message, observed=subnet)
    return Item(Action.DELETE, binding, subnet.dn, Reason.NOT_WANTED, key, observed=subnet)


def _told(line: Item, action: Action, reason: Reason, message: str = "") -> Item:
    return replace(line, action=action, reason=reason, message=message)


def whose(annotation: str) -> str:
    """Say whose an object is that is not ours."""
    mark = Mark.parse(annotation)
    if mark:
        return f"it bears the mark of {mark.cluster}"
    return f"its annotation is {annotation!r}" if annotation else "its annotation is empty"


def _held_by(holder: Holder) -> str:
    return f"{holder.binding} has it ({holder.owner}: {whose(holder.subnet.annotation)})"
