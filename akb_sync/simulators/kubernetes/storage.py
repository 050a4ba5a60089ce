"""The store: every version of every object under one growing revision, as etcd keeps them.

Lists at an old revision, watches from an old revision and "too old" all follow from this. Objects in the
store are never changed in place: a write puts a new one, so readers need no copies and each version is
turned to JSON text once, whatever the number of readers. All methods are safe to call from any thread.
"""

import json
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import Any, Literal

Json = dict[str, Any]
ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]

FIRST_REVISION = 100
DEFAULT_HISTORY = 50_000


class CompactedError(Exception):
    """The revision asked for is older than the history that is kept; `oldest` is what is still there."""

    def __init__(self, oldest: int) -> None:
        super().__init__(oldest)
        self.oldest = oldest


class Record:
    """One version of one object. Never changed after it was made."""

    def __init__(self, key: str, revision: int, data: Json) -> None:
        self.key = key
        self.revision = revision
        self.data = data

    @cached_property
    def text(self) -> str:
        """The object as JSON without `kind` and `apiVersion`, the form of list items."""
        return json.dumps(
            {k: v for k, v in self.data.items() if k not in ("kind", "apiVersion")}, separators=(",", ":")
        )

    @cached_property
    def metadata_text(self) -> str:
        """`metadata` alone as JSON, for PartialObjectMetadata."""
        return json.dumps(self.data["metadata"], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the history. For DELETED, `record` is the last state under the revision of the delete."""

    revision: int
    storage: str
    type: ChangeType
    record: Record
    previous: Record | None


Listener = Callable[[Change], None]


class Store:
    """Objects by storage name and key (`namespace/name` or `name`), with history."""

    def __init__(self, history: int = DEFAULT_HISTORY) -> None:
        self.lock = RLock()
        self.revision = FIRST_REVISION
        self.compacted = 0
        self._history = history
        self._current: dict[str, dict[str, Record]] = defaultdict(dict)
        self._versions: dict[str, dict[str, list[tuple[int, Record | None]]]] = defaultdict(dict)
        self._log: deque[Change] = deque()
        self._ordered: dict[str, list[Record]] = {}
        self._listeners: list[Listener] = []

    def get(self, storage: str, key: str) -> Record | None:
        """The present version of an object, or None."""
        with self.lock:
            return self._current[storage].get(key)

    def records(self, storage: str, revision: int | None = None) -> list[Record]:
        """All objects of a kind in key order, now or as they were at `revision`.

        Raises:
            CompactedError: when that revision is gone.
        """
        with self.lock:
            if revision is None or revision >= self.revision:
                return list(self._in_order(storage))
            if revision < self.compacted:
                raise CompactedError(self.compacted)
            versions = sorted(self._versions[storage].items())
            found = (_at(history, revision) for _, history in versions)
            return [record for record in found if record is not None]

    def keys(self, storage: str) -> list[str]:
        """Keys of all present objects of a kind, unordered."""
        with self.lock:
            return list(self._current[storage])

    def put(self, storage: str, key: str, data: Json) -> Record:
        """Store `data` as the next version and return it; sets `metadata.resourceVersion` on it."""
        with self.lock:
            previous = self._current[storage].get(key)
            record = self._next(key, data)
            self._current[storage][key] = record
            self._remember(
                Change(record.revision, storage, "MODIFIED" if previous else "ADDED", record, previous)
            )
            return record

    def remove(self, storage: str, key: str) -> Record:
        """Take an object out; returns its last state under the revision of the removal.

        Raises:
            KeyError: when there is no such object.
        """
        with self.lock:
            previous = self._current[storage].pop(key)
            data = {**previous.data, "metadata": dict(previous.data["metadata"])}
            record = self._next(key, data)
            self._remember(Change(record.revision, storage, "DELETED", record, previous))
            return record

    def changes_since(self, storage: str, revision: int) -> list[Change]:
        """What happened to a kind after `revision`.

        Raises:
            CompactedError: when the history does not reach back that far.
        """
        with self.lock:
            if revision < self.compacted:
                raise CompactedError(self.compacted)
            newer: list[Change] = []
            for change in reversed(self._log):
                if change.revision <= revision:
                    break
                if change.storage == storage:
                    newer.append(change)
            return newer[::-1]

    def listen(self, listener: Listener) -> None:
        """Call `listener` with each change from now on, in order, under the lock: it must be quick."""
        with self.lock:
            self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Undo `listen`; unknown listeners are ignored."""
        with self.lock:
            self._listeners = [known for known in self._listeners if known != listener]

    def compact(self, revision: int | None = None) -> int:
        """Forget what is older than `revision` (default: everything but the present); returns the bound."""
        with self.lock:
            bound = min(self.revision if revision is None else revision, self.revision)
            self.compacted = max(self.compacted, bound)
            while self._log and self._log[0].revision <= self.compacted:
                dropped = self._log.popleft()
                self._trim(dropped.storage, dropped.record.key)
            return self.compacted

    def _in_order(self, storage: str) -> list[Record]:
        """Sorted once between two changes of a kind, since a long list is asked for in many pages."""
        if storage not in self._ordered:
            self._ordered[storage] = [record for _, record in sorted(self._current[storage].items())]
        return self._ordered[storage]

    def _next(self, key: str, data: Json) -> Record:
        self.revision += 1
        data["metadata"]["resourceVersion"] = str(self.revision)
        return Record(key, self.revision, data)

    def _remember(self, change: Change) -> None:
        self._ordered.pop(change.storage, None)
        versions = self._versions[change.storage].setdefault(change.record.key, [])
        versions.append((change.revision, None if change.type == "DELETED" else change.record))
        self._log.append(change)
        if len(self._log) > self._history:
            self.compact(self._log[len(self._log) // 2].revision)
        for listener in self._listeners:
            listener(change)

    def _trim(self, storage: str, key: str) -> None:
        versions = self._versions[storage].get(key, [])
        while len(versions) > 1 and versions[1][0] <= self.compacted:
            versions.pop(0)
        if versions and versions[0][1] is None and versions[0][0] <= self.compacted:
            versions.pop(0)
        if not versions:
            self._versions[storage].pop(key, None)


def _at(history: list[tuple[int, Record | None]], revision: int) -> Record | None:
    index = bisect_right(history, revision, key=lambda entry: entry[0])
    return history[index - 1][1] if index else None
