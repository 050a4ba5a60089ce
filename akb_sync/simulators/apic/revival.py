"""Objects out of a saved state, which people also edit: nothing gets into a fabric that could not be there.

An object that does not fit would break what comes after it, long after the file is forgotten.
"""

from collections.abc import Iterable, Mapping
from typing import NoReturn

from akb_sync.simulators.apic import names
from akb_sync.simulators.apic.schema import ClassSchema, Schema
from akb_sync.simulators.apic.tree import Mo
from akb_sync.simulators.errors import SimulatorError

Saved = tuple[str, str, dict[str, str]]
"""Class, dn and properties of an object."""


def revive(objects: Iterable[Saved], schema: Schema) -> dict[str, Mo]:
    """The objects by dn, linked to their parents and in no tree yet; raises SimulatorError."""
    made: dict[str, Mo] = {}
    for name, dn, values in objects:
        item = schema.find(name)
        if item is None:
            _refuse(f"there is no class {name}", dn)
        if dn in made:
            _refuse("an object is there twice", dn)
        made[dn] = _revived(item, dn, values, made)
    return made


def kept(item: ClassSchema, values: Mapping[str, str]) -> dict[str, str]:
    """What an object keeps of its properties: those that are not the defaults, and its names."""
    properties, naming = item.properties, item.rn.naming
    return {
        prop: value for prop, value in values.items() if prop in naming or value != properties[prop].default
    }


def _revived(item: ClassSchema, dn: str, values: Mapping[str, str], made: Mapping[str, Mo]) -> Mo:
    above = names.parent_of(dn, item.rn.parts)
    parent = made.get(above)
    if parent is None and item.parents:
        _refuse(f"its parent {above} does not stand before it" if above else "it needs a parent", dn)
    if parent is not None and not item.contains(parent.schema):
        _refuse(f"{item.name} cannot stand below {parent.schema.name}", dn)
    _check_values(item, dn, values)
    rn = dn if parent is None else dn[len(parent.dn) + 1 :]
    naming = item.rn.read(rn)
    if naming is None or any(values.get(prop) != value for prop, value in naming.items()):
        _refuse(f"{item.name} is not named so", dn)
    return Mo(item, dn, rn, kept(item, values), parent)


def _check_values(item: ClassSchema, dn: str, values: Mapping[str, str]) -> None:
    for prop, value in values.items():
        known = item.properties.get(prop)
        if known is None:
            _refuse(f"{item.name} has no {prop}", dn)
        try:
            fits = value == known.default or known.normalise(value) == value
        except ValueError:
            fits = False
        if not fits:
            _refuse(f"{prop} of {item.name} cannot be '{value}'", dn)


def _refuse(problem: str, dn: str) -> NoReturn:
    raise SimulatorError(f"The state cannot be put back: {problem} ({dn}).")
