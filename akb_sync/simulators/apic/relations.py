"""Relations: what an `Rs` object names, whether it is there, and the fault when it is not.

A named relation looks for its target below its own ancestors, the nearest first, then in tenant common
(Cisco APIC, resolution of named relations). Some of them mean tenant common's `default` when they name
nothing. Who waits for what is kept in an index, so that a target that comes or goes is cheap however many
relations there are.
"""

import re
from collections.abc import Iterator, Sequence

from akb_sync.simulators.apic.fault_book import FaultBook
from akb_sync.simulators.apic.schema import Relation, Schema
from akb_sync.simulators.apic.transactions import Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree

COMMON = "uni/tn-common"
DEFAULT = "default"

Wish = tuple[str, str]  # (class of the relation, what it names)


class Relations:
    """Keeps the read-back of every relation right while targets come and go."""

    def __init__(self, schema: Schema, tree: Tree, faults: FaultBook) -> None:
        self._schema = schema
        self._tree = tree
        self._faults = faults
        self._wishes: dict[str, Wish] = {}  # by dn of the relation
        self._waiting: dict[Wish, dict[str, Mo]] = {}  # relations by dn

    def settle(self, transaction: Transaction, changes: Sequence[Change]) -> None:
        """Resolve the relations that were written, and those whose target came or went."""
        touched: dict[str, Mo] = {}
        for change in changes:
            mo = change.mo
            if mo.schema.relation is not None:
                gone = change.kind is Kind.DELETED
                self._follow(mo, mo.schema.relation, gone=gone)
                if not gone:
                    touched[mo.dn] = mo
        for change in changes:
            if change.kind is not Kind.MODIFIED:
                touched.update((each.dn, each) for each in self._pointing_at(change.mo))
        for mo in touched.values():
            if mo.schema.relation is not None:
                self._resolve(transaction, mo, mo.schema.relation)

    def _follow(self, mo: Mo, relation: Relation, *, gone: bool) -> None:
        """Keep the index right."""
        old = self._wishes.get(mo.dn)
        name = _wanted(mo, relation)
        new = (mo.schema.name, name) if name and not gone else None
        if old is not None and (old != new or self._waiting[old][mo.dn] is not mo):
            del self._wishes[mo.dn], self._waiting[old][mo.dn]
            if not self._waiting[old]:
                del self._waiting[old]
            old = None
        if new is not None and old is None:
            self._wishes[mo.dn] = new
            self._waiting.setdefault(new, {})[mo.dn] = mo

    def _pointing_at(self, target: Mo) -> Iterator[Mo]:
        for source in self._schema.pointing_at(target.schema.name):
            relation = source.relation
            if relation is None:
                continue
            name = target.dn if relation.direct else target.get(target.schema.rn.naming[0])
            waiting = self._waiting.get((source.name, name), {}).values()
            yield from (mo for mo in waiting if relation.direct or _sees(mo, target))

    def _resolve(self, transaction: Transaction, mo: Mo, relation: Relation) -> None:
        name = _wanted(mo, relation)
        target = self._target(mo, relation, name) if name else None
        found = {"state": "unformed" if target is None else "formed"}
        if relation.direct:
            found["tCl"] = "" if target is None else target.schema.name
        else:
            found["tDn"] = "" if target is None else target.dn
            found["tRn"] = "" if target is None else target.rn
            by_default = target is not None and not mo.get(relation.by)
            found["stateQual"] = "default-target" if by_default else "none"
        transaction.assign(mo, found)
        if relation.fault is None:
            return
        if target is None and mo.get(relation.by):
            self._faults.raise_on(transaction, mo, relation.fault, self._missing(mo, relation, name))
        else:
            self._faults.clear_on(transaction, mo, relation.fault)

    def _target(self, mo: Mo, relation: Relation, name: str) -> Mo | None:
        if relation.direct:
            found = self._tree.get(name)
            return found if found is not None and found.schema.name in relation.targets else None
        schema = self._schema[relation.targets[0]]
        rn = schema.rn.build({schema.rn.naming[0]: name})
        if mo.get(relation.by):
            for above in mo.ancestors():
                found = above.children.get(rn)
                if found is not None and found.schema is schema:
                    return found
        return self._tree.get(f"{COMMON}/{rn}")

    def _missing(self, mo: Mo, relation: Relation, name: str) -> dict[str, str]:
        """The fault's words (recorded faults of relations by dn and by name)."""
        target = relation.targets[0]
        if relation.direct:
            which = f"{name} of class {target}"
        else:
            rn = self._schema[target].rn
            which = f"{rn.build({rn.naming[0]: name})} of class {target} in context"
        return {
            "cause": "resolution-failed",
            "changeSet": f"state:unformed, stateQual:none, {relation.by}:{name}",
            "descr": f"Failed to form relation to MO {which}",
            "rule": f"{_hyphens(mo.schema.name)}-resolve-fail",
            "subject": "relation-resolution",
            "domain": "tenant" if mo.dn.startswith("uni/tn-") else "infra",
        }


def _sees(mo: Mo, target: Mo) -> bool:
    """Whether a named relation may resolve to a target: it stands above it, or in tenant common."""
    above = "" if target.parent is None else target.parent.dn
    return above == COMMON or mo.dn.startswith(f"{above}/")


def _wanted(mo: Mo, relation: Relation) -> str:
    return mo.get(relation.by) or (DEFAULT if relation.fallback else "")


def _hyphens(name: str) -> str:
    """A class's name as rules spell it: `dbgacRsToEpg` is `dbgac-rs-to-epg`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
