"""Strategic merge patch: like a merge patch, but lists whose items have a key merge item by item.

kubectl sends it for `apply`, `label`, `annotate`, `set` and `rollout` on built-in kinds. Which list has
which key comes from the types (`schema`); a list without one is replaced whole. Directives understood:
`$patch: delete | replace`, `$retainKeys`, `$deleteFromPrimitiveList/<field>` and
`$setElementOrder/<field>`.
"""

import copy
from typing import Any

from akb_sync.simulators.kubernetes.errors import bad_request, unsupported_patch
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.schema import Field, fields_of, type_of

Json = dict[str, Any]

DELETE_FROM = "$deleteFromPrimitiveList/"
ORDER = "$setElementOrder/"


def strategic_merge(resource: Resource, target: Json, patch: Any) -> Json:
    """A copy of the target with the patch merged in.

    Raises:
        ApiError: 400 for what is not an object, 415 for kinds that are not Kubernetes' own.
    """
    type_name = type_of(resource)
    if type_name is None:
        raise unsupported_patch()
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: json: cannot unmarshal array into Go value of type map")
    return _merge(copy.deepcopy(target), patch, type_name)


def _merge(target: Json, patch: Json, type_name: str) -> Json:
    directive = patch.get("$patch")
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    fields = fields_of(type_name) if type_name else {}
    for name, value in patch.items():
        if not name.startswith("$"):
            _merge_field(target, name, value, fields.get(name))
    _apply_directives(target, patch, fields)
    return target


def _merge_field(target: Json, name: str, value: Any, field: Field | None) -> None:
    present = target.get(name)
    kind = field.type if field else ""
    if value is None:
        target.pop(name, None)
    elif isinstance(value, dict):
        inner = kind[1:] if kind.startswith("@") else ""
        target[name] = _merge(present if isinstance(present, dict) else {}, value, inner)
    elif isinstance(value, list) and field and field.merge and field.key:
        target[name] = _merge_list(present or [], value, field.key, kind[3:])
    elif isinstance(value, list) and field and field.merge:
        target[name] = [*(present or []), *(item for item in value if item not in (present or []))]
    else:
        target[name] = value


def _merge_list(present: list[Json], patch: list[Json], key: str, type_name: str) -> list[Json]:
    if any(item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if "$patch" not in item]
    merged = list(present)
    for item in patch:
        if key not in item:
            raise bad_request(f"map: does not contain declared merge key: {key}")
        index = next((i for i, old in enumerate(merged) if old.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            merged = [old for old in merged if old.get(key) != item[key]]
        elif index is None:
            merged.append(_merge({}, item, type_name))
        else:
            merged[index] = _merge(merged[index], item, type_name)
    return merged


def _apply_directives(target: Json, patch: Json, fields: dict[str, Field]) -> None:
    for name, value in patch.items():
        if name.startswith(DELETE_FROM):
            field = name.removeprefix(DELETE_FROM)
            target[field] = [item for item in target.get(field) or [] if item not in value]
        elif name == "$retainKeys":
            for absent in [present for present in target if present not in value]:
                del target[absent]
        elif name.startswith(ORDER):
            field = name.removeprefix(ORDER)
            if isinstance(target.get(field), list):
                key = fields[field].key if field in fields else ""
                target[field] = _ordered(target[field], value, key)


def _ordered(items: list[Any], order: list[Any], key: str) -> list[Any]:
    """What the patch names in its order; what it does not name stays behind."""

    def identity(item: Any) -> Any:
        return item.get(key) if isinstance(item, dict) else item

    ranks = {identity(entry): rank for rank, entry in enumerate(order)}
    return sorted(items, key=lambda item: ranks.get(identity(item), len(ranks)))
