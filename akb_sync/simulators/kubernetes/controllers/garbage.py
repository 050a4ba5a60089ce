"""The garbage collector: what is left of an object's dependents when it goes, in all three ways of going."""

from collections.abc import Iterable, Mapping
from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.deleting import DeleteOptions
from akb_sync.simulators.kubernetes.objects import is_deleting, key_of
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Change

Json = dict[str, Any]

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
SEPARATOR = " "


class GarbageCollector:
    """Deletes dependents of absent owners and works off the two finalizers of propagation policies.

    A key is the storage name and the object's key with a blank between them.
    """

    name = "garbage"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows = {row.storage: row for row in desk.api.table.stored()}
        self.interests: Mapping[str, Any] = dict.fromkeys(self._rows, self._changed)

    def reconcile(self, key: str) -> None:
        """Look at one object as an owner that goes and as a dependent."""
        storage, _, object_key = key.partition(SEPARATOR)
        row = self._rows[storage]
        record = self._desk.api.store.get(storage, object_key)
        if record is None:
            return
        finalizers = record.data["metadata"].get("finalizers") or []
        if is_deleting(record.data) and ORPHAN in finalizers:
            self._orphan_dependents(row, record.data)
        elif is_deleting(record.data) and FOREGROUND in finalizers:
            self._delete_dependents(row, record.data)
        elif record.data["metadata"].get("ownerReferences") and not is_deleting(record.data):
            self._check_owners(row, record.data)

    def _orphan_dependents(self, row: Resource, owner: Json) -> None:
        uid = owner["metadata"]["uid"]
        for storage, _, dependent in self._desk.dependents(uid):
            self._drop_references(self._rows[storage], dependent, {uid})
        self._drop_finalizer(row, owner, ORPHAN)

    def _delete_dependents(self, row: Resource, owner: Json) -> None:
        uid = owner["metadata"]["uid"]
        blocking = False
        for storage, _, dependent in self._desk.dependents(uid):
            references = dependent["metadata"]["ownerReferences"]
            blocking |= any(entry["uid"] == uid and entry.get("blockOwnerDeletion") for entry in references)
            if not is_deleting(dependent):
                self._desk.delete(
                    dependent, self._rows[storage].plural, DeleteOptions(propagation="Foreground")
                )
        if not blocking:
            self._drop_finalizer(row, owner, FOREGROUND)

    def _check_owners(self, row: Resource, dependent: Json) -> None:
        references = dependent["metadata"]["ownerReferences"]
        absent = {entry["uid"] for entry in references if self._is_absent(dependent, entry)}
        if not absent:
            return
        if len(absent) == len(references):
            uid = dependent["metadata"]["uid"]
            self._desk.delete(dependent, row.plural, DeleteOptions(propagation="Background", uid=uid))
        else:
            self._drop_references(row, dependent, absent)

    def _is_absent(self, dependent: Json, reference: Json) -> bool:
        """Whether an owner is surely gone; of a kind that is not served here nothing is known."""
        row = self._desk.api.table.by_kind(reference["apiVersion"], reference["kind"])
        if row is None:
            return False
        namespace = dependent["metadata"].get("namespace", "") if row.namespaced else ""
        owner = self._desk.api.store.get(row.storage, key_of(namespace, reference["name"]))
        return owner is None or owner.data["metadata"]["uid"] != reference["uid"]

    def _drop_references(self, row: Resource, dependent: Json, uids: set[str]) -> None:
        def edit(data: Json) -> Json:
            kept = [
                entry for entry in data["metadata"].get("ownerReferences") or [] if entry["uid"] not in uids
            ]
            return {**data, "metadata": {**data["metadata"], "ownerReferences": kept}}

        self._desk.change(dependent, row.plural, edit)

    def _drop_finalizer(self, row: Resource, owner: Json, name: str) -> None:
        def edit(data: Json) -> Json:
            kept = [entry for entry in data["metadata"].get("finalizers") or [] if entry != name]
            return {**data, "metadata": {**data["metadata"], "finalizers": kept}}

        self._desk.change(owner, row.plural, edit)

    def _changed(self, change: Change) -> Iterable[str]:
        data = change.record.data
        meta = data["metadata"]
        keys = [f"{change.storage}{SEPARATOR}{change.record.key}"]
        if change.type == "DELETED":
            keys = [f"{storage}{SEPARATOR}{key}" for storage, key, _ in self._desk.dependents(meta["uid"])]
            for entry in meta.get("ownerReferences") or []:
                keys += self._owner_keys(data, entry)
        return keys

    def _owner_keys(self, dependent: Json, reference: Json) -> list[str]:
        row = self._desk.api.table.by_kind(reference["apiVersion"], reference["kind"])
        if row is None:
            return []
        namespace = dependent["metadata"].get("namespace", "") if row.namespaced else ""
        return [f"{row.storage}{SEPARATOR}{key_of(namespace, reference['name'])}"]
