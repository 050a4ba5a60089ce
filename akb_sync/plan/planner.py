"""The plan: a pure, total function of both views, the memory, the rules and the time.

A `Planner` keeps what it worked out for each prefix, and works out again what may be different: the
prefixes whose wishes or subnets changed, all that is wanted in an EPG that changed, everything when an
L3Out changed its VRF. The answer is the one that a planner would give that begins just now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from akb_sync.difference import changed_keys
from akb_sync.item import Action, Item
from akb_sync.mark import Identity, Owner
from akb_sync.model import Binding, Desired, Exposure, Notice, ObjectRef, Observed, ObservedSubnet
from akb_sync.reasons import Reason

from .adopted import hold_adopted
from .coverage import shifts
from .epgs import epg_items
from .guards import hold
from .inventory import Inventory
from .massdelete import hold_mass_deletes
from .memory import Memory
from .offers import offer_what_can_go
from .result import Plan, is_right, order
from .rules import Rules
from .subnets import subnet_items
from .world import World

MANY_MARKS = 10
"""More marks than this lost at once is an alarm: another controller rewrites annotations."""


@dataclass(slots=True)
class _Known:
    """What was worked out for one moment, and from what."""

    inventory: Inventory
    wanted: Mapping[str, tuple[Exposure, ...]] = field(default_factory=dict)
    protected: Mapping[str, Notice] = field(default_factory=dict)
    right: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    right_count: int = 0
    notable: dict[str, tuple[Item, ...]] = field(default_factory=dict)


class Planner:
    """Makes one plan after the other. Not thread-safe."""

    def __init__(self, identity: Identity) -> None:
        """Know nothing yet; the identity decides what is ours."""
        self._identity = identity
        self._known: _Known | None = None
        self.settled = 0
        """How many prefixes the last plan had to work out: what it cost, whatever the machine."""

    def plan(self, desired: Desired, observed: Observed, memory: Memory, rules: Rules, now: float) -> Plan:
        """Compare what is wanted with what is there; as `make_plan`, which says more."""
        # Taken away for the time being: if anything raises, the next plan begins from nothing.
        known, self._known = self._known or _Known(Inventory(self._identity)), None
        touched = _touched(known, desired, observed)
        world = World(self._identity, desired, observed, memory, rules, now, known.inventory)
        known.wanted, known.protected = desired.wanted, desired.protected
        if touched:
            known.right = dict(known.right)  # the plan before holds the other one
        for prefix in touched:
            _settle(known, world, prefix)
        self._known, self.settled = known, len(touched)
        return _plan(known, world)


def make_plan(
    identity: Identity,
    desired: Desired,
    observed: Observed,
    *,
    memory: Memory | None = None,
    rules: Rules | None = None,
    now: float = 0.0,
) -> Plan:
    """Compare what is wanted with what is there, once.

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
    return Planner(identity).plan(desired, observed, memory or Memory(), rules or Rules(), now)


def _touched(known: _Known, desired: Desired, observed: Observed) -> Collection[str]:
    """Give the prefixes whose items may be others than in the plan before."""
    changed = known.inventory.update(observed)
    if changed.vrfs:
        every = (known.inventory.prefixes(), known.right, known.notable, desired.wanted)
        return dict.fromkeys(chain.from_iterable(every))
    return {
        *changed.prefixes,
        *changed_keys(known.wanted, desired.wanted),
        *changed_keys(known.protected, desired.protected),
        *_wanted_in(changed.bindings, desired),
    }


def _wanted_in(bindings: set[Binding], desired: Desired) -> Iterable[str]:
    if bindings:
        for prefix, exposures in desired.wanted.items():
            if any(exposure.binding in bindings for exposure in exposures):
                yield prefix


def _settle(known: _Known, world: World, prefix: str) -> None:
    """Work out the items of one prefix again."""
    known.right_count -= len(known.right.pop(prefix, ()))
    known.notable.pop(prefix, None)
    items = tuple(subnet_items(world, prefix))
    if right := tuple(item for item in items if is_right(item)):
        known.right[prefix] = right
        known.right_count += len(right)
    if len(right) < len(items):
        known.notable[prefix] = tuple(item for item in items if not is_right(item))


def _plan(known: _Known, world: World) -> Plan:
    items = (*epg_items(world), *chain.from_iterable(known.notable.values()))
    changing = tuple(sorted((item for item in items if item.changes), key=order))
    guarded = offer_what_can_go(hold_mass_deletes(world, hold_adopted(world, hold(world, changing))))
    notable = tuple(sorted((*guarded, *(item for item in items if not item.changes)), key=order))
    desired = world.desired
    return Plan(
        notable=notable,
        right=known.right,
        right_count=known.right_count,
        notices=(*sorted({*desired.undecided, *desired.notices}, key=_told), *_marks_lost(world, notable)),
        shifts=shifts(world, guarded),
        revisit_at=_soonest([*_untils(notable), desired.revisit_at], world.now),
        reread_at=_soonest(_second_looks(notable), None),
    )


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
    exposures = world.exposures(item.binding, item.prefix)
    epg = world.observed.epg(item.binding)
    ours = epg is not None and world.epg_owner(epg) is Owner.MANAGED
    foreign = epg is not None and world.owner(epg, found) is Owner.FOREIGN
    named = bool(exposures) and exposures[0].subnet_name == found.name
    return named and not foreign and (ours or found.annotation == "")
