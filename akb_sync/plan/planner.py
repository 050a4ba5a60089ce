"""The plan: a pure, total function of both views, the memory, the rules and the time."""

from __future__ import annotations

from collections.abc import Iterable

from akb_sync.item import Action, Item
from akb_sync.mark import Identity
from akb_sync.model import Desired, Notice, ObjectRef, Observed
from akb_sync.reasons import Reason

from .claims import settle
from .coverage import shifts
from .epgs import epg_items
from .guards import AFTER_MASS_DELETE, BEFORE_MASS_DELETE, hold
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
    items = hold(world, items, BEFORE_MASS_DELETE)
    items = hold(world, hold_mass_deletes(world, items), AFTER_MASS_DELETE)
    items = tuple(sorted(items, key=_order))
    return Plan(
        items=items,
        notices=(*desired.notices, *_marks_lost(items)),
        shifts=shifts(world, items),
        revisit_at=_soonest([*_untils(items), desired.revisit_at], now),
        reread_at=_soonest(_second_looks(items), None),
    )


def _order(item: Item) -> tuple[object, ...]:
    """An EPG before its subnets, all in the order of their names."""
    return (item.binding, bool(item.prefix), item.prefix, item.dn, item.action)


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


def _marks_lost(items: tuple[Item, ...]) -> tuple[Notice, ...]:
    lost = [item for item in items if item.reason is Reason.MARK_RESTORED]
    if len(lost) <= MANY_MARKS:
        return ()
    l3out = lost[0].binding.parent
    subject = ObjectRef("L3Out", l3out.tenant, l3out.name)
    return (Notice(Reason.MARKS_LOST, subject, f"{len(lost)} marks were emptied"),)
