"""Removals of what was adopted while nobody asked for it wait for a person.

Taking over a whole EPG, or all that a prior application left, hands us objects that no workload wants. To
the engine they look like our own leftovers, and it would delete them at once. `adopt` therefore leaves a
tag on such an EPG, which any process can see, after a restart too: while it is there, what was not seen to
end goes only after a person has looked at the plan and approved it. Then the tag goes.
"""

from __future__ import annotations

from dataclasses import replace

from akb_sync.item import Action, Hold, Item
from akb_sync.mark import Owner
from akb_sync.model import ObservedEpg
from akb_sync.reasons import Reason

from .memory import Cause
from .world import World


def hold_adopted(world: World, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Hold the removals that rest on an adoption alone.

    An EPG in its hold-down is held by this too, so that a person approves it along with its subnets.
    """
    return tuple(
        replace(item, hold=Hold(Reason.UNCONFIRMED)) if _concerned(world, item) else item for item in items
    )


def _concerned(world: World, item: Item) -> bool:
    removal = item.action is Action.DELETE and item.reason is Reason.NOT_WANTED
    if not removal or item.dn in world.memory.approved:
        return False
    if item.hold is not None and item.hold.reason is not Reason.HOLD_DOWN:
        return False
    epg = world.observed.epg(item.binding)
    adopted = epg is not None and world.adopted(epg)
    return adopted and world.memory.cause(item.binding, item.prefix) is Cause.INFERRED


def confirmed(world: World, epg: ObservedEpg) -> bool:
    """Whether a person has approved what was stale in an adopted EPG, and none of it is left."""
    return world.adopted(epg) and epg.binding in world.memory.confirmed and not _stale(world, epg)


def _stale(world: World, epg: ObservedEpg) -> bool:
    return any(
        world.owner(epg, subnet) is Owner.MANAGED and not world.exposures(epg.binding, subnet.prefix)
        for subnet in epg.subnets.values()
    )
