"""Namespaces: the default ServiceAccount when one is made, and its content deleted when it goes."""

from collections.abc import Iterable
from typing import Any

from akb_sync.simulators.kubernetes.controllers.desk import Desk
from akb_sync.simulators.kubernetes.objects import at_path, is_deleting
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Change

Json = dict[str, Any]


class NamespaceController:
    """Empties a Namespace that is being deleted, then takes its finalizer away."""

    name = "namespaces"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rows = [row for row in desk.api.table.stored() if row.namespaced]
        self.interests = dict.fromkeys((row.storage for row in self._rows), _namespace_of_deleted)
        self.interests["namespaces"] = lambda change: [change.record.key]

    def reconcile(self, key: str) -> None:
        """Look at one Namespace."""
        namespace = self._desk.get("namespaces", key)
        if namespace is None:
            return
        if not is_deleting(namespace):
            self._welcome(key)
            return
        left = [(row, data) for row in self._rows for data in self._content(row, key)]
        for row, data in left:
            if not is_deleting(data):
                self._desk.delete(data, row.plural)
        if not left and at_path(namespace, "spec.finalizers"):
            self._desk.change(namespace, "namespaces", _without_finalizers, "finalize")

    def _welcome(self, name: str) -> None:
        if self._desk.get("serviceaccounts", f"{name}/default") is None:
            self._desk.create("serviceaccounts", {"metadata": {"name": "default", "namespace": name}})

    def _content(self, row: Resource, namespace: str) -> list[Json]:
        prefix = namespace + "/"
        records = self._desk.api.store.records(row.storage)
        return [record.data for record in records if record.key.startswith(prefix)]


def _without_finalizers(data: Json) -> Json:
    return {**data, "spec": {**data["spec"], "finalizers": []}}


def _namespace_of_deleted(change: Change) -> Iterable[str]:
    return [change.record.data["metadata"]["namespace"]] if change.type == "DELETED" else []
