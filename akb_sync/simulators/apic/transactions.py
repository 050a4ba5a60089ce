"""One POST is one transaction: all of it happens, or none of it.

Operations are applied to the tree as they come, each with its way back. When one is refused, the ways
back are taken in reverse and nobody has seen anything. What remains is a list of changes, at most one for
each object, from which events and answers are made.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from akb_sync.simulators.apic import errors, rules
from akb_sync.simulators.apic.documents import Intent, Operation
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.schema import ClassSchema, Schema
from akb_sync.simulators.apic.tree import Mo, Tree


class Kind(StrEnum):
    """What happened to an object, in the words of its `status` attribute."""

    CREATED = "created"
    MODIFIED = "modified"
    DELETED = "deleted"


@dataclass(slots=True)
class Change:
    """What a transaction did to one object.

    Attributes:
        changed: the new values of a modified one.
        before: the values that they had.
    """

    kind: Kind
    mo: Mo
    changed: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes.

    Attributes:
        uid, userdom: end up in the objects that are created.
        session: id of the session, for the audit log; a signed request has none.
    """

    name: str = "system"
    uid: str = "0"
    userdom: str = "all"
    session: str = ""


SYSTEM = Author()


class Transaction:
    """Applies operations to the tree; use one object for one transaction.

    Args:
        schema: the classes.
        tree: what is changed.
        author: whose `uid` new objects bear.
        stamp: the `modTs` of every object that changes.
    """

    def __init__(self, schema: Schema, tree: Tree, author: Author, stamp: str) -> None:
        self._schema = schema
        self._tree = tree
        self._author = author
        self._stamp = stamp
        self._undo: list[Callable[[], None]] = []
        self._changes: dict[int, Change] = {}

    def run(self, operations: Iterable[Operation]) -> list[Change]:
        """Apply all operations, or none; raises ApicError."""
        try:
            for operation in operations:
                self._apply(operation)
            for change in self._changes.values():
                if change.kind is not Kind.DELETED:
                    rules.check(change.mo, self._tree)
        except ApicError:
            self.roll_back()
            raise
        return self.changes()

    def changes(self) -> list[Change]:
        """What has changed so far."""
        return list(self._changes.values())

    def roll_back(self) -> None:
        """Take everything back."""
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        self._changes.clear()

    def create(
        self,
        item: ClassSchema,
        parent: Mo | None,
        dn: str,
        given: dict[str, str],
        author: Author | None = None,
    ) -> Mo:
        """Make an object, and the children that the APIC makes with it."""
        author = author or self._author
        properties = item.properties
        values = {prop: value for prop, value in given.items() if value != properties[prop].default}
        for prop in item.rn.naming:
            values[prop] = given[prop]
        if not item.record:  # records are never modified, and say so
            values["modTs"] = self._stamp
        if author.uid != properties["uid"].default:
            values["uid"] = author.uid
        if "userdom" in properties and author.userdom != properties["userdom"].default:
            values.setdefault("userdom", author.userdom)
        rn = dn if parent is None else dn[len(parent.dn) + 1 :]
        mo = Mo(item, dn, rn, values, parent)
        self._tree.attach(mo)
        self._undo.append(partial(self._tree.detach, mo))
        self._changes[id(mo)] = Change(Kind.CREATED, mo)
        for name in item.implies:
            implied = self._schema[name]
            self.create(implied, mo, f"{dn}/{implied.rn.template}", {}, SYSTEM)
        return mo

    def assign(self, mo: Mo, given: dict[str, str]) -> bool:
        """Give properties new values; False when they all have them already."""
        changed = {prop: value for prop, value in given.items() if mo.get(prop) != value}
        if not changed:
            return False
        before = {prop: mo.get(prop) for prop in changed}
        self._undo.append(partial(_restore, mo, dict(mo.values)))
        for prop, value in changed.items():
            if value == mo.schema.properties[prop].default and prop not in mo.schema.rn.naming:
                mo.values.pop(prop, None)
            else:
                mo.values[prop] = value
        if not mo.schema.record:
            mo.values["modTs"] = self._stamp
        earlier = self._changes.get(id(mo))
        if earlier is None:
            self._changes[id(mo)] = Change(Kind.MODIFIED, mo, changed, before)
        else:
            earlier.changed.update(changed)
            earlier.before = before | earlier.before
        return True

    def delete(self, mo: Mo) -> None:
        """Remove an object and everything below it: one change for each of them."""
        gone = list(mo.subtree())
        self._tree.detach(mo)
        self._undo.append(partial(self._tree.attach, mo))
        for each in gone:
            earlier = self._changes.pop(id(each), None)
            if earlier is None or earlier.kind is not Kind.CREATED:
                self._changes[id(each)] = Change(Kind.DELETED, each)

    def _apply(self, operation: Operation) -> None:
        mo = self._tree.get(operation.dn)
        if operation.intent is Intent.DELETE:
            self._remove(mo)
        elif mo is not None:
            self._merge(operation, mo)
        else:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        if operation.intent is Intent.MODIFY:
            raise errors.not_found(operation.dn)
        parent = self._tree.get(operation.parent_dn)
        if parent is None:
            raise errors.not_found(operation.parent_dn)
        self.create(operation.schema, parent, operation.dn, operation.given)

    def _merge(self, operation: Operation, mo: Mo) -> None:
        strict = operation.schema.strict_status and operation.blank_in_status
        if operation.intent is Intent.CREATE or strict:
            raise errors.already_exists(operation.schema.label, operation.schema.name, operation.dn)
        self.assign(mo, operation.given)

    def _remove(self, mo: Mo | None) -> None:
        if mo is None:
            return
        if mo.parent is None or rules.permanent(mo):
            raise errors.not_deletable(mo.dn)
        if mo.schema.name in mo.parent.schema.implies:
            # An implicit object cannot go; "deleting" it resets what was written into it.
            self.assign(mo, rules.reset_values(mo))
        else:
            self.delete(mo)


def _restore(mo: Mo, values: dict[str, str]) -> None:
    mo.values = values
