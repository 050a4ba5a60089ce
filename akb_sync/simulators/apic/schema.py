"""The table of classes (`classes/*.yaml`), read once into objects that answer the simulator's questions.

What a class may contain, hold and look like is data; the code of the simulator names a class only where
a real APIC treats it by itself.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from akb_sync.simulators.apic import names
from akb_sync.simulators.apic.errors import wrong_rn
from akb_sync.simulators.apic.names import RelativeName
from akb_sync.simulators.apic.values import Property

ANYWHERE = "any"
BASE = {
    name: Property(name, default=default, readonly=True)
    for name, default in {
        "childAction": "",
        "dn": "",
        "lcOwn": "local",
        "modTs": "never",
        "status": "",
        "uid": "0",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Relation:
    """What a relation points at: the target's class, the property that names it, the fault if unresolved."""

    target: str
    by: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class ClassSchema:
    """One class: its row of the table.

    Attributes:
        template: every readable property with its default, in alphabetical order, as answers show them.
        record: written by the system about other objects (faults, audit log), not part of a plain subtree.
        strict_status: `"created, modified"` with a blank is refused for an existing object, as observed for
            l3extInstP on 5.2(7f) by the Terraform provider.
    """

    name: str
    label: str
    rn: RelativeName
    parents: frozenset[str]
    properties: Mapping[str, Property]
    implies: tuple[str, ...]
    relation: Relation | None
    writable: bool
    observable: bool
    record: bool
    strict_status: bool
    template: Mapping[str, str] = field(default_factory=dict)

    def contains(self, parent: "ClassSchema") -> bool:
        """Whether an object of this class may stand under one of that class."""
        if ANYWHERE in self.parents:
            return ANYWHERE not in parent.parents
        return parent.name in self.parents


class Schema:
    """All classes, and the ways from a dn to them."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        types = {name: _merged(table, row) for name, row in table["types"].items()}
        self.classes: dict[str, ClassSchema] = {
            name: _class(name, row, {**table, "types": types}) for name, row in table["classes"].items()
        }
        self._children: dict[str, list[ClassSchema]] = {
            name: sorted(
                (child for child in self.classes.values() if child.contains(parent)),
                key=lambda child: (-len(child.rn.prefix), bool(child.rn.naming)),
            )
            for name, parent in self.classes.items()
        }
        self._sources: dict[str, list[ClassSchema]] = {}
        for item in self.classes.values():
            if item.relation is not None:
                self._sources.setdefault(item.relation.target, []).append(item)

    def find(self, name: str) -> ClassSchema | None:
        """The class of that name, if there is one."""
        return self.classes.get(name)

    def __getitem__(self, name: str) -> ClassSchema:
        return self.classes[name]

    def pointing_at(self, name: str) -> list[ClassSchema]:
        """The relation classes whose target is that class."""
        return self._sources.get(name, [])

    def child(self, parent: ClassSchema, rn: str) -> ClassSchema | None:
        """The class that an rn stands for below an object of a class."""
        for candidate in self._children[parent.name]:
            if rn.startswith(candidate.rn.prefix) and candidate.rn.read(rn) is not None:
                return candidate
        return None

    def walk(self, dn: str) -> Iterator[tuple[ClassSchema, str]]:
        """Yield (class, rn) for each relative name of a dn; raises the APIC's "wrong rn prefix"."""
        current: ClassSchema | None = None
        for position, rn in names.split(dn):
            found = self._root(rn) if current is None else self.child(current, rn)
            if found is None:
                raise wrong_rn(dn, rn, position)
            current = found
            yield found, rn

    def class_of(self, dn: str) -> ClassSchema:
        """The class of the object that a dn names."""
        found = None
        for found, _rn in self.walk(dn):  # noqa: B007 - the last one is wanted
            pass
        if found is None:
            raise wrong_rn(dn, "", 0)
        return found

    def _root(self, rn: str) -> ClassSchema | None:
        return self.classes["polUni"] if rn == "uni" else None


@cache
def standard_schema() -> Schema:
    """The schema of the package's own table."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = resources.files(__package__).joinpath("classes").iterdir()
    texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".yaml")}
    rows = {name: yaml.load(text, Loader=loader) for name, text in texts.items()}  # noqa: S506 - a safe one
    shared = rows.pop("types.yaml")
    return Schema({**shared, "classes": _together(rows)})


def _together(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The classes of all files; a class in two of them would silently lose one of its rows."""
    classes: dict[str, Any] = {}
    for name in sorted(rows):
        if twice := classes.keys() & rows[name].keys():
            raise ValueError(f"{name}: {', '.join(sorted(twice))} have a row in another file as well")
        classes.update(rows[name])
    return classes


def _merged(table: Mapping[str, Any], row: Any) -> dict[str, Any]:
    """A property's row with what its type says filled in."""
    if isinstance(row, str):
        row = {"type": row}
    row = dict(row)
    base = row.pop("type", None)
    return {**_merged(table, table["types"][base]), **row} if base is not None else row


def _property(name: str, row: Mapping[str, Any]) -> Property:
    kind = row.get("kind", "enum" if "enum" in row else "flags" if "flags" in row else "text")
    return Property(
        name=name,
        kind=kind,
        default=str(row.get("default", "")),
        options=frozenset(row.get("enum", row.get("flags", ()))),
        words=frozenset(row.get("words", ())),
        pattern=re.compile(row["match"]) if "match" in row else None,
        low=row.get("min"),
        high=row.get("max"),
        readonly=row.get("readonly", False),
        secret=row.get("secret", False),
    )


def _class(name: str, row: Mapping[str, Any], table: Mapping[str, Any]) -> ClassSchema:
    rows: dict[str, Any] = {}
    for group in row.get("groups", ()):
        rows.update(table["groups"][group])
    rows.update(row.get("props", {}))
    own = {prop: _property(prop, _merged(table, value)) for prop, value in rows.items()}
    properties = {**BASE, **own}
    relation = row.get("relation")
    return ClassSchema(
        name=name,
        label=row["label"],
        rn=RelativeName(row["rn"]),
        parents=frozenset(row["parents"]),
        properties=properties,
        implies=tuple(row.get("implies", ())),
        relation=None
        if relation is None
        else Relation(relation["target"], relation["by"], relation.get("fault")),
        writable=row.get("writable", True),
        observable=row.get("observable", True),
        record=row.get("record", False),
        strict_status=row.get("strict_status", False),
        template={
            prop: properties[prop].default for prop in sorted(properties) if not properties[prop].secret
        },
    )
