"""What every controller works with: reads by key, an index of owners, writes, and stopwatches.

The index is kept up to date inside the store's lock, so that a controller always sees what it wrote a
moment ago.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.deleting import DeleteOptions
from akb_sync.simulators.kubernetes.objects import controller_of, timestamp
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Change

Json = dict[str, Any]
Place = tuple[str, str]


class Desk:
    """The controllers' view of the API."""

    def __init__(self, api: Api, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.api = api
        self.options = api.options
        self._monotonic = monotonic
        self._dependents: dict[str, set[Place]] = defaultdict(set)
        self._started: dict[tuple[str, str], float] = {}
        api.store.listen(self._index)

    def resource(self, plural: str) -> Resource:
        """The row of a kind."""
        return self.api.table.find(plural)

    def get(self, plural: str, key: str) -> Json | None:
        """An object by key, or None."""
        record = self.api.store.get(self.resource(plural).storage, key)
        return record.data if record else None

    def all(self, plural: str) -> list[Json]:
        """All objects of a kind, in key order."""
        return [record.data for record in self.api.store.records(self.resource(plural).storage)]

    def dependents(self, uid: str) -> list[tuple[str, str, Json]]:
        """(storage, key, object) of everything that names this uid as an owner, in a stable order."""
        found = []
        for storage, key in sorted(self._dependents.get(uid, ())):
            record = self.api.store.get(storage, key)
            if record is not None:
                found.append((storage, key, record.data))
        return found

    def controlled(self, owner: Json, plural: str) -> list[Json]:
        """The objects of a kind that this owner controls, in key order."""
        storage = self.resource(plural).storage
        uid = owner["metadata"]["uid"]
        objects = [data for kind, _, data in self.dependents(uid) if kind == storage]
        return [data for data in objects if (controller_of(data) or {}).get("uid") == uid]

    def create(self, plural: str, data: Json) -> Json:
        """Create an object in the namespace that its metadata names."""
        return self.api.create(self.resource(plural), data["metadata"].get("namespace", ""), data)

    def change(self, data: Json, plural: str, edit: Callable[[Json], Json], subresource: str = "") -> Json:
        """Write what `edit` makes of the object, if nobody was faster (ApiError 409 otherwise)."""
        meta = data["metadata"]

        def locked(present: Json) -> Json:
            changed = edit(present)
            version = {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}
            return {**changed, "metadata": {**changed["metadata"], **version}}

        namespace = meta.get("namespace", "")
        return self.api.patch(self.resource(plural), namespace, meta["name"], locked, subresource=subresource)

    def set_status(self, data: Json, plural: str, status: Json) -> Json:
        """Write an object's status; nothing happens when it is that already."""
        if data.get("status") == status:
            return data
        return self.change(data, plural, lambda present: {**present, "status": status}, "status")

    def delete(self, data: Json, plural: str, options: DeleteOptions | None = None) -> None:
        """Ask for this very object's end."""
        meta = data["metadata"]
        self.api.delete(self.resource(plural), meta.get("namespace", ""), meta["name"], options)

    def now(self) -> str:
        """The time as objects carry it."""
        return timestamp(self.api.clock())

    def remaining(self, uid: str, step: str, seconds: float) -> float:
        """What is left of a delay that began when this was first asked; 0 or less when it is over."""
        started = self._started.setdefault((uid, step), self._monotonic())
        return started + seconds - self._monotonic()

    def forget(self, uid: str, *steps: str) -> None:
        """Drop the stopwatches of an object."""
        for step in steps:
            self._started.pop((uid, step), None)

    def _index(self, change: Change) -> None:
        place = (change.storage, change.record.key)
        for owner in _owner_uids(change.previous.data if change.previous else {}):
            self._dependents[owner].discard(place)
            if not self._dependents[owner]:
                del self._dependents[owner]
        if change.type != "DELETED":
            for owner in _owner_uids(change.record.data):
                self._dependents[owner].add(place)


def _owner_uids(data: Json) -> list[str]:
    owners = (data.get("metadata") or {}).get("ownerReferences") or []
    return [owner["uid"] for owner in owners]


def with_condition(  # noqa: PLR0917 - reads as a sentence: Ready is "True" because ...
    status: Json, now: str, kind: str, value: str, reason: str = "", message: str = ""
) -> Json:
    """The status with one condition set; its transition time stays while its value stays."""
    conditions = list(status.get("conditions") or [])
    index = next((i for i, entry in enumerate(conditions) if entry["type"] == kind), None)
    old = conditions[index] if index is not None else {}
    entry = {"type": kind, "status": value}
    entry["lastTransitionTime"] = old.get("lastTransitionTime", now) if old.get("status") == value else now
    if reason:
        entry["reason"] = reason
    if message:
        entry["message"] = message
    if index is None:
        conditions.append(entry)
    else:
        conditions[index] = entry
    return {**status, "conditions": conditions}
