"""The types of the Kubernetes API as data: names, protobuf numbers, pointers and merge keys of their fields.

Three things rest on it: which fields a body may have and of what type, how bodies in protobuf are read
(kubectl's `create deployment` and its like send nothing else), and which lists a strategic merge patch
merges by which key. The table is made by `extract` from the struct tags of Kubernetes' own Go types.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from akb_sync.simulators.kubernetes.resources import Resource

PACKAGES = {
    "": "core",
    "apps": "apps",
    "batch": "batch",
    "coordination.k8s.io": "coordination",
    "events.k8s.io": "events",
    "discovery.k8s.io": "discovery",
    "authorization.k8s.io": "authorization",
    "authentication.k8s.io": "authentication",
    "autoscaling": "autoscaling",
    "policy": "policy",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a type.

    Attributes:
        number: its protobuf number.
        type: `string`, `int32`, `time`...; `[]T` a list, `{}T` a map, `@package.Name` an object.
        pointer: whether "absent" and "zero" are two things.
        inline: whether its own fields stand in the object around it.
        merge: whether a strategic merge patch merges the list; by `key`, or as a set when that is empty.
        retain: whether a patch may carry `$retainKeys` for it.
    """

    name: str
    number: int
    type: str
    pointer: bool
    inline: bool
    merge: bool
    retain: bool
    key: str


Fields = dict[str, Field]


@cache
def _types() -> dict[str, Fields]:
    text = files(__package__).joinpath("types.json").read_text()
    table = json.loads(text)["types"]
    return {
        name: {
            field: Field(field, number, kind, "p" in flags, "i" in flags, "m" in flags, "r" in flags, key)
            for field, (number, kind, flags, key) in entries.items()
        }
        for name, entries in table.items()
    }


@cache
def fields_of(type_name: str) -> Fields:
    """The fields of a type by JSON name, those of inlined types among them."""
    fields: Fields = {}
    for name, field in _types()[type_name].items():
        if field.inline:
            fields |= fields_of(field.type[1:])
        else:
            fields[name] = field
    return fields


@cache
def wire_fields(type_name: str) -> dict[int, Field]:
    """The fields of a type by protobuf number, where an inlined type is one field."""
    return {field.number: field for field in _types()[type_name].values()}


def type_of(resource: Resource) -> str | None:
    """The type of a resource's objects; None for one that is not Kubernetes' own."""
    return type_named(resource.api_version, resource.kind)


def type_named(api_version: str, kind: str) -> str | None:
    """The type behind an object's `apiVersion` and `kind`, or None."""
    if kind == "DeleteOptions":
        return "meta.DeleteOptions"
    group = api_version.rpartition("/")[0]
    name = f"{PACKAGES.get(group, group)}.{kind}"
    return name if name in _types() else None
