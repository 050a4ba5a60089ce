"""The plan: a pure, total function of both views, the memory, the rules and the time."""

from __future__ import annotations

from collections.abc import Iterable

from akb_sync.item import Action, Item
from akb_sync.mark import Identity, Owner
from akb_sync.model import Desired, Notice, ObjectRef, Observed, ObservedSubnet
from akb_sync.reasons import Reason

from .adopted import hold_adopted
from .claims import settle
from .coverage import shifts
from .epgs import epg_items
from .guards import hold
from .massdelete import hold_mass_deletes
from .memory import Memory
from .result import Plan
from .rules import Rules
from .subnets import subnet_items
from .world import World

MANY_MARKS = 10
"""More marks than this lost at once is an alarm: another controller rewrites annotations."""


def make_plan(
    identity: Identity,
    desired: Desired,
    observed: Observed,
    *,
    memory: Memory | None = None,
    rules: Rules | None = None,
    now: float = 0.0,
) -> Plan:
    """Compare what is wanted with what is there.

    Args:
        identity: Who we are; decides what is ours.
        desired: What the cluster wants.
        observed: What the fabric has.
        memory: What the process remembers; an empty one is the careful one.
        rules: The operator's rules.
        now: The time, in the monotonic seconds of the views and the memory.

    Returns:
        Every object that is wanted or ours, with what is to happen to it, why, and what holds it back.
        No input makes it raise.
    """
    world = World(identity, desired, observed, memory or Memory(), rules or Rules(), now)
    items = (*epg_items(world), *subnet_items(world, settle(world)))
    guarded = hold_adopted(world, hold(world, tuple(item for item in items if item.changes)))
    changing = hold_mass_deletes(world, guarded)
    items = tuple(sorted((*changing, *(item for item in items if not item.changes)), key=_order))
    return Plan(
        items=items,
        notices=(*sorted({*desired.undecided, *desired.notices}, key=_told), *_marks_lost(world, items)),
        shifts=shifts(world, changing),
        revisit_at=_soonest([*_untils(items), desired.revisit_at], now),
        reread_at=_soonest(_second_looks(items), None),
    )


def _order(item: Item) -> tuple[object, ...]:
    """An EPG before its subnets, all in the order of their names."""
    where = item.binding
    return (where.tenant, where.l3out, where.epg, bool(item.prefix), item.prefix, item.dn)


def _untils(items: Iterable[Item]) -> list[float | None]:
    return [item.hold.until for item in items if item.hold]


def _second_looks(items: Iterable[Item]) -> list[float | None]:
    return [
        item.hold.until
        for item in items
        if item.action is Action.DELETE and item.hold and item.hold.reason is Reason.MASS_DELETE
    ]


def _soonest(times: Iterable[float | None], after: float | None) -> float | None:
    known = [time for time in times if time is not None and (after is None or time > after)]
    return min(known, default=None)


def _told(notice: Notice) -> tuple[object, ...]:
    return (notice.subject, notice.reason, notice.message)


def _marks_lost(world: World, items: tuple[Item, ...]) -> tuple[Notice, ...]:
    lost = [item for item in items if _mark_lost(world, item)]
    if len(lost) <= MANY_MARKS:
        return ()
    l3out = lost[0].binding.parent
    subject = ObjectRef("L3Out", l3out.tenant, l3out.name)
    return (Notice(Reason.MARKS_LOST, subject, f"{len(lost)} marks were lost, {lost[0].dn} is one"),)


def _mark_lost(world: World, item: Item) -> bool:
    """Whether a wanted subnet stands there as we write it, but for the mark.

    An emptied mark tells by the subnet's name alone, since the EPG's may have been emptied along with it;
    any other text is taken for a lost mark only in an EPG of ours.
    """
    found = item.observed
    if item.reason is Reason.MARK_RESTORED:
        return True
    if item.reason is not Reason.UNMANAGED or not isinstance(found, ObservedSubnet):
        return False
    exposures = world.exposures.get((item.binding, item.prefix))
    epg = world.observed.epg(item.binding)
    ours = epg is not None and world.epg_owner(epg) is Owner.MANAGED
    foreign = epg is not None and world.owner(epg, found) is Owner.FOREIGN
    named = exposures is not None and exposures[0].subnet_name == found.name
    return named and not foreign and (ours or found.annotation == "")
