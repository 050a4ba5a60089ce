"""Delete: at once, after a grace period, or once the finalizers are gone.

A delete is a request, not an act: Pods get a grace period that a kubelet ends, Namespaces keep the
finalizer of their content, `Foreground` and `Orphan` are finalizers that the garbage collector works off.
What is left then is removed by the write that takes the last of these away.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.objects import Clock, at_path, key_of, timestamp
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Record, Store

Json = dict[str, Any]

PROTECTED_NAMESPACES = ("default", "kube-public", "kube-system")
FINALIZER_OF = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
POLICIES = ("Foreground", "Background", "Orphan")


@dataclass(frozen=True)
class DeleteOptions:
    """What a client may say about a delete; `grace` None means the object's own grace period."""

    grace: int | None = None
    propagation: str = ""
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False

    @classmethod
    def read(cls, body: Json, query: dict[str, str]) -> "DeleteOptions":
        """From the request's body, or its query where the body says nothing. Raises ApiError 400 or 422."""
        propagation = body.get("propagationPolicy") or query.get("propagationPolicy", "")
        orphan = body.get("orphanDependents", query.get("orphanDependents"))
        if not propagation and orphan is not None:
            propagation = "Orphan" if orphan in (True, "true") else "Background"
        if propagation and propagation not in POLICIES:
            shown = ", ".join(f'"{policy}"' for policy in (*POLICIES, "nil"))
            cause = Cause(
                "FieldValueNotSupported",
                "propagationPolicy",
                f'Unsupported value: "{propagation}": supported values: {shown}',
            )
            raise errors.invalid_kind("meta.k8s.io", "DeleteOptions", "", [cause])
        conditions = body.get("preconditions") or {}
        return cls(
            grace=_grace(body.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))),
            propagation=propagation,
            uid=conditions.get("uid") or "",
            resource_version=conditions.get("resourceVersion") or "",
            dry_run=bool(body.get("dryRun") or query.get("dryRun")),
        )


def _grace(value: object) -> int | None:
    if value is None:
        return None
    try:
        return max(int(str(value)), 0)
    except ValueError:
        raise errors.bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None


class Deleter:
    """The deleting half of the API."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def delete(
        self, resource: Resource, namespace: str, name: str, options: DeleteOptions
    ) -> tuple[Json, bool]:
        """Ask for an object's end; returns its state and whether it is gone already."""
        with self._store.lock:
            record = self._store.get(resource.storage, key_of(namespace, name))
            if record is None:
                raise errors.not_found(resource, name)
            _check_preconditions(resource, record.data, options)
            if resource.plural == "namespaces" and name in PROTECTED_NAMESPACES:
                raise errors.forbidden(resource, name, "this namespace may not be deleted")
            finalizers = _finalizers(record.data, options)
            grace = _grace_of(resource, record.data, options)
            if not finalizers and grace == 0 and not _waits_for_content(resource, record.data):
                return self._remove(resource, record, dry_run=options.dry_run), True
            return self._mark(resource, record, finalizers, grace, dry_run=options.dry_run), False

    def finish(self, resource: Resource, record: Record) -> Record:
        """Remove an object that is being deleted and that nothing holds any more."""
        meta = record.data["metadata"]
        held = (
            meta.get("finalizers")
            or meta.get("deletionGracePeriodSeconds")
            or _waits_for_content(resource, record.data)
        )
        if not meta.get("deletionTimestamp") or held:
            return record
        self._store.remove(resource.storage, record.key)
        return record

    def _remove(self, resource: Resource, record: Record, *, dry_run: bool) -> Json:
        if not dry_run:
            self._store.remove(resource.storage, record.key)
        return record.data

    def _mark(
        self, resource: Resource, record: Record, finalizers: list[str], grace: int, *, dry_run: bool
    ) -> Json:
        data = {**record.data, "metadata": dict(record.data["metadata"])}
        meta = data["metadata"]
        self._set_deadline(resource, meta, grace)
        meta.pop("finalizers", None)
        if finalizers:
            meta["finalizers"] = finalizers
        if resource.plural == "namespaces":
            data["status"] = {**data.get("status", {}), "phase": "Terminating"}
        if data == record.data or dry_run:
            return data
        return self._store.put(resource.storage, record.key, data).data

    def _set_deadline(self, resource: Resource, meta: Json, grace: int) -> None:
        if "deletionTimestamp" in meta and grace >= meta.get("deletionGracePeriodSeconds", 0):
            return
        meta["deletionTimestamp"] = timestamp(self._clock() + timedelta(seconds=grace))
        if resource.plural != "namespaces":
            meta["deletionGracePeriodSeconds"] = grace
        if resource.generation:
            meta["generation"] = meta.get("generation", 0) + 1


def _check_preconditions(resource: Resource, data: Json, options: DeleteOptions) -> None:
    meta = data["metadata"]
    why = ""
    if options.uid and options.uid != meta["uid"]:
        why = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({meta['uid']}). "
            "The object might have been deleted and then recreated"
        )
    elif options.resource_version and options.resource_version != meta["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match the "
            f"ResourceVersion in record ({meta['resourceVersion']}). The object might have been modified"
        )
    if why:
        raise errors.conflict(resource, meta["name"], why)


def _finalizers(data: Json, options: DeleteOptions) -> list[str]:
    present = list(data["metadata"].get("finalizers") or [])
    if options.propagation:
        present = [name for name in present if name not in FINALIZER_OF.values()]
    wanted = FINALIZER_OF.get(options.propagation)
    return [*present, wanted] if wanted else present


def _grace_of(resource: Resource, data: Json, options: DeleteOptions) -> int:
    """Only Pods that a kubelet runs have a grace period."""
    if resource.plural != "pods" or not at_path(data, "spec.nodeName"):
        return 0
    if at_path(data, "status.phase") in ("Succeeded", "Failed"):
        return 0
    own: int = at_path(data, "spec.terminationGracePeriodSeconds", 30)
    return own if options.grace is None else options.grace


def _waits_for_content(resource: Resource, data: Json) -> bool:
    return resource.plural == "namespaces" and bool(at_path(data, "spec.finalizers"))
