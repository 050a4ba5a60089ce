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
    """What a relation points at.

    Attributes:
        targets: the classes that the target may be of; a named relation has one.
        by: the property that names the target; `tDn` for its whole dn.
        fault: the code of the fault that an unresolved one raises.
        fallback: an empty name stands for the object `default` of tenant common.
    """

    targets: tuple[str, ...]
    by: str
    fault: str | None
    fallback: bool

    @property
    def direct(self) -> bool:
        """Whether it names its target by dn."""
        return self.by == "tDn"


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
                key=lambda child: (-len(child.rn.prefix), ANYWHERE in child.parents, bool(child.rn.naming)),
            )
            for name, parent in self.classes.items()
        }
        self._sources: dict[str, list[ClassSchema]] = {}
        for item in self.classes.values():
            for target in () if item.relation is None else item.relation.targets:
                self._sources.setdefault(target, []).append(item)
        self._roots = sorted(
            (item for item in self.classes.values() if not item.parents),
            key=lambda item: -len(item.rn.prefix),
        )

    def find(self, name: str) -> ClassSchema | None:
        """The class of that name, if there is one."""
        return self.classes.get(name)

    def __getitem__(self, name: str) -> ClassSchema:
        return self.classes[name]

    def has_root(self, rn: str) -> bool:
        """Whether a dn may begin with that relative name."""
        return any(
            rn.startswith(item.rn.prefix) if item.rn.naming else rn == item.rn.template
            for item in self._roots
        )

    def pointing_at(self, name: str) -> list[ClassSchema]:
        """The relation classes whose target is that class."""
        return self._sources.get(name, [])

    def walk(self, dn: str) -> Iterator[tuple[ClassSchema, str]]:
        """Yield (class, rn) for each object on the way to a dn; raises the APIC's "wrong rn prefix"."""
        current: ClassSchema | None = None
        found = list(names.split(dn))
        index = 0
        while index < len(found):
            rns = [rn for _position, rn in found[index:]]
            step = self._step(current, rns)
            if step is None:
                raise wrong_rn(dn, rns[0], found[index][0])
            current, rn = step
            index += current.rn.parts
            yield current, rn

    def class_of(self, dn: str) -> ClassSchema:
        """The class of the object that a dn names."""
        found = None
        for found, _rn in self.walk(dn):  # noqa: B007 - the last one is wanted
            pass
        if found is None:
            raise wrong_rn(dn, "", 0)
        return found

    def canonical(self, dn: str) -> str:
        """The dn as answers write it; requests may use older forms of relative names."""
        return "/".join(item.rn.build(item.rn.read(rn) or {}) for item, rn in self.walk(dn))

    def _below(self, parent: ClassSchema | None) -> list[ClassSchema]:
        return self._roots if parent is None else self._children[parent.name]

    def _step(self, parent: ClassSchema | None, rns: list[str]) -> tuple[ClassSchema, str] | None:
        """The class and the rn of the next object on the way; its rn may have several parts."""
        for candidate in self._below(parent):
            if not rns[0].startswith(candidate.rn.prefix.partition("/")[0]):
                continue
            rn = rns[0] if candidate.rn.parts == 1 else "/".join(rns[: candidate.rn.parts])
            if candidate.rn.read(rn) is not None:
                return candidate, rn
        return None


@cache
def standard_schema() -> Schema:
    """The schema of the package's own table."""
    return Schema(_table())


@cache
def ranked_schema() -> Schema:
    """The same, but sets of flags are read back in the order of their row instead of the alphabet's."""
    return Schema({**_table(), "ranked_flags": True})


def _table() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = resources.files(__package__).joinpath("classes").iterdir()
    texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".yaml")}
    rows = {name: yaml.load(text, Loader=loader) for name, text in texts.items()}  # noqa: S506 - a safe one
    shared = rows.pop("types.yaml")
    return {**shared, "classes": _together(rows)}


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


def _property(name: str, row: Mapping[str, Any], *, ranked: bool) -> Property:
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
        rank=tuple(row.get("flags", ())) if ranked else (),
    )


def _relation(row: Mapping[str, Any]) -> Relation:
    targets = row["target"] if isinstance(row["target"], list) else [row["target"]]
    return Relation(tuple(targets), row["by"], row.get("fault"), fallback=row.get("fallback", False))


def _class(name: str, row: Mapping[str, Any], table: Mapping[str, Any]) -> ClassSchema:
    rows: dict[str, Any] = {}
    for group in row.get("groups", ()):
        rows.update(table["groups"][group])
    rows.update(row.get("props", {}))
    ranked = table.get("ranked_flags", False)
    own = {prop: _property(prop, _merged(table, value), ranked=ranked) for prop, value in rows.items()}
    properties = {**BASE, **own}
    relation = None if row.get("relation") is None else _relation(row["relation"])
    if relation is not None and not relation.direct:
        # The class that a named relation looks for is part of the model, resolved or not.
        properties["tCl"] = Property("tCl", default=relation.targets[0], readonly=True)
    return ClassSchema(
        name=name,
        label=row["label"],
        rn=RelativeName(row["rn"], row.get("also")),
        parents=frozenset(row["parents"]),
        properties=properties,
        implies=tuple(row.get("implies", ())),
        relation=relation,
        writable=row.get("writable", True),
        observable=row.get("observable", True),
        record=row.get("record", False),
        strict_status=row.get("strict_status", False),
        template={
            prop: properties[prop].default for prop in sorted(properties) if not properties[prop].secret
        },
    )
