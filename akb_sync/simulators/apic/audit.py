"""The audit log: one `aaaModLR` for each accepted request, which people read to see who did what."""

import itertools
from collections import deque
from collections.abc import Sequence

from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.transactions import Author, Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Tree

KEPT = 10_000
FIRST_ID = 4_294_967_297
INDICATORS = {Kind.CREATED: "creation", Kind.MODIFIED: "modification", Kind.DELETED: "deletion"}


class Audit:
    """Writes records and drops the oldest ones."""

    def __init__(self, schema: Schema, tree: Tree) -> None:
        self._schema = schema["aaaModLR"]
        self._tree = tree
        self._ids = itertools.count(FIRST_ID)
        self._kept: deque[str] = deque()

    def record(self, transaction: Transaction, author: Author, changes: Sequence[Change]) -> None:
        """Note a request; its first change stands for it, the number of the others is told."""
        if not changes:
            return
        first = changes[0]
        identity = str(next(self._ids))
        dn = f"subj-[{first.mo.dn}]/mod-{identity}"
        others = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
        transaction.create(
            self._schema,
            None,
            dn,
            {
                "id": identity,
                "affected": first.mo.dn,
                "changeSet": ", ".join(f"{prop}:{value}" for prop, value in first.changed.items()),
                "code": "E4218210",
                "created": first.mo.get("modTs"),
                "descr": f"{first.mo.schema.label} {first.mo.rn} {first.kind}{others}",
                "ind": INDICATORS[first.kind],
                "txId": identity,
                "user": author.name,
            },
        )
        self._kept.append(dn)
        if len(self._kept) > KEPT:
            oldest = self._tree.get(self._kept.popleft())
            if oldest is not None:
                transaction.delete(oldest)
