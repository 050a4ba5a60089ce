"""How objects look in answers: attributes by `rsp-prop-include`, children by `rsp-subtree`.

Flat results bear `dn`; nested children bear `rn` instead (captures of real APICs, and what acitoolkit and
AIM rely on).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from akb_sync.simulators.apic.transactions import Change, Kind
from akb_sync.simulators.apic.tree import Mo

Json = dict[str, Any]
PROPERTY_SETS = ("all", "naming-only", "config-only", "config-all", "config-explicit", "oper")


class About(Protocol):
    """Finds what hangs on an object without being its child in the tree; all of it is wanted."""

    def __call__(self, mo: Mo, *, top: bool) -> Iterable[Mo]:
        """`top` for a result, False for what is nested in one."""


@dataclass(frozen=True, slots=True)
class Nesting:
    """What is shown below each result.

    Attributes:
        depth: 1 for children, more for everything.
        wanted: whether an object is asked for; others are shown only on the way to one that is.
        about: what is added to the children of an object.
    """

    depth: int
    wanted: Callable[[Mo], bool]
    about: About


def attributes_of(mo: Mo, properties: str) -> dict[str, str]:
    """The attributes of an object that a `rsp-prop-include` shows, with its dn."""
    shown = mo.attributes()
    if properties == "all":
        return shown
    schema = mo.schema
    if properties == "naming-only":
        keep = {"dn", *schema.rn.naming}
    elif properties == "config-explicit":
        keep = {"dn"} | {name for name in mo.values if not schema.properties[name].readonly}
    elif properties == "oper":
        keep = {"dn"} | {name for name, prop in schema.properties.items() if prop.readonly}
    else:
        keep = {"dn"} | {name for name, prop in schema.properties.items() if not prop.readonly}
    return {name: value for name, value in shown.items() if name in keep}


def render(mo: Mo, properties: str, nesting: Nesting | None, *, child_dn: bool = False) -> Json:
    """One result with what is nested in it; `child_dn` lets nested objects bear `dn` beside `rn`."""
    body: Json = {"attributes": attributes_of(mo, properties)}
    if nesting is not None:
        renderer = _Renderer(properties, nesting, child_dn)
        if children := renderer.children(mo, nesting.depth, top=True):
            body["children"] = children
    return {mo.schema.name: body}


@dataclass(frozen=True, slots=True)
class _Renderer:
    """Renders what is nested in a result."""

    properties: str
    nesting: Nesting
    child_dn: bool

    def children(self, mo: Mo, depth: int, *, top: bool = False) -> list[Json]:
        if depth == 0:
            return []
        rendered = [self._nested(each, []) for each in self.nesting.about(mo, top=top)]
        for child in mo.children.values():
            below = self.children(child, depth - 1)
            if below or self.nesting.wanted(child):
                rendered.append(self._nested(child, below))
        return rendered

    def _nested(self, mo: Mo, below: list[Json]) -> Json:
        attributes = attributes_of(mo, self.properties)
        if mo.parent is None:
            attributes["rn"] = ""  # a record that is kept elsewhere can only be named by its dn
        else:
            attributes["rn"] = mo.rn
            if not self.child_dn:
                del attributes["dn"]
        body: Json = {"attributes": dict(sorted(attributes.items()))}
        if below:
            body["children"] = below
        return {mo.schema.name: body}


def event(change: Change) -> Json:
    """The object of an event frame.

    A created object comes with all its attributes, a modified one with those that changed, a deleted one
    with its name only (captured event frames, API Inspector).
    """
    mo = change.mo
    if change.kind is Kind.CREATED:
        shown = mo.attributes()
    else:
        shown = {"childAction": "", "dn": mo.dn, "modTs": mo.get("modTs")}
        properties = mo.schema.properties
        shown.update({name: value for name, value in change.changed.items() if not properties[name].secret})
    shown["rn"] = ""
    shown["status"] = change.kind.value
    return {mo.schema.name: {"attributes": dict(sorted(shown.items()))}}


def modified_answer(changes: list[Change]) -> list[Json]:
    """The `rsp-subtree=modified` answer of a write: what changed, nested where parents changed too.

    Every object has all its attributes, `childAction` deleteNonPresent and its `status` (recorded answers
    in GitHub issue ansible/ansible#35041).
    """
    bodies: dict[int, Json] = {}
    roots: list[Json] = []
    for change in changes:
        mo = change.mo
        above = None if mo.parent is None else bodies.get(id(mo.parent))
        shown = mo.attributes()
        if above is not None:
            del shown["dn"]
        shown |= {
            "childAction": "deleteNonPresent",
            "rn": mo.rn if above is not None else "",
            "status": change.kind.value,
        }
        body: Json = {"attributes": dict(sorted(shown.items()))}
        bodies[id(mo)] = body
        siblings = roots if above is None else above.setdefault("children", [])
        siblings.append({mo.schema.name: body})
    return roots
