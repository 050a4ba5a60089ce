"""The logs, which people read to see who did what, and when.

The audit log has an `aaaModLR` for each accepted request, the event log an `eventRecord` for what the fabric
did by itself. A real APIC writes an audit record for each object of a request; here one stands for all of
them, so that a batch of 500 is one line. Forms of descr and changeSet: recorded answers of real APICs.
"""

import itertools
import re
from collections import deque
from collections.abc import Sequence

from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.schema import ClassSchema, Schema
from akb_sync.simulators.apic.transactions import Author, Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree
from akb_sync.simulators.apic.values import whole

KEPT = 10_000
FIRST_ID = 4_294_967_297
FIRST_TRANSACTION = 576_460_752_303_423_489
INDICATORS = {Kind.CREATED: "creation", Kind.MODIFIED: "modification", Kind.DELETED: "deletion"}
CODES = {Kind.CREATED: "E4218210", Kind.MODIFIED: "E4218211", Kind.DELETED: "E4218212"}
UNTOLD = frozenset({"modTs", "uid", "userdom", "dn", "status", "childAction"})


class Audit:
    """Writes records and drops the oldest ones."""

    def __init__(self, schema: Schema, tree: Tree, clock: Clock) -> None:
        self._changes = schema["aaaModLR"]
        self._events = schema["eventRecord"]
        self._tree = tree
        self._clock = clock
        self._ids = itertools.count(FIRST_ID)
        self._transactions = itertools.count(FIRST_TRANSACTION)
        self._kept: deque[str] = deque()

    def record(self, transaction: Transaction, author: Author, changes: Sequence[Change]) -> None:
        """Note a request; its first change stands for it, the number of the others is told."""
        if not changes:
            return
        first = changes[0]
        others = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
        given = {
            "changeSet": _change_set(first),
            "code": CODES[first.kind],
            "descr": f"{_title(first.mo)} {first.kind}{others}",
            "ind": INDICATORS[first.kind],
            "sessionId": author.session,
            "txId": str(next(self._transactions)),
            "user": author.name,
        }
        self._write(transaction, self._changes, first.mo.dn, given)

    def event(self, transaction: Transaction, affected: str, code: str, cause: str, descr: str) -> None:
        """Note something that the fabric did by itself."""
        given = {"code": code, "cause": cause, "descr": descr, "txId": str(next(self._transactions))}
        self._write(transaction, self._events, affected, given)

    def resume(self) -> None:
        """Go on behind the highest numbers of the records that are there, after they were put back."""
        records = [mo for item in (self._changes, self._events) for mo in self._tree.of_class(item.name)]
        records.sort(key=lambda mo: whole(mo.get("id")))
        self._kept = deque(mo.dn for mo in records)
        highest = max((whole(mo.get("id")) for mo in records), default=0)
        self._ids = itertools.count(max(FIRST_ID, highest + 1))
        last = max((whole(mo.get("txId")) for mo in records), default=0)
        self._transactions = itertools.count(max(FIRST_TRANSACTION, last + 1))

    def _write(
        self, transaction: Transaction, item: ClassSchema, affected: str, given: dict[str, str]
    ) -> None:
        identity = str(next(self._ids))
        values = given | {"id": identity, "affected": affected, "created": self._clock.stamp()}
        dn = item.rn.build(values)
        transaction.create(item, None, dn, values)
        self._kept.append(dn)
        if len(self._kept) > KEPT:
            oldest = self._tree.get(self._kept.popleft())
            if oldest is not None:
                transaction.delete(oldest)


def _title(mo: Mo) -> str:
    """What descriptions call an object: its class without the package, and what names it: `AEPg web`."""
    name = re.sub(r"^[a-z0-9]+", "", mo.schema.name) or mo.schema.name
    return " ".join([name, *(mo.get(prop) for prop in mo.schema.rn.naming)])


def _change_set(change: Change) -> str:
    """The properties that a change set: `descr (Old: , New: web)`, without the old value in a new object."""
    properties = change.mo.schema.properties
    if change.kind is Kind.DELETED:
        return ""
    told = change.mo.values if change.kind is Kind.CREATED else change.changed
    shown = []
    for prop in sorted(told):
        if prop in UNTOLD or properties[prop].secret:
            continue
        old = "" if change.kind is Kind.CREATED else f"Old: {change.before.get(prop, '')}, "
        shown.append(f"{prop} ({old}New: {told[prop]})")
    return ", ".join(shown)
