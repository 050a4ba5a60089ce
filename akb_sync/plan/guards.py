"""What holds an item back: a view that cannot be believed, a hold-down, a quarrel, the policy.

Each guard is a function from items to items that may hold more of them, never fewer. Their order is the
order in which a person should mend things. The mass-delete guard has a module of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from akb_sync.item import Action, Hold, Item
from akb_sync.mark import Owner
from akb_sync.model import Freshness, L3Out, ObservedEpg, Source
from akb_sync.reasons import Reason
from akb_sync.settings import Policy

from .epgs import obstacles
from .world import World, classifies

Items = tuple[Item, ...]
Guard = Callable[[World, Items], Items]

_ALLOWED = {
    Policy.SYNC: frozenset(Action),
    Policy.UPSERT_ONLY: frozenset({Action.CREATE, Action.UPDATE, Action.NONE}),
    Policy.CREATE_ONLY: frozenset({Action.CREATE, Action.NONE}),
}
_ALL_SOURCES = frozenset(Source)
_OF_CONFLICT = frozenset({Reason.CONFLICT, Reason.WITHDRAWN})
_MOST_DOUBLINGS = 10
_WORKLOAD_SOURCES = {
    "Deployment": Source.DEPLOYMENTS,
    "StatefulSet": Source.STATEFULSETS,
    "DaemonSet": Source.DAEMONSETS,
}


def _each(check: Callable[[World, Item], Hold | None]) -> Guard:
    """Make a guard of a check that looks at one item at a time."""

    def guard(world: World, items: Items) -> Items:
        return tuple(_checked(check, world, item) for item in items)

    return guard


def _checked(check: Callable[[World, Item], Hold | None], world: World, item: Item) -> Item:
    if not item.actionable:
        return item
    hold = check(world, item)
    return item.held(hold) if hold else item


def _freshness(world: World, item: Item) -> Hold | None:
    if classifies(item) and not world.observed.complete:
        return Hold(Reason.NOT_FRESH, "which L3Outs share the VRF is not known")
    for l3out in _l3outs(world, item):
        if world.observed.of(l3out).freshness is not Freshness.FRESH:
            return Hold(Reason.NOT_FRESH, f"the view of L3Out {l3out} is not fresh")
    for source in sorted(_sources(world, item)):
        if world.desired.freshness(source) is not Freshness.FRESH:
            return Hold(Reason.NOT_FRESH, f"the view of {source} is not fresh")
    return None


def _l3outs(world: World, item: Item) -> Sequence[L3Out]:
    """The L3Outs that the item rests on: its own, the one it leaves, and the whole VRF for a conflict."""
    involved = [item.binding.parent]
    left = L3Out.of_dn(item.leaves.dn) if item.leaves else None
    if left:
        involved.append(left)
    if classifies(item):
        involved += world.unread
    if classifies(item) or item.reason in _OF_CONFLICT:
        involved += world.vrf_members.get(world.vrf(item.binding), ())
    return involved


def _sources(world: World, item: Item) -> frozenset[Source]:
    """The kinds that the item rests on; a removal rests on all of them."""
    if item.removes:
        return _ALL_SOURCES
    if item.is_epg:
        known = (_WORKLOAD_SOURCES.get(ref.kind) for ref in item.workloads[:1])
        return frozenset(source for source in known if source) or _ALL_SOURCES
    exposures = world.exposures(item.binding, item.prefix)
    return exposures[0].rests_on if exposures else _ALL_SOURCES


def _vrf_known(world: World, item: Item) -> Hold | None:
    if classifies(item) and not world.vrf(item.binding):
        return Hold(Reason.VRF_UNKNOWN, f"the VRF of L3Out {item.binding.parent} is not resolved")
    return None


def _undecided(world: World, item: Item) -> Hold | None:
    if item.is_epg and item.action is Action.DELETE and world.desired.undecided:
        notice = min(world.desired.undecided, key=lambda one: (one.subject, one.message))
        return Hold(notice.reason, f"{notice.subject} may mean this EPG")
    return None


def _protected(world: World, item: Item) -> Hold | None:
    protection = world.desired.protected.get(item.prefix) if item.prefix else None
    return Hold(protection.reason, protection.message) if protection else None


def _policy(world: World, item: Item) -> Hold | None:
    policy = world.rules.policy
    return None if item.action in _ALLOWED[policy] else Hold(Reason.POLICY, f"the policy is {policy}")


def _frozen(world: World, _item: Item) -> Hold | None:
    return Hold(Reason.ENGINE_PAUSED, world.rules.frozen) if world.rules.frozen else None


def _quarantine(world: World, item: Item) -> Hold | None:
    known = world.memory.quarantine.get(item.dn)
    if known and known.until > world.now:
        return Hold(Reason.REJECTED, known.text, known.until)
    return None


def _in_use(world: World, item: Item) -> Hold | None:
    if not isinstance(item.observed, ObservedEpg) or item.action is not Action.DELETE:
        return None
    found = list(obstacles(world, item.observed))
    if found and not world.rules.prune_in_use:
        return Hold(Reason.IN_USE, "; ".join(found))
    ours = [one for one in item.observed.subnets.values() if world.owner(item.observed, one) is Owner.MANAGED]
    for one in sorted(ours, key=lambda one: one.ip):
        if (stays := world.desired.protected.get(one.prefix)) is not None:
            return Hold(stays.reason, f"its subnet {one.ip} stays: {stays.message}")
    return Hold(Reason.HOLD_DOWN, "its subnets go first") if ours else None


def _contested(world: World, item: Item) -> Hold | None:
    rounds = world.memory.rounds(item)
    beyond = len(rounds) - world.rules.contested_after
    if beyond < 0 or not rounds:
        return None
    until = rounds[-1] + world.rules.contested_pause * 2 ** min(beyond, _MOST_DOUBLINGS)
    return Hold(Reason.CONTESTED, f"put right {len(rounds)} times", until) if until > world.now else None


def _hold_down(world: World, item: Item) -> Hold | None:
    if not item.is_epg or item.action is not Action.DELETE:
        return None
    until = world.memory.unwanted_since.get(item.dn, world.now) + world.rules.hold_down
    return Hold(Reason.HOLD_DOWN, "", until) if until > world.now else None


def _across_tenants(world: World, items: Items) -> Items:
    """An address that moves between tenants is removed first, but only if it can then be made.

    There is no common transaction: what holds the creation holds the removal, and what is not removed
    yet holds the creation.
    """
    stuck = {item.prefix: item for item in items if item.hold and classifies(item) and _alone(item)}
    kept = (_with_its_creation(item, stuck) for item in items)
    return tuple(_checked(_awaiting_removal, world, item) for item in kept)


def _alone(item: Item) -> bool:
    """Whether no removal belongs to it already, and no other wish of ours has its address."""
    return item.action is not Action.MOVE and item.reason is not Reason.CONFLICT


def _with_its_creation(item: Item, stuck: Mapping[str, Item]) -> Item:
    creation = stuck.get(item.prefix)
    leftover = item.prefix and item.action is Action.DELETE and item.reason is Reason.NOT_WANTED
    if not (leftover and creation and creation.hold):
        return item
    why = f"{creation.binding} cannot take it yet: {creation.hold.message or creation.hold.reason.meaning}"
    return item.held(Hold(creation.hold.reason, why, creation.hold.until))


def _awaiting_removal(world: World, item: Item) -> Hold | None:
    left = item.leaves.dn if item.leaves else ""
    remaining = [one for one in world.elsewhere(item) if one.subnet.dn != left] if classifies(item) else []
    return Hold(Reason.AWAITING_REMOVAL, f"it stands in {remaining[0].binding}") if remaining else None


def _with_their_epg(_world: World, items: Items) -> Items:
    """A subnet waits with its EPG: what holds the EPG's creation holds it too."""
    waiting = {item.binding: item.hold for item in items if item.is_epg and item.changes and item.hold}
    return tuple(
        item.held(waiting[item.binding])
        if item.prefix and item.actionable and item.action is not Action.DELETE and item.binding in waiting
        else item
        for item in items
    )


def _contract(world: World, item: Item) -> Hold | None:
    if not (world.rules.require_contract and item.prefix and item.action in (Action.CREATE, Action.MOVE)):
        return None
    epg = world.observed.epg(item.binding)
    return None if epg and epg.contracts else Hold(Reason.NO_CONTRACT)


def _capacity(world: World, items: Items) -> Items:
    limit = world.rules.max_prefixes
    if not limit:
        return items
    room = {key: limit - world.managed_count(key) for key in world.observed.l3outs}
    return tuple(_if_room(item, room, limit) for item in items)


def _if_room(item: Item, room: dict[L3Out, int], limit: int) -> Item:
    key = item.binding.parent
    if not (item.prefix and item.actionable and _arrives(item)):
        return item
    if room.get(key, limit) <= 0:
        return item.held(Hold(Reason.CAPACITY, f"L3Out {key} holds {limit} prefixes already"))
    room[key] = room.get(key, limit) - 1
    return item


def _arrives(item: Item) -> bool:
    """Whether the L3Out has one prefix more afterwards."""
    came_from = L3Out.of_dn(item.leaves.dn) if item.leaves else None
    return item.action in (Action.CREATE, Action.MOVE) and came_from != item.binding.parent


GUARDS: tuple[Guard, ...] = (
    _with_their_epg,
    _each(_freshness),
    _each(_vrf_known),
    _each(_undecided),
    _each(_protected),
    _each(_quarantine),
    _each(_contested),
    _each(_in_use),
    _each(_hold_down),
    _with_their_epg,
    _each(_contract),
    _across_tenants,
    _capacity,
    _each(_policy),
    _each(_frozen),
)


def hold(world: World, items: Items) -> Items:
    """Ask each guard in turn about the items that change something."""
    for guard in GUARDS:
        items = guard(world, items)
    return items
