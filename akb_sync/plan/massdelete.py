"""The guard against the accident that this field fears most: many prefixes gone because we saw wrong.

Removals that were inferred from a list, or that follow from an annotation, workload or Service that went,
are counted per L3Out over a sliding window; a Pod's own end seen on a live watch is not. Too many at once
are held: both sides are read again from scratch after the hold-down, and only if the second look still
wants them gone they go. Shapes that a broken source makes (a kind that lists empty, an L3Out from which
everything vanished unseen) always wait for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from akb_sync.item import Action, Hold, Item
from akb_sync.model import L3Out
from akb_sync.reasons import Reason
from akb_sync.settings import MassDelete

from .memory import Cause, counts
from .world import World


def hold_mass_deletes(world: World, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Hold the removals of every L3Out where they are too many, or have a shape that is not believed.

    An EPG in its hold-down is held by this too, so that a person approves it along with its subnets.
    """
    pending: dict[L3Out, list[Item]] = defaultdict(list)
    for item in items:
        if _concerned(world, item):
            pending[item.binding.parent].append(item)
    holds: dict[str, Hold] = {}
    for l3out, removals in pending.items():
        holds.update(_holds(world, l3out, removals))
    return tuple(replace(item, hold=holds[item.dn]) if item.dn in holds else item for item in items)


def _concerned(world: World, item: Item) -> bool:
    """Removals that nobody saw the Pod's own end of, and that no person has approved."""
    removal = item.action is Action.DELETE and item.reason is Reason.NOT_WANTED
    held_for_good = item.hold is not None and item.hold.reason is not Reason.HOLD_DOWN
    return (
        removal and not held_for_good and counts(world.memory, item) and item.dn not in world.memory.approved
    )


def _holds(world: World, l3out: L3Out, removals: list[Item]) -> dict[str, Hold]:
    blocked = _not_believed(world, l3out, removals)
    if blocked:
        return {item.dn: Hold(Reason.MASS_DELETE, blocked) for item in removals}
    subnets = [item for item in removals if item.prefix]
    recent = _recent(world, l3out)
    total, base = len(subnets) + recent, world.managed_count(l3out) + recent
    if total <= world.rules.guard_count or total <= world.rules.guard_share * base:
        return {}
    why = f"{total} of {base} managed prefixes of L3Out {l3out} would go"
    if world.rules.mass_delete is MassDelete.BLOCK:
        return {item.dn: Hold(Reason.MASS_DELETE, why) for item in subnets}
    return {
        item.dn: Hold(Reason.MASS_DELETE, f"{why}; a second look decides", until)
        for item in subnets
        if (until := _second_look(world, item)) is not None
    }


def _recent(world: World, l3out: L3Out) -> int:
    """How many removals that count were done within the window; the memory may reach further back."""
    done = world.memory.removals.get(l3out, ())
    return sum(world.now - time < world.rules.guard_window for time in done)


def _not_believed(world: World, l3out: L3Out, removals: list[Item]) -> str:
    """Say why these removals always wait for a person, or give an empty string."""
    for source, view in sorted(world.desired.sources.items()):
        if view.doubtful:
            return f"{source}: {view.doubtful}"
    inferred = any(world.memory.cause(item.binding, item.prefix) is Cause.INFERRED for item in removals)
    if inferred and not _anything_wanted(world, l3out):
        return f"everything that was wanted in L3Out {l3out} is gone, and nobody saw it go"
    return ""


def _anything_wanted(world: World, l3out: L3Out) -> bool:
    return any(binding.parent == l3out for binding in world.workloads)


def _second_look(world: World, item: Item) -> float | None:
    """When both sides have to be read again for this removal; None when they were, and still agree."""
    due = world.memory.unwanted_since.get(item.dn, world.now) + world.rules.hold_down
    reads: Iterable[float] = (
        *(view.listed_at for view in world.desired.sources.values()),
        world.observed.of(item.binding.parent).read_at,
    )
    return None if min(reads) >= due else due
