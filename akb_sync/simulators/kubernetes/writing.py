"""Create, replace and patch: what a write goes through before it is an object in the store.

The order is the API server's: decode, defaults, strategy (status and metadata that a client may not set),
admission (namespace), validation, then the store, with the resourceVersion that was read as the lock.
"""

import copy
from collections.abc import Callable
from typing import Any

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.bodies import typed
from akb_sync.simulators.kubernetes.defaults import FIRST_STATUS, apply_defaults
from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.naming import Namer
from akb_sync.simulators.kubernetes.objects import Clock, key_of, timestamp
from akb_sync.simulators.kubernetes.options import Options
from akb_sync.simulators.kubernetes.resources import Resource, ResourceTable
from akb_sync.simulators.kubernetes.services import ServiceAllocator
from akb_sync.simulators.kubernetes.storage import Record, Store
from akb_sync.simulators.kubernetes.validation import validate, validate_update

Json = dict[str, Any]
Finish = Callable[[Resource, Record], Record]

SYSTEM_METADATA = (
    "uid",
    "creationTimestamp",
    "generation",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
)
FIRST_FIELDS = ("kind", "apiVersion", "metadata", "spec")
# What a write through /status does not touch besides the spec: seen at a kube-apiserver v1.34.
STATUS_KEEPS_LABELS = frozenset({"deployments", "replicasets", "statefulsets", "daemonsets", "jobs"})


class Writer:
    """The writing half of the API. `finished` is told of objects whose last finalizer went."""

    def __init__(
        self, store: Store, table: ResourceTable, options: Options, namer: Namer, clock: Clock
    ) -> None:
        self._store = store
        self._namespaces = table.find("namespaces")
        self._namer = namer
        self._clock = clock
        self._services = ServiceAllocator(options)
        self.finished: Finish = lambda _resource, record: record
        store.listen(self._release)

    def create(self, resource: Resource, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Store a new object and return it. Raises ApiError 400, 404, 409 or 422."""
        with self._store.lock:
            data = normalise(resource, namespace, body)
            self._name_it(data)
            self._admit(resource, namespace, data)
            self._first_state(resource, data)
            apply_defaults(resource.plural, data)
            self._check(resource, data)
            key = key_of(namespace, data["metadata"]["name"])
            if self._store.get(resource.storage, key) is not None:
                raise errors.already_exists(resource, data["metadata"]["name"])
            if resource.plural == "services":
                self._services.prepare(resource, data["metadata"]["uid"], data, None)
            return data if dry_run else self._store.put(resource.storage, key, ordered(data)).data

    def replace(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: Json,
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> tuple[Json, bool]:
        """Put an object in place of the present one; returns it and whether it was created."""
        with self._store.lock:
            data = normalise(resource, namespace, body)
            self._same_name(data, name)
            record = self._store.get(resource.storage, key_of(namespace, name))
            if record is None:
                if resource.create_on_update and not subresource:
                    return self.create(resource, namespace, body, dry_run=dry_run), True
                raise errors.not_found(resource, name)
            version = data["metadata"].get("resourceVersion")
            if not version and not resource.unconditional_update:
                cause = Cause(
                    "FieldValueInvalid",
                    "metadata.resourceVersion",
                    "Invalid value: 0: must be specified for an update",
                )
                raise errors.invalid_kind(resource.group, resource.plural, name, [cause])
            return self._update(resource, record, data, subresource, dry_run=dry_run), False

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[Json], Json],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Json:
        """Store what `change` makes of the present object and return it."""
        with self._store.lock:
            record = self._store.get(resource.storage, key_of(namespace, name))
            if record is None:
                raise errors.not_found(resource, name)
            data = normalise(resource, namespace, change(record.data))
            self._same_name(data, name)
            return self._update(resource, record, data, subresource, dry_run=dry_run)

    def _update(
        self, resource: Resource, record: Record, data: Json, subresource: str, *, dry_run: bool
    ) -> Json:
        old = record.data
        name = old["metadata"]["name"]
        self._check_locks(resource, old, data)
        data = merge_states(resource, old, data, subresource)
        apply_defaults(resource.plural, data)
        if resource.plural == "services" and not subresource:
            self._services.prepare(resource, old["metadata"]["uid"], data, old)
        if resource.generation and data.get("spec") != old.get("spec"):
            data["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        causes = validate(resource, data)
        if subresource != "binding":
            causes += validate_update(resource, old, data)
        if causes:
            raise errors.invalid(resource, name, causes)
        data["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        data = ordered(data)
        if data == old or dry_run:
            return data
        stored = self._store.put(resource.storage, record.key, data)
        return self.finished(resource, stored).data

    def _check_locks(self, resource: Resource, old: Json, data: Json) -> None:
        meta = data["metadata"]
        name = old["metadata"]["name"]
        uid = old["metadata"]["uid"]
        if meta.get("uid", uid) != uid:
            why = f"Precondition failed: UID in precondition: {meta['uid']}, UID in object meta: {uid}"
            raise errors.conflict(resource, name, why)
        if meta.get("resourceVersion") and meta["resourceVersion"] != old["metadata"]["resourceVersion"]:
            raise errors.conflict(resource, name)

    def _name_it(self, data: Json) -> None:
        meta = data["metadata"]
        if meta.get("resourceVersion"):
            raise errors.ApiError(500, "", "resourceVersion should not be set on objects to be created")
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = self._namer.name(meta["generateName"])

    def _first_state(self, resource: Resource, data: Json) -> None:
        meta = data["metadata"]
        for field in ("deletionTimestamp", "deletionGracePeriodSeconds"):
            meta.pop(field, None)
        meta |= {"uid": self._namer.uid(), "creationTimestamp": timestamp(self._clock())}
        if resource.generation:
            meta["generation"] = 1
        if resource.plural in FIRST_STATUS:
            data["status"] = copy.deepcopy(FIRST_STATUS[resource.plural])

    def _admit(self, resource: Resource, namespace: str, data: Json) -> None:
        if not namespace:
            return
        record = self._store.get(self._namespaces.storage, namespace)
        if record is None:
            raise errors.not_found(self._namespaces, namespace)
        if record.data["metadata"].get("deletionTimestamp"):
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            text = f"namespace {namespace} is being terminated"
            cause = Cause("NamespaceTerminating", "metadata.namespace", text)
            raise errors.forbidden(resource, data["metadata"].get("name", ""), why, [cause])

    def _check(self, resource: Resource, data: Json) -> None:
        causes = validate(resource, data)
        if causes:
            raise errors.invalid(resource, data["metadata"].get("name", ""), causes)

    def _same_name(self, data: Json, name: str) -> None:
        given = data["metadata"].setdefault("name", name)
        if given != name:
            raise errors.bad_request(
                f"the name of the object ({given}) does not match the name on the URL ({name})"
            )

    def _release(self, change: Any) -> None:
        if change.type == "DELETED" and change.storage == "services":
            self._services.release(change.record.data["metadata"]["uid"])


def normalise(resource: Resource, namespace: str, body: Json) -> Json:
    """A copy of a body as it would be read by the API's types: no nulls, kind and namespace right.

    Raises:
        ApiError: 400 when it is another kind, another version or of another namespace.
    """
    version = body.get("apiVersion") or resource.api_version
    kind = body.get("kind") or resource.kind
    if kind != resource.kind:
        raise errors.bad_request(
            f'{kind} in version "{version.rpartition("/")[2]}" cannot be handled as a {resource.kind}'
        )
    if version != resource.api_version:
        raise errors.bad_request(_other_version(resource, version))
    data = typed(resource, body)
    data |= {"kind": resource.kind, "apiVersion": resource.api_version}
    meta = data.setdefault("metadata", {})
    meta.pop("managedFields", None)
    for field in ("labels", "annotations", "ownerReferences", "finalizers"):
        if field in meta and not meta[field]:
            del meta[field]
    if namespace and meta.setdefault("namespace", namespace) != namespace:
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if not namespace:
        meta.pop("namespace", None)
    return data


def _other_version(resource: Resource, version: str) -> str:
    if resource.group and version.startswith(resource.group + "/"):
        wanted = f"the expected API version ({resource.api_version})"
        return f"the API version in the data ({version}) does not match {wanted}"
    unknown = f'no kind "{resource.kind}" is registered for version "{version}"'
    short = version.rpartition("/")[2]
    return f'{resource.kind} in version "{short}" cannot be handled as a {resource.kind}: {unknown}'


def merge_states(resource: Resource, old: Json, new: Json, subresource: str) -> Json:
    """What an update may change: everything but status and system metadata, or the status alone."""
    meta = {key: value for key, value in new["metadata"].items() if key not in SYSTEM_METADATA}
    meta |= {key: old["metadata"][key] for key in SYSTEM_METADATA if key in old["metadata"]}
    if subresource == "status":
        for field in ("labels", "ownerReferences", "finalizers"):
            if field != "labels" or resource.plural in STATUS_KEEPS_LABELS:
                _take(meta, old["metadata"], field)
        return {**copy.deepcopy(old), "metadata": meta, "status": new.get("status", {})}
    merged = {**new, "metadata": meta}
    if "status" in resource.subresources and not subresource:
        _take(merged, old, "status")
    return merged


def _take(target: Json, source: Json, field: str) -> None:
    target.pop(field, None)
    if field in source:
        target[field] = copy.deepcopy(source[field])


def ordered(data: Json) -> Json:
    """The object with its fields in the order that people expect to read."""
    first = {field: data[field] for field in FIRST_FIELDS if field in data}
    rest = {field: value for field, value in data.items() if field not in first}
    return first | rest
