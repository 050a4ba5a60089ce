"""Relations: what an `Rs` object names, whether it is there, and the fault when it is not.

A named relation looks for its target below its own ancestors, the nearest first, then in tenant common
(Cisco APIC, resolution of named relations).
"""

from collections.abc import Iterable, Iterator

from akb_sync.simulators.apic.schema import Relation, Schema
from akb_sync.simulators.apic.transactions import Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree

COMMON = "uni/tn-common"


class Relations:
    """Keeps the read-back of every relation right while targets come and go."""

    def __init__(self, schema: Schema, tree: Tree) -> None:
        self._schema = schema
        self._tree = tree

    def settle(self, transaction: Transaction, changes: Iterable[Change]) -> None:
        """Resolve the relations that were written, and those whose target came or went."""
        touched: dict[str, Mo] = {}
        for change in changes:
            mo = change.mo
            if change.kind is not Kind.DELETED and mo.schema.relation is not None:
                touched[mo.dn] = mo
            if change.kind is not Kind.MODIFIED:
                touched.update((each.dn, each) for each in self._pointing_at(mo))
        for mo in touched.values():
            if mo.schema.relation is not None:
                self._resolve(transaction, mo, mo.schema.relation)

    def _pointing_at(self, target: Mo) -> Iterator[Mo]:
        for source in self._schema.pointing_at(target.schema.name):
            relation = source.relation
            if relation is None:
                continue
            direct = relation.by == "tDn"
            wanted = target.dn if direct else target.get(target.schema.rn.naming[0])
            for mo in self._tree.of_class(source.name):
                if mo.get(relation.by) == wanted:
                    yield mo

    def _resolve(self, transaction: Transaction, mo: Mo, relation: Relation) -> None:
        name = mo.get(relation.by)
        target = self._target(mo, relation, name) if name else None
        found = {
            "state": "unformed" if target is None else "formed",
            "tCl": "" if target is None else relation.target,
        }
        if relation.by != "tDn":
            found |= {
                "tDn": "" if target is None else target.dn,
                "tRn": "" if target is None else target.rn,
            }
        transaction.assign(mo, found)
        if relation.fault is not None:
            self._fault(transaction, mo, relation, missing=bool(name) and target is None)

    def _target(self, mo: Mo, relation: Relation, name: str) -> Mo | None:
        if relation.by == "tDn":
            return self._tree.get(name)
        schema = self._schema[relation.target]
        rn = schema.rn.build({schema.rn.naming[0]: name})
        for above in mo.ancestors():
            found = above.children.get(rn)
            if found is not None and found.schema is schema:
                return found
        return self._tree.get(f"{COMMON}/{rn}")

    def _fault(self, transaction: Transaction, mo: Mo, relation: Relation, *, missing: bool) -> None:
        code = str(relation.fault)
        known = mo.children.get(f"fault-{code}")
        if missing and known is None:
            stamp = mo.get("modTs")
            values = {
                "code": code,
                "cause": "resolution-failed",
                "changeSet": "state:unformed",
                "created": stamp,
                "lastTransition": stamp,
                "descr": f"Failed to form relation to MO of class {relation.target}",
                "rule": f"{mo.schema.name}-resolve-fail",
                "severity": "warning",
                "subject": "relation-resolution",
            }
            transaction.create(self._schema["faultInst"], mo, f"{mo.dn}/fault-{code}", values)
        elif known is not None and not missing:
            transaction.delete(known)
