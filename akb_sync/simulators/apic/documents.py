"""From a posted document to a flat list of operations, checked as far as that goes without the tree.

The URL may name the object itself or its parent; inside the body an object is identified by `dn`, else
`rn`, else its naming properties (Cisco APIC REST API Configuration Guide; recorded requests).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from akb_sync.simulators.apic import errors, names
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.schema import ClassSchema, Schema
from akb_sync.simulators.apic.values import AddressError, PatternError, UnknownValueError

IDENTITY = frozenset({"dn", "rn", "status", "childAction"})
STATUS_WORDS = frozenset({"created", "modified", "deleted"})


class Intent(Enum):
    """What `status` asks for; the model's enumeration has created, modified and deleted only."""

    UPSERT = "created,modified"
    CREATE = "created"
    MODIFY = "modified"
    DELETE = "deleted"


@dataclass(frozen=True, slots=True)
class Operation:
    """One object of a request.

    Attributes:
        parent_dn: where it belongs; empty for `uni`.
        given: the properties that the client named, normalised; naming properties included.
        blank_in_status: the client wrote `"created, modified"`, which some classes take badly.
    """

    schema: ClassSchema
    dn: str
    rn: str
    parent_dn: str
    intent: Intent
    given: dict[str, str]
    blank_in_status: bool = False


def operations(schema: Schema, url_dn: str, document: Any) -> list[Operation]:
    """The operations of a POST to a dn (empty when the body alone says where it goes), parents first."""
    return [operation for root in _roots(document) for operation in Reader(schema).read_root(url_dn, root)]


def deletion(schema: Schema, dn: str) -> Operation:
    """The operation of a DELETE."""
    found = list(schema.walk(dn))
    if not found:
        raise errors.wrong_rn(dn, "", 0)
    item, rn = found[-1]
    parent_dn = dn.removesuffix(rn).removesuffix("/")
    return Reader(schema).operation(item, parent_dn, rn, {"status": "deleted"})


def _roots(document: Any) -> list[Any]:
    if isinstance(document, dict) and "imdata" in document:
        wrapped = document["imdata"]
        if not isinstance(wrapped, list):
            raise errors.malformed()
        return wrapped
    return [document]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads objects of a body against the schema."""

    schema: Schema

    def read_root(self, url_dn: str, root: Any) -> Iterator[Operation]:
        """The operations of one root object and what is nested in it."""
        item, attributes, children = self._element(root)
        parent_dn, rn = self._place(item, url_dn, attributes)
        yield from self._subtree(item, parent_dn, rn, attributes, children)

    def operation(self, item: ClassSchema, parent_dn: str, rn: str, attributes: dict[str, str]) -> Operation:
        """One object's operation; its naming values come from the rn, and must agree with the attributes."""
        status = attributes.get("status", "")
        intent = _intent(status, item)
        naming = item.rn.read(rn)
        dn = f"{parent_dn}/{rn}" if parent_dn else rn
        if naming is None:
            raise errors.invalid_dn(dn, item.name)
        given = {prop: value for prop, value in attributes.items() if prop not in IDENTITY}
        self._check_names(item, dn, naming, given)
        if not item.writable and (given or intent not in {Intent.UPSERT, Intent.MODIFY}):
            raise ApicError("400", "Invalid access")
        given.update(naming)
        checked = {prop: self._value(item, prop, value, dn) for prop, value in given.items()}
        rn = item.rn.build(checked)
        return Operation(
            schema=item,
            dn=f"{parent_dn}/{rn}" if parent_dn else rn,
            rn=rn,
            parent_dn=parent_dn,
            intent=intent,
            given=checked,
            blank_in_status=" " in status,
        )

    def _check_names(self, item: ClassSchema, dn: str, naming: dict[str, str], given: dict[str, str]) -> None:
        """Refuse another name than the dn's; another way to write the same value is fine."""
        for prop, value in naming.items():
            other = given.get(prop, value)
            if other != value and self._value(item, prop, other, dn) != self._value(item, prop, value, dn):
                raise errors.renamed(item.name, prop)

    def _subtree(
        self, item: ClassSchema, parent_dn: str, rn: str, attributes: dict[str, str], children: list[Any]
    ) -> Iterator[Operation]:
        operation = self.operation(item, parent_dn, rn, attributes)
        yield operation
        if operation.intent is Intent.DELETE:
            return
        for child in children:
            kind, values, below = self._element(child)
            child_rn = self._child_rn(kind, operation.dn, values)
            if not kind.contains(item):
                raise errors.wrong_child(child_rn, operation.dn)
            yield from self._subtree(kind, operation.dn, child_rn, values, below)

    def _element(self, element: Any) -> tuple[ClassSchema, dict[str, str], list[Any]]:
        if not isinstance(element, dict) or not element:
            raise errors.malformed()
        name, *others = element
        item = self.schema.find(name)
        if item is None:
            raise ApicError("122", f"unknown managed object class {name}")
        if others:
            raise ApicError("122", f"class {others[0]} not found")
        body = element[name]
        if not isinstance(body, dict) or next(iter(body), None) != "attributes":
            raise errors.attributes_missing()
        if unknown := [key for key in body if key not in {"attributes", "children"}]:
            raise errors.malformed(f"unexpected tag '{unknown[0]}' at line: 1")
        children = body.get("children", [])
        if not isinstance(body["attributes"], dict) or not isinstance(children, list):
            raise errors.malformed()
        return item, {prop: _text(value) for prop, value in body["attributes"].items()}, children

    def _place(self, item: ClassSchema, url_dn: str, attributes: dict[str, str]) -> tuple[str, str]:
        """(parent dn, rn) of a root object: the URL is its own dn, its parent's, or empty."""
        dn = attributes.get("dn", "")
        if url_dn:
            there = self.schema.class_of(url_dn)
            if there is item and dn in {"", url_dn}:
                dn = url_dn
            elif not item.contains(there):
                raise errors.invalid_dn(dn or url_dn, item.name)
            elif not dn:
                return url_dn, self._named_rn(item, url_dn, attributes)
            elif names.parent_of(dn) != url_dn:
                raise errors.invalid_dn(dn, item.name)
        elif not dn:
            dn = item.rn.template if not item.rn.naming and not item.parents else ""
        if not dn or self.schema.class_of(dn) is not item:
            raise errors.invalid_dn(dn, item.name)
        parent_dn = names.parent_of(dn)
        return parent_dn, dn[len(parent_dn) :].lstrip("/")

    def _child_rn(self, item: ClassSchema, parent_dn: str, attributes: dict[str, str]) -> str:
        dn = attributes.get("dn")
        if dn is None:
            return self._named_rn(item, parent_dn, attributes)
        if names.parent_of(dn) != parent_dn:
            raise errors.invalid_dn(dn, item.name)
        return dn[len(parent_dn) + 1 :]

    @staticmethod
    def _named_rn(item: ClassSchema, parent_dn: str, attributes: dict[str, str]) -> str:
        rn = attributes.get("rn")
        if rn:
            return rn
        try:
            rn = item.rn.build(attributes)
        except KeyError:
            rn = item.rn.build(dict.fromkeys(item.rn.naming, "") | attributes)
            raise ApicError("104", f"Invalid RN {rn}") from None
        if any(not attributes[prop] for prop in item.rn.naming):
            prop = next(prop for prop in item.rn.naming if not attributes[prop])
            raise errors.failed_validation(prop, f"{parent_dn}/{rn}", "")
        return rn

    @staticmethod
    def _value(item: ClassSchema, prop: str, value: str, dn: str) -> str:
        known = item.properties.get(prop)
        if known is None:
            raise errors.unknown_attribute(prop, item.name)
        if known.readonly:
            raise errors.read_only(item.name, prop)
        try:
            return known.normalise(value)
        except PatternError:
            raise errors.failed_validation(prop, dn, value) from None
        except UnknownValueError:
            raise errors.unknown_value(value, prop, item.name) from None
        except AddressError:
            if prop in item.rn.naming:
                raise errors.invalid_dn(dn, item.name) from None
            raise errors.unknown_value(value, prop, item.name) from None


def _intent(status: str, item: ClassSchema) -> Intent:
    words = {word.strip() for word in status.split(",")} - {""}
    if not words <= STATUS_WORDS:
        raise errors.unknown_value(status, "status", item.name)
    if "deleted" in words:
        return Intent.DELETE
    if len(words) == 1:
        return Intent.CREATE if "created" in words else Intent.MODIFY
    return Intent.UPSERT


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    raise errors.malformed()
