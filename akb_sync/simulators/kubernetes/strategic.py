"""Strategic merge patch: like a merge patch, but lists of things with a key merge item by item.

kubectl sends it for `apply`, `label`, `annotate` and `set` on built-in kinds. The keys are those that the API types
declare as `patchMergeKey` (Kubernetes API reference); a list that is not named here is replaced whole, as there.
Directives understood: `$patch: delete | replace | merge`, `$retainKeys`, `$deleteFromPrimitiveList/<field>` and
`$setElementOrder/<field>` (order of what the patch names; the rest keeps its place at the end).
"""

import copy
from typing import Any

from akb_sync.simulators.kubernetes.errors import bad_request

Json = dict[str, Any]

MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "hostAliases": ("ip",),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "addresses": ("type",),
    "podIPs": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "taints": ("key",),
    # Services key their ports by `port`, containers by `containerPort`.
    "ports": ("containerPort", "port"),
}
PRIMITIVE_LISTS = frozenset({"finalizers", "podCIDRs"})


def strategic_merge(target: Json, patch: Any) -> Json:
    """A copy of the target with the patch merged in. Raises ApiError 400 for what is not an object."""
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
    return _merge(copy.deepcopy(target), patch)


def _merge(target: Json, patch: Json) -> Json:
    directive = patch.get("$patch")
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    for field, value in patch.items():
        if not field.startswith("$"):
            _merge_field(target, field, value, patch.get(f"$setElementOrder/{field}"))
    _apply_directives(target, patch)
    return target


def _merge_field(target: Json, field: str, value: Any, order: list[Any] | None) -> None:
    present = target.get(field)
    if value is None:
        target.pop(field, None)
    elif isinstance(value, dict):
        target[field] = _merge(present if isinstance(present, dict) else {}, value)
    elif isinstance(value, list) and field in PRIMITIVE_LISTS and isinstance(present, list):
        target[field] = [*present, *(item for item in value if item not in present)]
    elif isinstance(value, list) and (key := _merge_key(field, value, present)):
        target[field] = _merge_list(present or [], value, key, order)
    else:
        target[field] = value


def _apply_directives(target: Json, patch: Json) -> None:
    for field, value in patch.items():
        if field.startswith("$deleteFromPrimitiveList/"):
            name = field.split("/", 1)[1]
            target[name] = [item for item in target.get(name) or [] if item not in value]
        elif field == "$retainKeys":
            for name in [name for name in target if name not in value]:
                del target[name]
        elif field.startswith("$setElementOrder/") and (name := field.split("/", 1)[1]) not in patch:
            key = _merge_key(name, target.get(name) or [], None)
            if key:
                target[name] = _ordered(target.get(name) or [], value, key)


def _merge_key(field: str, value: list[Any], present: Any) -> str:
    items = [item for item in [*value, *(present or [])] if isinstance(item, dict)]
    for key in MERGE_KEYS.get(field, ()):
        if items and any(key in item for item in items):
            return key
    return ""


def _merge_list(present: list[Json], patch: list[Json], key: str, order: list[Any] | None) -> list[Json]:
    if any(item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if "$patch" not in item]
    merged = list(present)
    for item in patch:
        index = next((i for i, old in enumerate(merged) if old.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            merged = [old for old in merged if old.get(key) != item.get(key)]
        elif index is None:
            merged.append(_merge({}, item))
        else:
            merged[index] = _merge(merged[index], item)
    return _ordered(merged, order, key) if order else merged


def _ordered(items: list[Json], order: list[Any], key: str) -> list[Json]:
    ranks = {(entry.get(key) if isinstance(entry, dict) else entry): rank for rank, entry in enumerate(order)}
    return sorted(items, key=lambda item: ranks.get(item.get(key), len(ranks)))
