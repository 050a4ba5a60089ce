"""The difference for subnets: what each wanted address needs, and what of ours nobody wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from akb_sync.item import Action, Hold, Item
from akb_sync.mark import Mark, Owner
from akb_sync.model import IMPORT_SECURITY, Binding, Exposure, ObservedEpg, ObservedSubnet
from akb_sync.reasons import Reason

from .claims import Claims
from .world import Holder, World


def subnet_items(world: World, claims: Claims) -> Iterator[Item]:
    """Compare every wanted address, then every subnet of ours that is wanted nowhere it stands."""
    moved: set[str] = set()
    for (binding, prefix), exposures in claims.granted.items():
        item = _granted(world, binding, prefix, exposures)
        if item.leaves:
            moved.add(item.leaves.dn)
        yield item
    for (binding, prefix), (exposures, winner) in claims.refused.items():
        yield _refused(world, binding, prefix, exposures, winner)
    yield from _unwanted(world, claims, moved)


def _granted(world: World, binding: Binding, prefix: str, exposures: tuple[Exposure, ...]) -> Item:
    here = _standing(world, binding, prefix)
    if here is None:
        return _absent(world, _wish(world, binding, prefix, exposures))
    epg, subnet = here
    owner = world.owner(epg, subnet)
    if owner is Owner.MANAGED:
        return _managed(world, subnet, _wish(world, binding, prefix, exposures))
    return _not_ours(world, epg, subnet, _wish(world, binding, prefix, exposures))


def _wish(world: World, binding: Binding, prefix: str, exposures: tuple[Exposure, ...]) -> Item:
    """The item as it is when the fabric has nothing there."""
    dn = binding.subnet_dn(prefix)
    return Item(
        action=Action.CREATE,
        binding=binding,
        dn=dn,
        prefix=prefix,
        reason=Reason.WANTED,
        name=exposures[0].subnet_name,
        scope=frozenset({IMPORT_SECURITY}),
        mark=world.identity.mark(dn),
        sources=tuple(exposure.source for exposure in exposures),
        workloads=tuple(dict.fromkeys(exposure.workload.ref for exposure in exposures)),
    )


def _standing(world: World, binding: Binding, prefix: str) -> tuple[ObservedEpg, ObservedSubnet] | None:
    """Find the subnet of this prefix in this EPG, in whatever spelling; ours before others'."""
    epg = world.observed.epg(binding)
    if epg is None:
        return None
    exact = epg.subnets.get(binding.subnet_dn(prefix))
    if exact:
        return epg, exact
    return next(((epg, one) for one in epg.subnets.values() if one.prefix == prefix), None)


def _managed(world: World, subnet: ObservedSubnet, wish: Item) -> Item:
    rivals = [one for one in _elsewhere(world, wish) if one.owner is not Owner.MANAGED]
    for rival in rivals:
        if rival.owner is Owner.FOREIGN and subnet.annotation > rival.subnet.annotation:
            return _found(wish, subnet, Action.DELETE, Reason.WITHDRAWN, f"{rival.binding} keeps it")
    name = wish.name if subnet.name != wish.name else None
    scope = None if subnet.classifies else subnet.scope | {IMPORT_SECURITY}
    if name is None and scope is None:
        reason = Reason.DUPLICATE if rivals else Reason.IN_SYNC
        also = f"also in {', '.join(str(rival.binding) for rival in rivals)}" if rivals else ""
        return _found(wish, subnet, Action.NONE, reason, also)
    drifted = _found(wish, subnet, Action.UPDATE, Reason.DRIFT, _drift(subnet, name, scope))
    return replace(drifted, name=name, scope=scope)


def _drift(subnet: ObservedSubnet, name: str | None, scope: frozenset[str] | None) -> str:
    parts = []
    if name is not None:
        parts.append(f"name is {subnet.name!r}, wanted {name!r}")
    if scope is not None:
        parts.append(f"scope lacks {IMPORT_SECURITY}")
    return "; ".join(parts)


def _not_ours(world: World, epg: ObservedEpg, subnet: ObservedSubnet, wish: Item) -> Item:
    """A wanted subnet stands there without our mark: put an emptied mark back, or leave it alone."""
    if world.released(epg):
        return _found(wish, subnet, Action.NONE, Reason.RELEASED)
    emptied = subnet.annotation == "" and subnet.name == wish.name and subnet.dn == wish.dn
    if emptied and world.epg_owner(epg) is Owner.MANAGED:
        scope = None if subnet.classifies else subnet.scope | {IMPORT_SECURITY}
        emptied_mark = _found(wish, subnet, Action.UPDATE, Reason.MARK_RESTORED)
        return replace(emptied_mark, scope=scope, mark=wish.mark)
    if subnet.classifies:
        return _found(wish, subnet, Action.NONE, Reason.UNMANAGED, whose(subnet.annotation))
    held = _found(wish, subnet, Action.UPDATE, Reason.UNMANAGED, f"its scope lacks {IMPORT_SECURITY}")
    return held.held(Hold(Reason.UNMANAGED, whose(subnet.annotation)))


def _absent(world: World, wish: Item) -> Item:
    epg = world.observed.epg(wish.binding)
    if epg and world.released(epg):
        return wish.held(Hold(Reason.RELEASED))
    protection = world.desired.protected.get(wish.prefix)
    if protection:
        return wish.held(Hold(protection.reason, protection.message))
    holders = _elsewhere(world, wish)
    strangers = [holder for holder in holders if holder.owner is not Owner.MANAGED]
    if strangers:
        return wish.held(Hold(Reason.CONFLICT, _held_by(strangers[0])))
    return _move(wish, holders) if holders else wish


def _move(wish: Item, holders: list[Holder]) -> Item:
    """The address stands in another EPG of ours: both halves are one transaction, within a tenant."""
    for holder in holders:
        if holder.binding.tenant == wish.binding.tenant:
            return replace(
                wish,
                action=Action.MOVE,
                reason=Reason.MOVED,
                message=f"from {holder.binding}",
                leaves=holder.subnet,
            )
    return wish.held(Hold(Reason.AWAITING_REMOVAL, f"it stands in {holders[0].binding}"))


def _refused(
    world: World, binding: Binding, prefix: str, exposures: tuple[Exposure, ...], winner: Binding
) -> Item:
    wish = _wish(world, binding, prefix, exposures)
    here = _standing(world, binding, prefix)
    if here is None:
        return wish.held(Hold(Reason.CONFLICT, f"{winner} has it"))
    epg, subnet = here
    if world.owner(epg, subnet) is Owner.MANAGED:
        return _found(wish, subnet, Action.DELETE, Reason.CONFLICT, f"{winner} has it")
    return _found(wish, subnet, Action.NONE, Reason.UNMANAGED, whose(subnet.annotation))


def _unwanted(world: World, claims: Claims, moved: set[str]) -> Iterator[Item]:
    for epg, subnet in world.subnets():
        key = subnet.prefix or subnet.ip
        if (epg.binding, key) in claims.granted or (epg.binding, key) in claims.refused:
            continue
        if subnet.dn in moved or world.owner(epg, subnet) is not Owner.MANAGED:
            continue
        yield _leftover(world, epg.binding, key, subnet)


def _leftover(world: World, binding: Binding, key: str, subnet: ObservedSubnet) -> Item:
    protection = world.desired.protected.get(key)
    if protection:
        reason, message = protection.reason, protection.message
        return Item(Action.NONE, binding, subnet.dn, reason, key, message, observed=subnet)
    return Item(Action.DELETE, binding, subnet.dn, Reason.NOT_WANTED, key, observed=subnet)


def _elsewhere(world: World, wish: Item) -> list[Holder]:
    """The subnets of this prefix in other external EPGs of the VRF."""
    vrf = world.vrf(wish.binding.parent)
    return [holder for holder in world.holders.get((vrf, wish.prefix), ()) if holder.binding != wish.binding]


def _found(wish: Item, subnet: ObservedSubnet, action: Action, reason: Reason, message: str = "") -> Item:
    """The wish as it is when the fabric has something there; nothing is written unless it is named."""
    return replace(
        wish,
        action=action,
        reason=reason,
        message=message,
        observed=subnet,
        name=None,
        scope=None,
        mark=None,
    )


def whose(annotation: str) -> str:
    """Say whose an object is that is not ours."""
    mark = Mark.parse(annotation)
    if mark:
        return f"it bears the mark of {mark.cluster}"
    return f"its annotation is {annotation!r}" if annotation else "its annotation is empty"


def _held_by(holder: Holder) -> str:
    return f"{holder.binding} has it ({holder.owner}: {whose(holder.subnet.annotation)})"
