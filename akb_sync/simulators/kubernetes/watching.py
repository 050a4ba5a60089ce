"""Watches without the wire: which events a watch from a resourceVersion sees, selectors applied.

A selector makes events of its own: an object that starts to match is ADDED to the watcher, one that ceases
to match is DELETED, whatever happened to the object itself.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from akb_sync.simulators.kubernetes import errors, event_versions
from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.listing import Query, check_list_options, parse_version
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.selectors import Predicate, object_filter
from akb_sync.simulators.kubernetes.storage import Change, CompactedError, Record, Store

REFUSAL = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a watch: ADDED, MODIFIED or DELETED, with the state and the revision it happened at."""

    type: str
    record: Record


class Subscription:
    """One watcher's queue. `wake` is called, from any thread, when it was empty and something came."""

    def __init__(self, store: Store, resource: Resource, query: Query, wake: Callable[[], None]) -> None:
        self._store = store
        self._face = resource
        self._resource, query = event_versions.query(resource, query)
        self._prefix = f"{query.namespace}/" if query.namespace else ""
        self._selected: Predicate | None = object_filter(
            self._resource, query.label_selector, query.field_selector
        )
        self._changes: deque[Change] = deque()
        self._wake = wake

    def open(self, query: Query, *, view: int | None = None) -> list[Event]:
        """Start; returns what the watch begins with.

        Raises:
            ApiError: 410 Expired when the resourceVersion is older than the history.
        """
        with self._store.lock:
            start = parse_version(query.resource_version)
            from_now = start == 0 or query.send_initial_events
            first = self._present(view) if from_now else self._since(start)
            self._store.listen(self._take)
            return first

    def close(self) -> None:
        """Hear no more."""
        self._store.unlisten(self._take)

    def drain(self, view: int | None = None) -> list[Event]:
        """The events since the last call; with `view`, only those up to that revision, the rest waits."""
        events: list[Event] = []
        with self._store.lock:
            while self._changes and (view is None or self._changes[0].revision <= view):
                events += self._translate(self._changes.popleft())
        return events

    def quiet_revision(self, view: int | None = None) -> int | None:
        """The revision up to which the watcher has seen everything, or None while events wait."""
        with self._store.lock:
            if view is not None:
                return min(view, self._store.revision)
            return None if self._changes else self._store.revision

    def _present(self, view: int | None) -> list[Event]:
        newest = self._store.revision if view is None else min(view, self._store.revision)
        if newest < self._store.revision:
            self._changes.extend(self._store.changes_since(self._resource.storage, newest))
        records = self._store.records(self._resource.storage, newest)
        return [Event("ADDED", self._shown(record)) for record in records if self._sees(record)]

    def _since(self, start: int) -> list[Event]:
        try:
            self._changes.extend(self._store.changes_since(self._resource.storage, start))
        except CompactedError as error:
            raise errors.expired(f"too old resource version: {start} ({error.oldest})") from None
        return []

    def _take(self, change: Change) -> None:
        if change.storage != self._resource.storage or not change.record.key.startswith(self._prefix):
            return
        self._changes.append(change)
        self._wake()

    def _translate(self, change: Change) -> list[Event]:
        if not change.record.key.startswith(self._prefix):
            return []
        before = change.previous is not None and self._matches(change.previous)
        after = change.type != "DELETED" and self._matches(change.record)
        if before and after:
            return [Event("MODIFIED", self._shown(change.record))]
        if after:
            return [Event("ADDED", self._shown(change.record))]
        if before and change.previous is not None:
            return [Event("DELETED", self._shown(_last_state(change)))]
        return []

    def _sees(self, record: Record) -> bool:
        return record.key.startswith(self._prefix) and self._matches(record)

    def _matches(self, record: Record) -> bool:
        return self._selected is None or self._selected(record.data)

    def _shown(self, record: Record) -> Record:
        return event_versions.outgoing(self._face, record)


def _last_state(change: Change) -> Record:
    """The last state that matched, under the revision at which it ceased to: what a watcher may compare."""
    if change.type == "DELETED" or change.previous is None:
        return change.record
    data = dict(change.previous.data)
    data["metadata"] = {**data["metadata"], "resourceVersion": str(change.revision)}
    return Record(change.record.key, change.revision, data)


def check_watch_options(query: Query, *, watch_list: bool) -> None:
    """Refuse what a watch may not ask. Raises ApiError 400 or 422."""
    if query.send_initial_events is not None:
        cause = None
        if not watch_list:
            cause = Cause("FieldValueForbidden", "sendInitialEvents", f"Forbidden: {REFUSAL}")
        elif query.match != "NotOlderThan":
            why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            cause = Cause("FieldValueForbidden", "resourceVersionMatch", f"Forbidden: {why}")
        if cause:
            raise errors.invalid_kind("meta.k8s.io", "ListOptions", "", [cause])
    check_list_options(query)
    if query.resource_version and not query.resource_version.isdigit():
        text = query.resource_version
        why = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise errors.ApiError(500, "", why)
