"""How objects look in answers: attributes by `rsp-prop-include`, children by `rsp-subtree`.

Flat results bear `dn`; nested children bear `rn` instead (captures of real APICs, and what acitoolkit and
AIM rely on).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from akb_sync.simulators.apic.transactions import Change, Kind
from akb_sync.simulators.apic.tree import Mo

Json = dict[str, Any]
PROPERTY_SETS = ("all", "naming-only", "config-only", "config-all", "config-explicit", "oper")


@dataclass(frozen=True, slots=True)
class Nesting:
    """What is shown below each result.

    Attributes:
        depth: 0 for nothing, 1 for children, more for everything.
        wanted: whether an object is asked for; others are shown only on the way to one that is.
    """

    depth: int
    wanted: Callable[[Mo], bool]


def attributes_of(mo: Mo, properties: str) -> dict[str, str]:
    """The attributes of an object that a `rsp-prop-include` shows, with its dn."""
    shown = mo.attributes()
    if properties == "all":
        return shown
    schema = mo.schema
    if properties == "naming-only":
        keep = {"dn", *schema.rn.naming}
    elif properties == "oper":
        keep = {"dn"} | {name for name, prop in schema.properties.items() if prop.readonly}
    else:
        keep = {"dn"} | {name for name, prop in schema.properties.items() if not prop.readonly}
    return {name: value for name, value in shown.items() if name in keep}


def render(mo: Mo, properties: str, nesting: Nesting | None) -> Json:
    """One result with what is nested in it."""
    body: Json = {"attributes": attributes_of(mo, properties)}
    if nesting is not None and (children := _children(mo, properties, nesting, nesting.depth)):
        body["children"] = children
    return {mo.schema.name: body}


def _children(mo: Mo, properties: str, nesting: Nesting, depth: int) -> list[Json]:
    if depth == 0:
        return []
    rendered = []
    for child in mo.children.values():
        below = _children(child, properties, nesting, depth - 1)
        if not below and not nesting.wanted(child):
            continue
        attributes = attributes_of(child, properties)
        del attributes["dn"]
        body: Json = {"attributes": dict(sorted({**attributes, "rn": child.rn}.items()))}
        if below:
            body["children"] = below
        rendered.append({child.schema.name: body})
    return rendered


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
