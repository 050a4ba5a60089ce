"""What one look at the two views cannot tell: since when, how often, and what was seen to happen.

A plan is a pure function, so whatever it has to remember is data that goes in and comes out again.
A process that starts anew starts with an empty memory, and an empty memory is always the careful
one: what was not seen to happen counts as inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from akb_sync.item import Action, Item
from akb_sync.model import Binding, Desired, L3Out, Source
from akb_sync.reasons import Reason

Want = tuple[Binding, str]
"""An EPG's binding and a prefix in it; an empty prefix means the EPG itself."""

Key = TypeVar("Key")

QUARANTINE_FIRST = 60.0
QUARANTINE_LONGEST = 3600.0


class Cause(StrEnum):
    """How it came that something is no longer wanted."""

    ENDED = "ended"
    """The Pod's own end was seen on a live watch."""
    WITHDRAWN = "withdrawn"
    """Its workload, annotation or Service was seen to go on a live watch."""
    INFERRED = "inferred"
    """It was missing from a list; nobody saw it go."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """An object that the APIC refused: its words, and when it is tried again."""

    text: str
    until: float
    pause: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process knows beyond the two views. Times are monotonic seconds."""

    unwanted_since: Mapping[str, float] = field(default_factory=dict)
    """By DN: since when a plan has wanted it gone."""
    causes: Mapping[Want, Cause] = field(default_factory=dict)
    removals: Mapping[L3Out, tuple[float, ...]] = field(default_factory=dict)
    """When removals that the mass-delete guard counts were done."""
    seen_unmanaged: frozenset[str] = frozenset()
    """DNs of wanted EPGs that were seen on the fabric without our mark."""
    quarantine: Mapping[str, Quarantine] = field(default_factory=dict)
    repairs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """By DN: when it was put right."""
    approved: frozenset[str] = frozenset()
    """DNs whose removal a person has approved."""

    def cause(self, binding: Binding, prefix: str) -> Cause:
        """How it came that `prefix` in `binding` is not wanted."""
        return self.causes.get((binding, prefix), Cause.INFERRED)


def wants(desired: Desired) -> dict[Want, frozenset[str]]:
    """List everything that is wanted, each with the UIDs of what wants it."""
    collected: dict[Want, set[str]] = {}
    for workload in desired.workloads:
        collected.setdefault((workload.binding, ""), set()).add(workload.ref.uid)
    for exposure in desired.exposures:
        collected.setdefault((exposure.binding, exposure.prefix), set()).add(exposure.source.uid)
    return {want: frozenset(uids) for want, uids in collected.items()}


def notice_departures(memory: Memory, before: Desired, after: Desired) -> Memory:
    """Remember how each want that is in `before` and not in `after` came to go.

    What changed while a kind was not listed from scratch was seen on its watch.
    """
    now_wanted = wants(after)
    causes = {want: cause for want, cause in memory.causes.items() if want not in now_wanted}
    living = {workload.ref.uid for workload in after.workloads}
    for exposure in before.exposures:
        want = (exposure.binding, exposure.prefix)
        if want not in now_wanted:
            seen = _seen(before, after, exposure.rests_on)
            own_end = exposure.source.kind == "Pod" and exposure.workload.ref.uid in living
            causes[want] = (Cause.ENDED if own_end else Cause.WITHDRAWN) if seen else Cause.INFERRED
    for workload in before.workloads:
        want = (workload.binding, "")
        if want not in now_wanted:
            causes[want] = Cause.WITHDRAWN if _seen(before, after, Source) else Cause.INFERRED
    return replace(memory, causes=causes)


def _seen(before: Desired, after: Desired, kinds: Iterable[Source]) -> bool:
    return all(
        kind in before.sources
        and kind in after.sources
        and before.sources[kind].lists == after.sources[kind].lists
        for kind in kinds
    )


def after_planning(memory: Memory, items: Iterable[Item], now: float, window: float) -> Memory:
    """Remember what a plan found: since when what is not wanted, and which EPGs are other people's."""
    items = tuple(items)
    unwanted = {
        item.dn: memory.unwanted_since.get(item.dn, now) for item in items if item.action is Action.DELETE
    }
    unmanaged = {item.dn for item in items if item.is_epg and item.reason is Reason.UNMANAGED}
    return replace(
        memory,
        unwanted_since=unwanted,
        seen_unmanaged=memory.seen_unmanaged | unmanaged,
        removals=_recent(memory.removals, now, window),
        repairs=_recent(memory.repairs, now, 2 * window),
        approved=memory.approved & unwanted.keys(),
    )


def _recent(
    times: Mapping[Key, tuple[float, ...]], now: float, window: float
) -> dict[Key, tuple[float, ...]]:
    kept = {key: tuple(time for time in values if now - time < window) for key, values in times.items()}
    return {key: values for key, values in kept.items() if values}


def after_writing(
    memory: Memory, done: Iterable[Item], rejected: Iterable[tuple[Item, str]], now: float
) -> Memory:
    """Remember what was written and what the APIC refused, with its own words."""
    removals = dict(memory.removals)
    repairs = dict(memory.repairs)
    quarantine = dict(memory.quarantine)
    for item in done:
        quarantine.pop(item.dn, None)
        if item.action is Action.DELETE and not item.is_epg and counts(memory, item):
            removals[item.binding.parent] = (*removals.get(item.binding.parent, ()), now)
        if item.removes:
            repairs.pop(item.leaves.dn if item.leaves else item.dn, None)
        else:
            repairs[item.dn] = (*repairs.get(item.dn, ()), now)
    for item, text in rejected:
        known = memory.quarantine.get(item.dn)
        pause = min(known.pause * 2, QUARANTINE_LONGEST) if known else QUARANTINE_FIRST
        quarantine[item.dn] = Quarantine(text, now + pause, pause)
    return replace(memory, removals=removals, repairs=repairs, quarantine=quarantine)


def counts(memory: Memory, item: Item) -> bool:
    """Whether the mass-delete guard counts this removal: all but a Pod's own end seen on a live watch."""
    return memory.cause(item.binding, item.prefix) is not Cause.ENDED
