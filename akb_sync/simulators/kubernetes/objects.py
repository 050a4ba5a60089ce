"""Small readings of objects that many modules share: names, paths, owners, labels, the clock.

Objects are plain JSON. These helpers never change what they are given.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in whole seconds, the form of `creationTimestamp`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: str) -> datetime:
    """Inverse of `timestamp`, fractions allowed."""
    return datetime.fromisoformat(text)


def key_of(namespace: str, name: str) -> str:
    """The key under which the store keeps an object."""
    return f"{namespace}/{name}" if namespace else name


def object_key(data: Json) -> str:
    """The key of an object, read from its metadata."""
    meta = data["metadata"]
    return key_of(meta.get("namespace", ""), meta["name"])


def at_path(data: Json, path: str, default: Any = None) -> Any:
    """The value at a dotted path such as `status.phase`, or `default` where the path ends early."""
    value: Any = data
    for step in path.split("."):
        if not isinstance(value, dict) or step not in value:
            return default
        value = value[step]
    return value


def labels_of(data: Json) -> dict[str, str]:
    """The labels, never None."""
    return data.get("metadata", {}).get("labels") or {}


def annotations_of(data: Json) -> dict[str, str]:
    """The annotations, never None."""
    return data.get("metadata", {}).get("annotations") or {}


def controller_of(data: Json) -> Json | None:
    """The ownerReference with `controller: true`, or None."""
    owners = data.get("metadata", {}).get("ownerReferences") or []
    return next((owner for owner in owners if owner.get("controller")), None)


def owner_reference(owner: Json) -> Json:
    """A controller reference to `owner`, as the built-in controllers write it."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def is_deleting(data: Json) -> bool:
    """Whether the object waits for its finalizers or its grace period."""
    return bool(data.get("metadata", {}).get("deletionTimestamp"))


def condition(data: Json, kind: str) -> Json | None:
    """The condition of that type in `status.conditions`, or None."""
    found = at_path(data, "status.conditions") or []
    return next((entry for entry in found if entry.get("type") == kind), None)


def is_true(data: Json, kind: str) -> bool:
    """Whether that condition is there and `True`."""
    entry = condition(data, kind)
    return entry is not None and entry.get("status") == "True"


def containers_of(pod_spec: Json) -> Iterator[Json]:
    """Init containers and containers of a Pod spec."""
    yield from pod_spec.get("initContainers") or []
    yield from pod_spec.get("containers") or []
