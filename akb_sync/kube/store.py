"""What the cluster has, as far as it was read: written by the watchers, read as snapshots.

Freshness is kept per kind. An error while reading makes a kind stale and leaves its objects as they
are: what could not be read is unknown, never empty.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from akb_sync.clock import Clock
from akb_sync.model import Freshness, Source, SourceView

from .doubts import doubts
from .facts import Facts, PodFacts, ReplicaSetFacts, ServiceFacts, WorkloadFacts
from .grace import Grace
from .holding import Holding

STALE_AFTER = 90.0
SERVICE_GRACE = 30.0
_WORKLOADS = (Source.DEPLOYMENTS, Source.STATEFULSETS, Source.DAEMONSETS)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is known at one moment; all mappings are by UID and are never changed afterwards.

    What did not change since the snapshot before is the same object.
    """

    pods: Mapping[str, PodFacts] = field(default_factory=dict)
    services: Mapping[str, ServiceFacts] = field(default_factory=dict)
    workloads: Mapping[str, WorkloadFacts] = field(default_factory=dict)
    replicasets: Mapping[str, ReplicaSetFacts] = field(default_factory=dict)
    lingering: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Per Service UID the prefixes that left its status, with when (monotonic seconds) they go."""
    sources: Mapping[Source, SourceView] = field(default_factory=dict)
    stale_at: float | None = None
    """When the first kind that is fresh turns stale if nothing confirms it."""


class Store:
    """Thread-safe. `on_change` is called, outside the lock, when what a snapshot says has changed."""

    def __init__(
        self,
        clock: Clock,
        on_change: Callable[[], None] = lambda: None,
        stale_after: float = STALE_AFTER,
        service_grace: float = SERVICE_GRACE,
    ) -> None:
        """Begin with every kind never read. Times in seconds."""
        self._clock = clock
        self._on_change = on_change
        self._stale_after = stale_after
        self._lock = threading.Lock()
        self._holdings = {source: Holding(source) for source in Source}
        self._grace = Grace(service_grace)
        self._revision = 0
        self._doubted: tuple[int, dict[Source, str]] | None = None
        self._copies: dict[Source, dict[str, Any]] = {}
        self._merged: tuple[list[dict[str, Any]], dict[str, WorkloadFacts]] | None = None

    @property
    def revision(self) -> int:
        """Grows with every change of an object; while it stands still, only freshness changes."""
        with self._lock:
            return self._revision

    def replace(self, source: Source, items: Iterable[tuple[Facts, int]], began_at: float) -> None:
        """Take a whole list of one kind: facts with their resourceVersions, read from `began_at` on."""
        with self._lock:
            holding = self._holdings[source]
            before = holding.content
            holding.replace(items, began_at)
            self._doubted = None
            if holding.content != before:
                self._content_changed(source)
                self._note_grace(source, before, holding.content)
        self._on_change()

    def apply(self, source: Source, facts: Facts, version: int, *, deleted: bool = False) -> None:
        """Take one watch event. The same object once more wakes nobody."""
        with self._lock:
            holding = self._holdings[source]
            now = self._clock.monotonic()
            view = holding.view(now, self._stale_after)
            old = holding.content.get(facts.ref.uid)
            changed = holding.apply(facts, version, now, deleted=deleted)
            if changed:
                self._content_changed(source)
                self._note_one(old, None if deleted else facts, now)
            changed = changed or holding.view(now, self._stale_after) != view
        if changed:
            self._on_change()

    def confirm(self, source: Source) -> None:
        """Take a bookmark."""
        self._record(source, lambda holding, now: holding.confirm(now))

    def fail(self, source: Source, error: Exception) -> None:
        """Take note that reading failed: the objects stay, and are stale."""
        self._record(source, lambda holding, _: holding.fail(str(error)))

    def resumed(self, source: Source) -> None:
        """Take note that a watch goes on from where it stood."""
        self._record(source, lambda holding, _: holding.resumed())

    def expired(self, source: Source) -> None:
        """Take note that events were missed: stale until the next list."""
        self._record(source, lambda holding, _: holding.expired())

    def limited(self, source: Source, sentence: str) -> None:
        """Take note of what is amiss although lists succeed; an empty sentence takes it back."""
        self._record(source, lambda holding, _: holding.limited(sentence))

    def stale_in(self, source: Source) -> float:
        """Seconds until a kind turns stale if nothing confirms it; negative when it is so already."""
        with self._lock:
            return self._holdings[source].stale_at(self._stale_after) - self._clock.monotonic()

    def snapshot(self) -> Snapshot:
        """Give everything that is known now."""
        with self._lock:
            now = self._clock.monotonic()
            return Snapshot(
                pods=self._copy(Source.PODS),
                services=self._copy(Source.SERVICES),
                workloads=self._workloads(),
                replicasets=self._copy(Source.REPLICASETS),
                lingering=self._grace.snapshot(),
                sources=self._views(now),
                stale_at=self._stale_at(now),
            )

    def freshness(self) -> tuple[Mapping[Source, SourceView], float | None]:
        """Give only how far each kind can be believed, and when that changes by itself."""
        with self._lock:
            now = self._clock.monotonic()
            return self._views(now), self._stale_at(now)

    def _record(self, source: Source, note: Callable[[Holding, float], None]) -> None:
        with self._lock:
            holding, now = self._holdings[source], self._clock.monotonic()
            view = holding.view(now, self._stale_after)
            note(holding, now)
            changed = holding.view(now, self._stale_after) != view
        if changed:
            self._on_change()

    def _content_changed(self, source: Source) -> None:
        self._revision += 1
        self._copies.pop(source, None)

    def _copy(self, source: Source) -> dict[str, Any]:
        """A copy for snapshots, made once per change of the kind."""
        copy = self._copies.get(source)
        if copy is None:
            copy = self._copies[source] = dict(self._holdings[source].content)
        return copy

    def _workloads(self) -> dict[str, WorkloadFacts]:
        """All kinds of workloads in one; the same object until one of them changes, as each copy is."""
        copies = [self._copy(source) for source in _WORKLOADS]
        if self._merged is None or any(map(operator.is_not, copies, self._merged[0])):
            self._merged = (copies, {uid: facts for copy in copies for uid, facts in copy.items()})
        return self._merged[1]

    def _note_grace(self, source: Source, before: Mapping[str, Facts], after: Mapping[str, Facts]) -> None:
        if source is Source.SERVICES:
            now = self._clock.monotonic()
            for uid in before.keys() | after.keys():
                self._note_one(before.get(uid), after.get(uid), now)

    def _note_one(self, old: Facts | None, new: Facts | None, now: float) -> None:
        if isinstance(old, ServiceFacts) or isinstance(new, ServiceFacts):
            self._grace.changed(
                old if isinstance(old, ServiceFacts) else None,
                new if isinstance(new, ServiceFacts) else None,
                now,
            )

    def _views(self, now: float) -> dict[Source, SourceView]:
        if self._doubted is None or self._doubted[0] != self._revision:
            self._doubted = (self._revision, self._doubts())
        against = self._doubted[1]
        return {
            source: holding.view(now, self._stale_after, against.get(source, ""))
            for source, holding in self._holdings.items()
        }

    def _doubts(self) -> dict[Source, str]:
        empty = [source for source, holding in self._holdings.items() if holding.listed_empty]
        return doubts(empty, {source: holding.content for source, holding in self._holdings.items()})

    def _stale_at(self, now: float) -> float | None:
        return min(
            (
                holding.stale_at(self._stale_after)
                for holding in self._holdings.values()
                if holding.freshness(now, self._stale_after) is Freshness.FRESH
            ),
            default=None,
        )
