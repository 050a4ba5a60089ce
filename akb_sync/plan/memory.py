"""What one look at the two views cannot tell: since when, how often, and what was seen to happen.

A plan is a pure function, so whatever it has to remember is data that goes in and comes out again.
A process that starts anew starts with an empty memory, and an empty memory is always the careful
one: what was not seen to happen counts as inferred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from akb_sync.difference import changed_keys
from akb_sync.item import Action, Item
from akb_sync.model import Binding, Desired, L3Out, ObservedEpg, Source
from akb_sync.reasons import Reason

Want = tuple[Binding, str]
"""An EPG's binding and a prefix in it; an empty prefix means the EPG itself."""

Key = TypeVar("Key")
Value = TypeVar("Value")

SWEEP = 10.0
"""Seconds between two times that what is past is forgotten: to look for it takes as long as there is much."""
MOST_DONE = 20_000
"""How many objects are known to have been made, removed, or wanted no more: churn brings ever new ones.

The newest stay. A quarrel is among them, and what is forgotten of a departure counts as inferred.
"""
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


_CAREFUL = list(Cause)
"""From the cause that is believed most to the one that is believed least."""


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
    """By DN: since when a plan of fresh views has wanted it gone."""
    causes: Mapping[Want, Cause] = field(default_factory=dict)
    done_since: Mapping[Want, float] = field(default_factory=dict)
    """Of the causes that no removal is left for: since when. They are forgotten after a while."""
    removals: Mapping[L3Out, tuple[float, ...]] = field(default_factory=dict)
    """When removals that the mass-delete guard counts were done."""
    seen_unmanaged: frozenset[str] = frozenset()
    """DNs of wanted EPGs that were seen on the fabric without our mark."""
    quarantine: Mapping[str, Quarantine] = field(default_factory=dict)
    repairs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """By DN: when it was made or put right, since we last removed it ourselves."""
    removed: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """By DN: when we removed it, since we last made it ourselves."""
    approved: frozenset[str] = frozenset()
    """DNs whose removal a person has approved."""
    confirmed: frozenset[Binding] = frozenset()
    """Adopted EPGs whose stale objects a person has agreed to let go."""
    swept_at: float = float("-inf")
    """When what is past was last forgotten."""

    def cause(self, binding: Binding, prefix: str) -> Cause:
        """How it came that `prefix` in `binding` is not wanted."""
        return self.causes.get((binding, prefix), Cause.INFERRED)

    def rounds(self, item: Item) -> tuple[float, ...]:
        """When the same was done to an object before, without our undoing it in between."""
        return (self.removed if item.action is Action.DELETE else self.repairs).get(item.dn, ())


def wanted(desired: Desired, want: Want) -> bool:
    """Whether something asks for an EPG, or for a prefix in it."""
    binding, prefix = want
    if prefix:
        return any(exposure.binding == binding for exposure in desired.wanted.get(prefix, ()))
    return any(workload.binding == binding for workload in desired.workloads)


def notice_departures(memory: Memory, before: Desired, after: Desired) -> Memory:
    """Remember how each want that is in `before` and not in `after` came to go.

    What changed while a kind was not listed from scratch was seen on its watch. Of several ways the most
    careful counts.
    """
    gone: dict[Want, Cause] = {}
    living = set(after.workloads)
    changed = changed_keys(before.wanted, after.wanted)
    for exposure in (each for prefix in changed for each in before.wanted.get(prefix, ())):
        want = (exposure.binding, exposure.prefix)
        if not wanted(after, want):
            seen = _seen(before, after, exposure.rests_on)
            own_end = exposure.source.kind == "Pod" and exposure.workload in living
            cause = (Cause.ENDED if own_end else Cause.WITHDRAWN) if seen else Cause.INFERRED
            gone[want] = max(gone.get(want, cause), cause, key=_CAREFUL.index)
    named = {workload.binding for workload in living}
    for workload in before.workloads:
        if workload.binding not in named:
            cause = Cause.WITHDRAWN if _seen(before, after, Source) else Cause.INFERRED
            gone[workload.binding, ""] = cause
    causes = {**memory.causes, **gone}
    for want in (*((binding, "") for binding in named), *_wanted_now(after, changed)):
        causes.pop(want, None)
    return replace(memory, causes=causes)


def _wanted_now(after: Desired, prefixes: Iterable[str]) -> Iterator[Want]:
    for prefix in prefixes:
        for exposure in after.wanted.get(prefix, ()):
            yield exposure.binding, prefix


def _seen(before: Desired, after: Desired, kinds: Iterable[Source]) -> bool:
    return all(
        kind in before.sources
        and kind in after.sources
        and before.sources[kind].lists == after.sources[kind].lists
        for kind in kinds
    )


def after_planning(memory: Memory, items: Iterable[Item], now: float, window: float) -> Memory:
    """Remember what a plan found: since when what is not wanted, and which EPGs are other people's.

    Only a plan's notable items count. What is older than the window (seconds) is forgotten, so that the
    memory does not grow with time.
    """
    items = tuple(items)
    doomed = {item.dn: item for item in items if item.action is Action.DELETE}
    if now - memory.swept_at >= SWEEP:
        memory = _swept(memory, doomed.values(), now, window)
    return replace(
        memory,
        unwanted_since=_unwanted_since(memory, doomed, now),
        seen_unmanaged=_seen_unmanaged(memory, items),
        quarantine=_wanted_or_waiting(memory, items, now),
        approved=memory.approved & doomed.keys(),
    )


def _swept(memory: Memory, doomed: Iterable[Item], now: float, window: float) -> Memory:
    """Forget what is past."""
    done_since = _done_since(memory, doomed, now)
    kept = _newest({want: since for want, since in done_since.items() if now - since < window}, float)
    past = done_since.keys() - kept.keys()
    return replace(
        memory,
        causes={want: cause for want, cause in memory.causes.items() if want not in past},
        done_since=kept,
        removals=_recent(memory.removals, now, window),
        repairs=_newest(_recent(memory.repairs, now, 2 * window), _last),
        removed=_newest(_recent(memory.removed, now, 2 * window), _last),
        swept_at=now,
    )


def _unwanted_since(memory: Memory, doomed: Mapping[str, Item], now: float) -> dict[str, float]:
    """A view that cannot be believed starts no clock: what was unknown was not unwanted."""
    return {
        dn: memory.unwanted_since.get(dn, now)
        for dn, item in doomed.items()
        if dn in memory.unwanted_since or item.hold is None or item.hold.reason is not Reason.NOT_FRESH
    }


def _done_since(memory: Memory, doomed: Iterable[Item], now: float) -> dict[Want, float]:
    pending = {(item.binding, item.prefix) for item in doomed}
    return {want: memory.done_since.get(want, now) for want in memory.causes if want not in pending}


def _seen_unmanaged(memory: Memory, items: Iterable[Item]) -> frozenset[str]:
    """An EPG of others stays known until it is seen with our mark: then it was adopted."""
    epgs = [item for item in items if item.is_epg and isinstance(item.observed, ObservedEpg)]
    theirs = {item.dn for item in epgs if item.reason in (Reason.UNMANAGED, Reason.RELEASED)}
    return (memory.seen_unmanaged - {item.dn for item in epgs}) | theirs


def _wanted_or_waiting(memory: Memory, items: Iterable[Item], now: float) -> dict[str, Quarantine]:
    open_still = {item.dn for item in items if item.changes} if memory.quarantine else set()
    return {dn: known for dn, known in memory.quarantine.items() if dn in open_still or known.until > now}


def _recent(
    times: Mapping[Key, tuple[float, ...]], now: float, window: float
) -> dict[Key, tuple[float, ...]]:
    kept = {key: tuple(time for time in values if now - time < window) for key, values in times.items()}
    return {key: values for key, values in kept.items() if values}


def _newest(known: dict[Key, Value], time: Callable[[Value], float]) -> dict[Key, Value]:
    if len(known) <= MOST_DONE:
        return known
    return dict(sorted(known.items(), key=lambda entry: time(entry[1]))[-MOST_DONE:])


def _last(times: tuple[float, ...]) -> float:
    return times[-1]


def after_writing(
    memory: Memory, done: Iterable[Item], rejected: Iterable[tuple[Item, str]], now: float
) -> Memory:
    """Remember what was written and what the APIC refused, with its own words."""
    done = tuple(done)
    repairs = dict(memory.repairs)
    removed = dict(memory.removed)
    quarantine = dict(memory.quarantine)
    once = (now,)  # the same object for all: a big cluster has ten thousands of them
    for item in done:
        quarantine.pop(item.dn, None)
        for gone in _gone(item):
            repairs.pop(gone, None)
            removed[gone] = (*removed[gone], now) if gone in removed else once
        if item.action is not Action.DELETE:
            removed.pop(item.dn, None)
            repairs[item.dn] = (*repairs[item.dn], now) if item.dn in repairs else once
    for item, text in rejected:
        known = memory.quarantine.get(item.dn)
        pause = min(known.pause * 2, QUARANTINE_LONGEST) if known else QUARANTINE_FIRST
        quarantine[item.dn] = Quarantine(text, now + pause, pause)
    removals = _with_counted(memory, done, now)
    return replace(memory, removals=removals, repairs=repairs, removed=removed, quarantine=quarantine)


def _with_counted(memory: Memory, done: Iterable[Item], now: float) -> dict[L3Out, tuple[float, ...]]:
    counted = Counter(
        item.binding.parent
        for item in done
        if item.action is Action.DELETE and not item.is_epg and counts(memory, item)
    )
    more = {l3out: (*memory.removals.get(l3out, ()), *[now] * count) for l3out, count in counted.items()}
    return {**memory.removals, **more}


def _gone(item: Item) -> tuple[str, ...]:
    if item.leaves is not None:
        return (item.leaves.dn,)
    return (item.dn,) if item.action is Action.DELETE else ()


def counts(memory: Memory, item: Item) -> bool:
    """Whether the mass-delete guard counts this removal: all but a Pod's own end seen on a live watch."""
    return memory.cause(item.binding, item.prefix) is not Cause.ENDED
